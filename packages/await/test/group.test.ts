import { fail, type Handle, HeddleError, ok } from '@heddle/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { all, any, type GroupOutcome } from '../src/index.ts';
import { FakeClock } from './support/fake-clock.ts';
import { FakeTask } from './support/fake-task.ts';
import { NOT_TARGETS } from './support/not-targets.ts';

const clock = new FakeClock();
const tasks = (count: number): FakeTask[] => Array.from({ length: count }, (_, index) => new FakeTask(`task-${index}`, clock));
const trio = (): [FakeTask, FakeTask, FakeTask] => [new FakeTask('a', clock), new FakeTask('b', clock), new FakeTask('c', clock)];
const completed = (result: unknown) => ({ status: 'completed', result });

/** A handle whose wait ends in an error although its task has not ended. */
const refusing = (error: HeddleError): Handle => ({
  id: 'refusing',
  status: 'running',
  outcome: async () => fail(error),
  cancel: async () => ok(undefined),
});

function failureOf<T>(outcome: GroupOutcome<unknown, T>): { error: HeddleError; target?: T } {
  if (outcome.ok) throw new Error('expected a failure');
  return outcome;
}

afterEach(() => {
  expect(clock.pending).toBe(0);
});

describe('all', () => {
  it('W-4 gives a map from target to completion, failed ones included, in the order given', async () => {
    const [a, b, c] = trio();
    const done = all([a, b, c]);
    const error = new HeddleError('execution_error', 'no');
    c.settle(ok('c'));
    b.settle(fail(error));
    a.settle(ok('a'));
    const outcome = await done;
    expect(outcome.ok && [...outcome.value]).toEqual([
      [a, completed('a')],
      [b, { status: 'failed', result: error }],
      [c, completed('c')],
    ]);
  });

  it('W-4 of none is an empty map, at once', async () => {
    expect(await all([])).toEqual(ok(new Map()));
    expect(await all([], 0)).toEqual(ok(new Map()));
  });

  it('W-4 puts at most 64 waits on one signal, and gives all of them up together', async () => {
    const many = tasks(200);
    const stop = new AbortController();
    const done = all(many, 1000, { signal: stop.signal });
    const signals = many.map(({ asked }) => asked[0]?.signal);
    const shares = [...new Set(signals)].map((signal) => signals.filter((other) => other === signal).length);
    expect(shares).toEqual([64, 64, 64, 8]);
    stop.abort('enough');
    expect(failureOf(await done).error.type).toBe('cancelled');
    expect(signals.map((signal) => signal?.reason)).toEqual(many.map(() => 'enough'));
    expect(many.map(({ waiting }) => waiting)).toEqual(many.map(() => 0));
  });

  it('W-4 takes any iterable, and a target that comes twice once', async () => {
    const [a, b] = trio();
    a.settle(ok(1));
    b.settle(ok(2));
    const outcome = await all(new Set([a, b, a]).values());
    expect(outcome.ok && outcome.value.size).toBe(2);
    expect(a.asked).toHaveLength(1);
    await all([a, a]);
    expect(a.asked).toHaveLength(2);
  });

  it('W-4 shares one deadline: what is still open then is named, and goes on', async () => {
    const [a, b, c] = trio();
    const done = all([a, b, c], 100);
    clock.advance(60);
    a.settle(ok(1));
    clock.advance(40);
    const { error, target } = failureOf(await done);
    expect(target).toBeUndefined();
    expect(error.type).toBe('timeout');
    expect(error.message).toBe(
      '2 of 3 targets have not completed within 100ms: b (running), c (running); they go on: wait again, raise `timeoutMs`, or cancel them',
    );
    expect(error.details).toEqual({
      pending: [
        { target: 'b', status: 'running' },
        { target: 'c', status: 'running' },
      ],
      pendingCount: 2,
      timeoutMs: 100,
      waitedMs: expect.any(Number),
    });
    expect([b.status, c.status, b.waiting, c.waiting]).toEqual(['running', 'running', 0, 0]);
  });

  it('W-4 names at most ten of those that are open', async () => {
    const done = all(tasks(30), 1);
    clock.advance(1);
    const { details, message } = failureOf(await done).error;
    expect(details['pendingCount']).toBe(30);
    expect(details['pending']).toHaveLength(10);
    expect(message).toContain('task-9 (running), …');
  });

  it("W-4 a task's own timeout or cancel is a completion, not the end of the wait", async () => {
    const [a, b] = trio();
    const done = all([a, b]);
    const timeout = new HeddleError('timeout', 'of the task');
    a.settle(fail(timeout));
    await b.cancel('enough');
    const outcome = await done;
    expect(outcome.ok && outcome.value.get(a)).toEqual({ status: 'failed', result: timeout });
    expect(outcome.ok && outcome.value.get(b)).toMatchObject({ status: 'failed', result: { type: 'cancelled' } });
  });

  it('W-4 the first that cannot be waited for ends the wait at once; the others go on, without a waiter', async () => {
    const [a, b] = trio();
    const error = new HeddleError('not_owner', 'Only the owner may wait');
    const bad = refusing(error);
    const failure = failureOf(await all([a, bad, b]));
    expect(failure.target).toBe(bad);
    expect(failure.error).toBe(error);
    expect([a.status, a.waiting, b.waiting]).toEqual(['running', 0, 0]);
  });

  it('W-4 ends by its signal with no target to blame', async () => {
    const [a, b] = trio();
    const controller = new AbortController();
    const done = all([a, b], 100, { signal: controller.signal });
    controller.abort();
    const failure = failureOf(await done);
    expect(failure.error.type).toBe('cancelled');
    expect(failure.target).toBeUndefined();
    expect([a.status, a.waiting, b.waiting]).toEqual(['running', 0, 0]);
    expect(failureOf(await all([a], 100, { signal: AbortSignal.abort() })).error.type).toBe('cancelled');
  });

  it('E-8 a thousand targets warn of no leak, and leave no listener on the signal', async () => {
    const warn = vi.spyOn(process, 'emitWarning');
    const { signal } = new AbortController();
    const removed = vi.spyOn(signal, 'removeEventListener');
    const many = tasks(1000);
    const done = all(many, 100, { signal });
    for (const task of many) task.settle(ok(1));
    expect((await done).ok).toBe(true);
    expect(warn).not.toHaveBeenCalled();
    expect(removed).toHaveBeenCalledOnce();
    vi.restoreAllMocks();
  });
});

describe('any', () => {
  it('W-4 gives the first to complete; the losers run on, without a waiter', async () => {
    const [a, b, c] = trio();
    const done = any([a, b, c]);
    b.settle(ok('b'));
    a.settle(ok('a'));
    const outcome = await done;
    expect(outcome.ok && outcome.value.target).toBe(b);
    expect(outcome.ok && outcome.value.completion).toEqual(completed('b'));
    expect([c.status, c.waiting]).toEqual(['running', 0]);
  });

  it('W-4 a failed one wins as well', async () => {
    const [a, b] = trio();
    const done = any([a, b]);
    const error = new HeddleError('execution_error', 'no');
    b.settle(fail(error));
    expect(await done).toEqual(ok({ target: b, completion: { status: 'failed', result: error } }));
  });

  it('W-4 of those that have already completed the first in the list wins, failed or not, even with no time to wait', async () => {
    const [a, b, c] = trio();
    c.settle(ok('c'));
    b.settle(fail('b'));
    const outcome = await any([a, b, c], 0);
    expect(outcome.ok && outcome.value.target).toBe(b);
    expect(a.asked).toEqual([]);
  });

  it('W-4 of none times out at once, however long it may wait', async () => {
    const { error } = failureOf(await any([], Number.POSITIVE_INFINITY));
    expect(error.type).toBe('timeout');
    expect(error.message).toContain('no target to wait for');
    expect(error.details).toMatchObject({ pendingCount: 0, waitedMs: 0 });
  });

  it('W-4 a late loser never wins a later call', async () => {
    const [a, b, c] = trio();
    const first = any([a, b]);
    a.settle(ok('a'));
    await first;
    const second = any([c]);
    b.settle(ok('b'));
    c.settle(ok('c'));
    const outcome = await second;
    expect(outcome.ok && outcome.value.target).toBe(c);
  });

  it('W-4 times out when none completes, with one shared deadline', async () => {
    const [a, b] = trio();
    const done = any([a, b], 100);
    clock.advance(100);
    const { error, target } = failureOf(await done);
    expect(error.message).toContain('2 of 2 targets have not completed within 100ms: a (running), b (running)');
    expect(target).toBeUndefined();
    expect([a.cancels, b.cancels]).toEqual([[], []]);
  });

  it('W-4 one that cannot be waited for ends the wait when it comes first', async () => {
    const [a] = trio();
    const error = new HeddleError('not_owner', 'Only the owner may wait');
    const bad = refusing(error);
    const failure = failureOf(await any([a, bad]));
    expect(failure.target).toBe(bad);
    expect(failure.error).toBe(error);
    expect(a.waiting).toBe(0);
  });

  it('W-4 ends by its signal with no target to blame', async () => {
    const [a, b] = trio();
    const controller = new AbortController();
    const done = any([a, b], 100, { signal: controller.signal });
    controller.abort();
    const failure = failureOf(await done);
    expect([failure.error.type, failure.target]).toEqual(['cancelled', undefined]);
  });
});

describe.each([
  ['all', all],
  ['any', any],
])('%s', (_name, group) => {
  it.each(NOT_TARGETS)('W-3 answers %s among the targets with a typed error, before any wait begins', async (_what, make, type) => {
    const [a] = trio();
    const bad = make() as FakeTask; // not one, on purpose
    const failure = failureOf(await group([a, bad]));
    expect(failure.error.type).toBe(type);
    expect(failure.target).toBe(bad);
    expect(a.asked).toEqual([]);
  });

  it.each([[undefined], [null], [5], [{}]])('W-3 answers %j for the list of targets with a typed error', async (targets) => {
    const { error } = failureOf(await group(targets as never)); // no list, on purpose
    expect(error.type).toBe('invalid_input');
    expect(error.message).toBe('`targets` must be an iterable of handles');
  });

  it('R-3 names the option at fault', async () => {
    const { error } = failureOf(await group([], -5));
    expect(error.message).toBe('Invalid options: `timeoutMs` must be a number of milliseconds ≥ 0, or Infinity; got -5');
  });
});
