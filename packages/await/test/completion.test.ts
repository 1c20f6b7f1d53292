import { fail, type Handle, HeddleError, isOutcome, ok, unwrap } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { completion } from '../src/index.ts';
import { FakeClock } from './support/fake-clock.ts';
import { FakeTask } from './support/fake-task.ts';
import { NOT_TARGETS } from './support/not-targets.ts';

const clock = new FakeClock();
const task = <V = unknown>(): FakeTask<V> => new FakeTask<V>('task-1', clock);

describe('completion', () => {
  it('W-2 gives the value of a task that ends well', async () => {
    const target = task<number>();
    const done = completion(target);
    target.settle(ok(5));
    expect(await done).toEqual(ok({ status: 'completed', result: 5 }));
    expect(isOutcome(await done)).toBe(true);
    expect(unwrap(await done).status).toBe('completed');
  });

  it('W-2 gives a failed task as a completion, its error as the result', async () => {
    const target = task();
    const error = new HeddleError('execution_error', 'no');
    const done = completion(target);
    target.settle(fail(error));
    expect(await done).toEqual(ok({ status: 'failed', result: error }));
  });

  it('W-2 answers at once when the task has already ended, even with no time to wait', async () => {
    const target = task();
    target.settle(ok('there'));
    expect(await completion(target, 0)).toEqual(ok({ status: 'completed', result: 'there' }));
  });

  it.each(['timeout', 'cancelled', 'worker_lost', 'closed'] as const)("W-2 tells a task's own %s from one of the wait", async (type) => {
    const target = task();
    const error = new HeddleError(type, 'the task itself');
    const done = completion(target);
    target.settle(fail(error));
    expect(await done).toEqual(ok({ status: 'failed', result: error }));
  });

  it('W-2 many waiters all get theirs', async () => {
    const target = task();
    const waits = Array.from({ length: 20 }, () => completion(target));
    target.settle(ok(1));
    expect(await Promise.all(waits)).toEqual(waits.map(() => ok({ status: 'completed', result: 1 })));
  });

  it('W-3 times out with the time waited, the status and a hint; the task goes on and nothing is left', async () => {
    const target = task();
    const done = completion(target, 250);
    clock.advance(250);
    const { error } = failureOf(await done);
    expect(error.type).toBe('timeout');
    expect(error.message).toBe(
      'Target task-1 (running) has not completed within 250ms; it goes on: wait again, raise `timeoutMs`, or cancel it',
    );
    expect(error.details).toEqual({
      target: 'task-1',
      status: 'running',
      timeoutMs: 250,
      waitedMs: expect.any(Number),
      hint: 'it goes on: wait again, raise `timeoutMs`, or cancel it',
    });
    expect(target.cancels).toEqual([]);
    expect({ waiting: target.waiting, timers: clock.pending }).toEqual({ waiting: 0, timers: 0 });
  });

  it('W-3 leaves the task to be waited for again', async () => {
    const target = task();
    const first = completion(target, 10);
    clock.advance(10);
    expect((await first).ok).toBe(false);
    const second = completion(target);
    target.settle(ok('late'));
    expect(await second).toEqual(ok({ status: 'completed', result: 'late' }));
  });

  it('W-3 a task that ends just as the wait gives up is a completion', async () => {
    const target = task();
    const done = completion(target, 10);
    clock.advance(10);
    target.settle(ok('just then'));
    expect(await done).toEqual(ok({ status: 'completed', result: 'just then' }));
  });

  it('W-3 times out at once with 0, and waits without a timer with Infinity', async () => {
    const target = task();
    expect(failureOf(await completion(target, 0)).error.type).toBe('timeout');
    const done = completion(target, Number.POSITIVE_INFINITY);
    expect(clock.pending).toBe(0);
    target.settle(ok(1));
    expect((await done).ok).toBe(true);
  });

  it('W-2 waits ten seconds unless told otherwise, and never has its timeout cancel the task', async () => {
    const target = task();
    const done = completion(target);
    expect(target.asked).toEqual([{ timeoutMs: 10_000, onTimeout: 'leave' }]);
    target.settle(ok(1));
    await done;
  });

  it('W-2 ends by its signal, before or during the wait; the task goes on', async () => {
    const target = task();
    expect(failureOf(await completion(target, 100, { signal: AbortSignal.abort() })).error.type).toBe('cancelled');
    const controller = new AbortController();
    const done = completion(target, 100, { signal: controller.signal });
    controller.abort();
    expect(failureOf(await done).error.type).toBe('cancelled');
    expect(target.status).toBe('running');
    expect({ waiting: target.waiting, timers: clock.pending }).toEqual({ waiting: 0, timers: 0 });
  });

  it.each(NOT_TARGETS)('W-3 answers %s with a typed error, never a throw', async (_what, make, type) => {
    expect(failureOf(await completion(make() as Handle)).error.type).toBe(type); // not one, on purpose
  });

  it('W-3 says what to pass instead of a promise', async () => {
    const notAHandle: unknown = Promise.resolve(1);
    const { error } = failureOf(await completion(notAHandle as Handle)); // the slip of passing what `run` gave
    expect(error.message).toBe('Invalid target: expected the handle that `runtime.start` gave, got a promise');
  });

  it.each([
    [[-1], '`timeoutMs` must be a number of milliseconds ≥ 0, or Infinity; got -1'],
    [[Number.NaN], '`timeoutMs` must be a number of milliseconds ≥ 0, or Infinity; got NaN'],
    [[{ signal: undefined }], '`timeoutMs` must be a number of milliseconds ≥ 0, or Infinity; got an object'],
    [[10, null], 'expected an object, got null'],
    [[10, { signal: 'x', after: 1 }], '`after` is not an option; `signal` must be an AbortSignal; got a string'],
  ])('R-3 names every option at fault: %j', async (rest, faults) => {
    const { error } = failureOf(await Reflect.apply(completion, undefined, [task(), ...rest]));
    expect(error.type).toBe('invalid_input');
    expect(error.message).toBe(`Invalid options: ${faults}`);
  });

  it('W-3 hands on what a handle says of itself, such as that another owns the task', async () => {
    const target = task();
    const error = new HeddleError('not_owner', 'Only the owner may wait');
    const foreign: Handle = { id: 'x', status: 'running', outcome: async () => fail(error), cancel: async () => ok(1) };
    expect(failureOf(await completion(foreign)).error).toBe(error);
    expect(target.waiting).toBe(0);
  });

  it('W-3 never throws, whatever a handle does', async () => {
    const cause = new Error('broken');
    const broken: Handle = {
      id: 'x',
      status: 'running',
      outcome: () => {
        throw cause;
      },
      cancel: async () => ok(1),
    };
    const { error } = failureOf(await completion(broken));
    expect(error.type).toBe('internal_error');
    expect(error.cause).toBe(cause);
  });
});

function failureOf(outcome: Awaited<ReturnType<typeof completion>>): { error: HeddleError } {
  if (outcome.ok) throw new Error('expected a failure');
  return outcome;
}
