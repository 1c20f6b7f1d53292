import { isHeddleError } from '@heddle/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uncloneableError } from '../../src/protocol/uncloneable.ts';
import { anyValue, revoked, unreadable, withThrowing } from '../support/hostile.ts';

const errorOf = (value: unknown): ReturnType<typeof uncloneableError> => uncloneableError('pay', 'params', value, new Error('cause'));

describe('the error of what does not clone', () => {
  it.each<[string, unknown, string]>([
    ['params', () => {}, 'a function'],
    ['params.callback', { callback: function done() {} }, 'the function `done`'],
    ['params.a.b.c', { a: { b: { c: Symbol('s') } } }, 'a symbol'],
    ['params[1].fn', [1, { fn() {} }], 'the function `fn`'],
    ['params["with space"]', { 'with space': () => {} }, 'the function `with space`'],
    ['params.get("key")', new Map([['key', () => {}]]), 'a function'],
    ['params.keys()[0]', new Map([[() => {}, 1]]), 'a function'],
    ['params.values()[1]', new Set([1, () => {}]), 'a function'],
    ['params.promise', { promise: Promise.resolve() }, 'a promise'],
    ['params.weak', { weak: new WeakMap() }, 'a WeakMap'],
    ['params.broken', withThrowing('broken'), 'a value that cannot be read'],
    ['params.proxy', { proxy: unreadable() }, 'a value that cannot be read'],
    ['params.gone', { gone: revoked() }, 'a value that cannot be read'],
    ['params.list', { list: revoked([]) }, 'a value that cannot be read'],
  ])('R-2 names the path %s', (path, value, kind) => {
    const error = errorOf(value);
    expect(error.message).toBe(
      `Action pay: \`${path}\` is ${error.message.split(' is ')[1]?.split(', which')[0]}, which cannot be cloned to another thread; pass plain data, or transfer what can be moved`,
    );
    expect(error.message).toContain(kind);
    expect(error).toMatchObject({ type: 'uncloneable', retryable: false, details: { action: 'pay', path } });
  });

  it('R-2 names the shortest path of several', () => {
    expect(errorOf({ deep: { deeper: { fn() {} } }, here: () => {} }).details['path']).toBe('params.here');
  });

  it('R-2 is not led round by a cycle', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    cycle['later'] = { fn: () => {} };
    expect(errorOf(cycle).details['path']).toBe('params.later.fn');
  });

  it('says what it can where nothing is found', () => {
    expect(errorOf({ fine: 1 })).toMatchObject({ message: /^Action pay: `params` cannot be cloned/, details: { path: 'params' } });
  });

  it('keeps the reason of the clone as its cause', () => {
    expect(errorOf(() => {}).cause).toMatchObject({ message: 'cause' });
  });

  it('A-6 never throws', () => {
    fc.assert(
      fc.property(anyValue, (make) => {
        expect(isHeddleError(errorOf(make()))).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
