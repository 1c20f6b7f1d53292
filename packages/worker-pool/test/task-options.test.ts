import { defineAction, HeddleError } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { ActionTable } from '../src/action-table.ts';
import { DEFAULT_TASK_OPTIONS, parseTaskOptions } from '../src/task-options.ts';

const parse = (options: unknown) => parseTaskOptions(options, DEFAULT_TASK_OPTIONS);
const module = 'file:///options.js';

describe('the options of a call', () => {
  it('R-3 default to those of Jido', () => {
    expect(parse(undefined)).toBe(DEFAULT_TASK_OPTIONS);
    expect(DEFAULT_TASK_OPTIONS).toMatchObject({ timeoutMs: 5000, maxRetries: 1, backoffMs: 1000, priority: 0 });
  });

  it('R-3 that are there but undefined keep the default', () => {
    expect(parse({ timeoutMs: undefined, maxRetries: 3 })).toMatchObject({ timeoutMs: 5000, maxRetries: 3 });
  });

  it.each([0, 1, 2.5, Number.POSITIVE_INFINITY])('R-3 take %d milliseconds', (timeoutMs) => {
    expect(parse({ timeoutMs }).timeoutMs).toBe(timeoutMs);
  });

  it.each<[unknown, RegExp]>([
    [{ timeoutMs: -1 }, /`timeoutMs` must be a number of milliseconds ≥ 0, or Infinity; got -1/],
    [{ timeoutMs: Number.NaN }, /`timeoutMs`/],
    [{ timeoutMs: '5s' }, /`timeoutMs`.*got a string/],
    [{ maxRetries: 1.5 }, /`maxRetries` must be an integer ≥ 0, or Infinity; got 1.5/],
    [{ maxRetries: -1 }, /`maxRetries`/],
    [{ backoffMs: Number.NEGATIVE_INFINITY }, /`backoffMs`/],
    [{ retryIf: true }, /`retryIf` must be a function; got a boolean/],
    [{ onProgress: {} }, /`onProgress` must be a function/],
    [{ signal: {} }, /`signal` must be an AbortSignal; got an object/],
    [{ priority: Number.POSITIVE_INFINITY }, /`priority` must be a finite number/],
    [{ tag: 7 }, /`tag` must be a string/],
    [{ transfer: new ArrayBuffer(1) }, /`transfer` must be an array/],
    [{ timeout: 5 }, /`timeout` is not an option/],
    [null, /expected an object, got null/],
    [5000, /expected an object, got a number/],
  ])('R-3 are refused by name: %j', (options, message) => {
    expect(() => parse(options)).toThrow(message);
    expect(() => parse(options)).toThrow(HeddleError);
  });

  it('R-3 are refused with every fault at once', () => {
    expect(() => parse({ timeoutMs: -1, maxRetries: -1 })).toThrow(/`timeoutMs`.*`maxRetries`/);
  });
});

describe('whose options hold', () => {
  it('A-1 the call’s over the action’s over the runtime’s', () => {
    const table = new ActionTable({ timeoutMs: 1, maxRetries: 1, backoffMs: 1 });
    const action = defineAction({ module, name: 'mine', defaults: { timeoutMs: 2, maxRetries: 2 }, run: () => 1 });
    const { options } = table.entry(action);
    expect(parseTaskOptions({ timeoutMs: 3 }, options)).toMatchObject({ timeoutMs: 3, maxRetries: 2, backoffMs: 1, priority: 0 });
  });

  it('keeps one entry for each action', () => {
    const table = new ActionTable({});
    const action = defineAction({ module, name: 'mine', run: () => 1 });
    expect(table.entry(action)).toBe(table.entry(action));
    expect(table.entry(action)).not.toBe(table.entry(defineAction({ module, name: 'mine', run: () => 1 })));
  });
});
