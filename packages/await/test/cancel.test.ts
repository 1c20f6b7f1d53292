import { fail, type Handle, HeddleError, ok } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { alive, cancel, completion } from '../src/index.ts';
import { FakeClock } from './support/fake-clock.ts';
import { FakeTask } from './support/fake-task.ts';
import { NOT_TARGETS } from './support/not-targets.ts';

const task = (): FakeTask => new FakeTask('task-1', new FakeClock());

describe('cancel', () => {
  it('W-5 cancels through the handle, with a reason of its own unless given one', async () => {
    const first = task();
    expect(await cancel(first)).toEqual(ok(undefined));
    const second = task();
    expect(await cancel(second, { reason: 'too late' })).toEqual(ok(undefined));
    expect([first.cancels, second.cancels]).toEqual([['client_cancelled'], ['too late']]);
    expect(await completion(second)).toMatchObject({ ok: true, value: { status: 'failed', result: { type: 'cancelled' } } });
  });

  it('E-6 of a finished task is ok and leaves its result', async () => {
    const target = task();
    target.settle(ok(5));
    expect(await cancel(target)).toEqual(ok(undefined));
    expect(await completion(target)).toEqual(ok({ status: 'completed', result: 5 }));
  });

  it('W-5 hands on what the handle answers', async () => {
    const error = new HeddleError('not_owner', 'Only the owner may cancel');
    const foreign: Handle = { id: 'x', status: 'running', outcome: async () => ok(1), cancel: async () => fail(error) };
    expect(await cancel(foreign)).toEqual(fail(error));
  });

  it('W-5 never throws, whatever the handle does', async () => {
    const broken: Handle = { id: 'x', status: 'running', outcome: async () => ok(1), cancel: () => Promise.reject(new Error('broken')) };
    expect(await cancel(broken)).toMatchObject({ ok: false, error: { type: 'internal_error' } });
  });

  it.each(NOT_TARGETS)('W-3 answers %s with a typed error, never a throw', async (_what, make, type) => {
    expect(await cancel(make() as Handle)).toMatchObject({ ok: false, error: { type } }); // not one, on purpose
  });

  it.each([
    [null, 'expected an object, got null'],
    [{ reason: 5 }, '`reason` must be a string; got a number'],
    [{ graceMs: 5 }, '`graceMs` is not an option'],
  ])('R-3 names the option at fault: %j', async (options, fault) => {
    const target = task();
    const outcome = await Reflect.apply(cancel, undefined, [target, options]);
    expect(outcome).toMatchObject({ ok: false, error: { type: 'invalid_input', message: `Invalid options: ${fault}` } });
    expect(target.cancels).toEqual([]);
  });
});

describe('alive', () => {
  it('W-5 is true until the task has settled', () => {
    const target = task();
    expect(alive(target)).toBe(true);
    target.settle(fail('no'));
    expect(alive(target)).toBe(false);
  });

  it.each(NOT_TARGETS)('W-5 is false for %s', (_what, make) => {
    expect(alive(make() as Handle)).toBe(false); // not one, on purpose
  });
});
