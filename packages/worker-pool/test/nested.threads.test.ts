import type { HeddleError, Outcome } from '@heddle/core';
import { describe, expect, expectTypeOf, it } from 'vitest';
import * as nested from './fixtures/nested.ts';
import { add } from './fixtures/plain.ts';
import { openRuntime, until } from './support/threads.ts';

function errorOf(outcome: Outcome): HeddleError {
  if (outcome.ok) throw new Error('expected a failure');
  return outcome.error;
}

describe('nested work', () => {
  it('A-9 a pool of one manages a chain of ten, and of a hundred', async () => {
    const { runtime } = openRuntime();
    const ten = await runtime.run(nested.countDown, { n: 10 });
    if (!ten.ok) throw ten.error;
    expectTypeOf(ten.value).toEqualTypeOf<{ ids: string[] }>();
    expect(ten.value.ids.length).toBe(11);
    expect(ten.value.ids[2]).toBe(`${ten.value.ids[0]}/1/1`);
    expect(await runtime.run(nested.countDown, { n: 100 })).toMatchObject({ ok: true });
    expect(runtime.stats()).toMatchObject({ queued: 0, running: 0, completed: 112, lanesLost: 0 });
  });

  it('A-9 an action that runs itself without end is found out', async () => {
    const { runtime } = openRuntime();
    const error = errorOf(await runtime.run(nested.countDown, { n: 100_000 }, {}, { maxRetries: 0 }));
    expect(error.message).toContain('256 tasks'.replace('256', '257'));
    expect(runtime.stats()).toMatchObject({ queued: 0, running: 0 });
  });

  it('A-9 hundreds of parents that wait for several children each do not fill a pool of two', async () => {
    const { runtime } = openRuntime({ threads: { max: 2 } });
    const outcomes = await Promise.all(
      Array.from({ length: 500 }, (_, n) => runtime.run(nested.sumOfSquares, { numbers: [n, n + 1, n + 2] })),
    );
    expect(outcomes.map((outcome) => outcome.ok && outcome.value)).toEqual(
      Array.from({ length: 500 }, (_, n) => n ** 2 + (n + 1) ** 2 + (n + 2) ** 2),
    );
  });

  it('A-9 a parent that waits leaves its lane to others', async () => {
    const { runtime, records } = openRuntime();
    const parent = runtime.start(nested.waitsForListener);
    await until(() => records.length === 1);
    // One lane, with the parent and its child on it: the child holds its place, so this waits.
    const other = runtime.start(add, { a: 1 });
    await runtime.cancel(`${parent.id}/1`);
    expect(await other.outcome()).toMatchObject({ ok: true, value: 11 });
    expect(await parent.outcome()).toMatchObject({ ok: true, value: { ok: false, type: 'cancelled' } });
  });

  it('A-5 a child gives its outcome whole, its directive too', async () => {
    const { runtime } = openRuntime();
    expect(await runtime.run(nested.runsNamed, { name: 'square', params: { n: 3 } })).toMatchObject({
      ok: true,
      value: { ok: true, value: { n: 9 }, directive: 'squared' },
    });
    expect(await runtime.run(nested.runsNamed, { name: 'fails', options: { maxRetries: 0 } })).toMatchObject({
      ok: true,
      value: { ok: false, type: 'execution_error', message: 'lost', directive: 'told' },
    });
  });

  it('R-6 a child is tried again by the policy of its own action, which the host looks up', async () => {
    const { runtime } = openRuntime();
    expect(await runtime.run(nested.runsNamed, { name: 'failsOnce' })).toMatchObject({ ok: true, value: { ok: true, value: 2 } });
  });

  it('R-5 a child has no more time than its parent has left, and none that is over begins', async () => {
    const { runtime } = openRuntime();
    const given = await runtime.run(nested.runsNamed, { name: 'seesContext' }, { user: 7 }, { timeoutMs: 60_000 });
    if (!given.ok) throw given.error;
    expect(given.value).toMatchObject({ ok: true, value: { context: { user: 7 } } });
    const { remainingMs } = (given.value as { value: { remainingMs: number } }).value;
    expect(remainingMs).toBeLessThanOrEqual(5000);
    const short = await runtime.run(nested.runsNamed, { name: 'seesContext', options: { timeoutMs: 600_000 } }, {}, { timeoutMs: 60_000 });
    expect((short as { value: { value: { remainingMs: number } } }).value.value.remainingMs).toBeLessThanOrEqual(60_000);
    const over = await runtime.run(nested.runsNamed, { name: 'square', params: { n: 1 }, options: { deadline: 1 } });
    expect(over).toMatchObject({ ok: true, value: { ok: false, type: 'timeout' } });
  });

  it('R-5, E-7 a parent that runs out of time takes its children with it, those in a loop too', async () => {
    const { runtime, records } = openRuntime({ threads: { max: 2 }, graceMs: 20 });
    const outcome = await runtime.run(nested.runsNamed, { name: 'spins' }, {}, { timeoutMs: 1500, maxRetries: 0 });
    expect(errorOf(outcome).type).toBe('timeout');
    expect(records.length).toBe(1);
    await until(() => runtime.stats().running === 0);
    expect(await runtime.run(add, { a: 1 })).toMatchObject({ ok: true, value: 11 });
  });

  it('E-6 a cancel of the parent reaches the child at once, and the parent hears of it', async () => {
    const { runtime, records } = openRuntime();
    const parent = runtime.start(nested.waitsForListener);
    await until(() => records.some(({ message }) => message === 'listening'));
    await parent.cancel('enough');
    expect(errorOf(await parent.outcome())).toMatchObject({ type: 'cancelled', message: 'Action waitsForListener was cancelled: enough' });
    expect(records.at(-1)).toMatchObject({ message: 'told', fields: { child: { type: 'cancelled' } } });
    // The parent need not wait for its child, which has been asked as well.
    await until(() => runtime.stats().cancelled === 2);
    expect(runtime.stats()).toMatchObject({ running: 0, queued: 0 });
  });

  it('W-6 what a parent leaves behind is stopped, goes on, or goes on and is told of', async () => {
    const { runtime, events } = openRuntime({ threads: { max: 2 } });
    // The host knows the child's action from here on: each child is there before its parent has ended.
    await runtime.start(nested.listens).cancel();
    expect((await runtime.run(nested.leaves, {})).ok).toBe(true);
    await until(() => runtime.stats().cancelled === 2);
    expect((await runtime.run(nested.leaves, { policy: 'stop' })).ok).toBe(true);
    await until(() => runtime.stats().cancelled === 3);
    const left = await runtime.run(nested.leaves, { policy: 'continue' });
    expect(runtime.stats().running + runtime.stats().queued).toBe(1);
    expect(left).toMatchObject({ ok: true, value: expect.stringMatching(/\/left$/) });
    if (left.ok) expect(await runtime.cancel(left.value)).toMatchObject({ ok: true });
    const orphan = await runtime.run(nested.leaves, { policy: 'orphan' });
    expect(events).toMatchObject([{ kind: 'taskOrphaned', taskId: orphan.ok && orphan.value, action: 'listens' }]);
    if (orphan.ok) await runtime.cancel(orphan.value);
    expect(runtime.stats()).toMatchObject({ running: 0, queued: 0, cancelled: 5 });
  });

  it('W-6 a tag in use is refused, and free again once its child has ended', async () => {
    const { runtime } = openRuntime();
    const ref = runtime.start(nested.tags);
    expect(await ref.outcome()).toEqual({
      ok: true,
      value: [`${ref.id}/one`, 'one', `The tag one is in use: ${ref.id}/one has not ended`, `${ref.id}/one.2`],
    });
  });

  it('E-6 a parent may cancel its child, and knows when it has ended', async () => {
    const { runtime } = openRuntime();
    expect(await runtime.run(nested.cancels)).toMatchObject({
      ok: true,
      value: [{ ok: true }, { ok: false, type: 'cancelled', message: 'Action listens was cancelled: changed my mind' }, true],
    });
  });

  it('R-1, A-8 faults of the action and its input are outcomes; those of options throw in the action', async () => {
    const { runtime } = openRuntime();
    const run = async (given: { name: string; params?: unknown; options?: object }): Promise<unknown> => {
      const outcome = await runtime.run(nested.runsNamed, given);
      return outcome.ok ? outcome.value : outcome.error;
    };
    expect(await run({ name: 'closure' })).toMatchObject({ ok: false, type: 'invalid_action' });
    expect(await run({ name: 'square', params: [1] })).toMatchObject({ ok: false, type: 'invalid_input' });
    expect(await run({ name: 'square', params: { n: 1 }, options: { timeoutMs: -1 } })).toEqual({
      thrown: expect.stringContaining('`timeoutMs`'),
    });
    expect(await run({ name: 'square', params: { n: 1 }, options: { isolate: true } })).toEqual({
      thrown: expect.stringContaining('`isolate`'),
    });
  });

  it('E-8 a context is of no use after its attempt', async () => {
    const { runtime } = openRuntime();
    await runtime.run(nested.keepsContext);
    expect(await runtime.run(nested.keepsContext)).toMatchObject({ ok: true, value: expect.stringContaining('has ended') });
  });

  it('E-10 a thread that ends takes the parents that wait on it along', async () => {
    const { runtime } = openRuntime({ graceMs: 10 });
    const outcome = await runtime.run(nested.runsNamed, { name: 'spins', options: { timeoutMs: 30 } }, {}, { maxRetries: 0 });
    expect(errorOf(outcome).type).toBe('worker_lost');
    expect(await runtime.run(add, { a: 1 })).toMatchObject({ ok: true, value: 11 });
  });
});

describe('isolated tasks', () => {
  it('R-3 run on a fresh thread, alone, which ends with them', async () => {
    const { runtime } = openRuntime();
    await runtime.run(add, { a: 1 });
    const before = runtime.stats().lanes[0]?.threadId;
    const one = runtime.start(add, { a: 2 }, {}, { isolate: true });
    const two = runtime.start(add, { a: 3 }, {}, { isolate: true });
    const beside = runtime.start(add, { a: 4 });
    expect([await one.outcome(), await two.outcome(), await beside.outcome()].map((outcome) => outcome.ok && outcome.value)).toEqual([
      12, 13, 14,
    ]);
    expect(new Set([before, one.threadId, two.threadId]).size).toBe(3);
    expect([one.threadId, two.threadId]).not.toContain(beside.threadId);
    expect(runtime.stats()).toMatchObject({ queued: 0, running: 0, lanesLost: 0 });
  });

  it('R-3 can be cancelled while they wait for their thread, and leave it to others', async () => {
    const { runtime } = openRuntime();
    await runtime.run(add, { a: 1 });
    const ref = runtime.start(add, { a: 2 }, {}, { isolate: true });
    await ref.cancel();
    expect(errorOf(await ref.outcome()).type).toBe('cancelled');
    expect(await runtime.run(add, { a: 1 })).toMatchObject({ ok: true });
  });
});
