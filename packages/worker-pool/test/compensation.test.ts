import { type Action, defineAction, fail, HeddleError, ok } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import type { TaskInput } from '../src/protocol/input.ts';
import { settle } from './support/fake-clock.ts';
import type { SimThread } from './support/sim-pool.ts';
import { errorNow, outcomeNow, type SimRuntime, simAction, simRuntime } from './support/sim-runtime.ts';

const booking: Action<object> = defineAction({
  module: 'file:///simulated.js',
  name: 'booking',
  compensation: { enabled: true },
  defaults: { maxRetries: 0 },
  run: (_params: object): unknown => undefined,
  onError: () => undefined,
});

const declined = fail(new HeddleError('execution_error', 'declined', { retryable: false }));

/** The thread begins its next task, and `run` itself with it. */
function beginRun(sim: SimRuntime, thread: SimThread = sim.thread()): TaskInput {
  const task = sim.begin(thread);
  thread.lane.ran(task.slot, task.generation);
  return task;
}

describe('a compensation', () => {
  it('R-7 goes before what waits, whatever fills the queue, and is not who goes when it drops its oldest', async () => {
    const sim = simRuntime({ queue: { limit: 1, whenFull: 'drop-oldest' } });
    const ref = sim.runtime.start(booking, {});
    const first = await sim.openThreads();
    beginRun(sim);
    // Its thread is lost: the compensation waits for the next.
    await sim.end(first);
    expect([ref.status, sim.runtime.stats().queued]).toEqual(['compensating', 1]);
    const other = sim.runtime.start(simAction(), {});
    expect(await errorNow(other)).toMatchObject({ type: 'overloaded', message: expect.stringContaining('that have begun') });
    await sim.openThreads();
    sim.begin();
    await sim.finish(ok('refunded'));
    expect(await errorNow(ref)).toMatchObject({ details: { compensated: true, result: 'refunded' }, cause: { type: 'worker_lost' } });
  });

  it('R-7, E-8 that finds no thread ends with that', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(booking, {});
    await sim.openThreads();
    beginRun(sim);
    await sim.end();
    await sim.failToOpen();
    expect(await errorNow(ref)).toMatchObject({
      message: expect.stringMatching(/^Compensation crashed for: Action booking lost its thread/),
      details: { ending: 'crashed', compensated: false, failure: { type: 'worker_lost' } },
    });
  });

  it('E-7, R-7 whose only thread became a zombie ends as overloaded', async () => {
    const sim = simRuntime({ zombieLimit: 0, graceMs: 10 });
    const ref = sim.runtime.start(booking, {}, {}, { timeoutMs: 20 });
    await sim.openThreads();
    beginRun(sim);
    await sim.clock.advance(40);
    await sim.failToOpen();
    await sim.clock.advance(1100);
    expect(sim.runtime.stats().zombies).toBe(1);
    expect(await errorNow(ref)).toMatchObject({ type: 'compensation_error', details: { ending: 'crashed' }, cause: { type: 'timeout' } });
  });

  it('R-7 is tried again when its thread is lost, by its own count', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(booking, {});
    await sim.openThreads();
    beginRun(sim);
    await sim.finish(declined);
    for (const status of ['compensating', 'settled']) {
      if (sim.pool.alive.length === 0) await sim.openThreads();
      sim.begin();
      await sim.end();
      await sim.clock.advance(2000);
      expect(ref.status).toBe(status);
    }
    expect((await errorNow(ref)).details).toMatchObject({ ending: 'crashed' });
    expect(sim.runtime.stats()).toMatchObject({ failed: 1, completed: 0, retrying: 0, compensating: 0 });
  });

  it('R-7 runs for what failed before its retry could begin', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(booking, {}, {}, { maxRetries: 1, backoffMs: 5000, totalTimeoutMs: 6000 });
    await sim.openThreads();
    beginRun(sim);
    await sim.finish(fail(new HeddleError('execution_error', 'declined')));
    expect(ref.status).toBe('retrying');
    await sim.end();
    await sim.clock.advance(5000);
    expect(ref.status).toBe('queued');
    // No thread comes in time; the first attempt is undone all the same.
    await sim.clock.advance(1000);
    expect(ref.status).toBe('compensating');
    await sim.openThreads();
    sim.begin();
    await sim.finish(ok(1));
    expect(await errorNow(ref)).toMatchObject({ details: { compensated: true }, cause: { details: { clock: 'total' } } });
  });

  it('R-7 does not run for a cancel, wherever the task stood', async () => {
    const sim = simRuntime();
    const retrying = sim.runtime.start(booking, {}, {}, { maxRetries: 1 });
    await sim.openThreads();
    beginRun(sim);
    await sim.finish(fail(new HeddleError('execution_error', 'declined')));
    await sim.runtime.cancel(retrying);
    const running = sim.runtime.start(booking, {});
    await settle();
    beginRun(sim);
    void sim.runtime.cancel(running);
    await sim.finish(declined);
    expect([(await errorNow(retrying)).type, (await errorNow(running)).type]).toEqual(['cancelled', 'cancelled']);
    expect(sim.runtime.stats()).toMatchObject({ cancelled: 2, compensating: 0 });
  });

  it('R-7 is told as crashed where the params were moved to a thread that is gone', async () => {
    const sim = simRuntime();
    const bytes = new ArrayBuffer(8);
    const ref = sim.runtime.start(booking, { bytes }, {}, { transfer: [bytes] });
    await sim.openThreads();
    beginRun(sim);
    await sim.finish(declined);
    expect(await errorNow(ref)).toMatchObject({ details: { ending: 'crashed', failure: { type: 'uncloneable' } } });
  });

  it('R-7, R-1 runs for the items of a map as for any task', async () => {
    const sim = simRuntime();
    const items = sim.runtime.map(booking, [{}]);
    const next = items.next();
    await sim.openThreads();
    beginRun(sim);
    await sim.finish(declined);
    sim.begin();
    await sim.finish(ok(1));
    expect((await next).value).toMatchObject({ outcome: { ok: false, error: { type: 'compensation_error' } } });
  });

  it('E-12 is given the time a close has, and counts as one task', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(booking, {});
    await sim.openThreads();
    beginRun(sim);
    await sim.finish(declined);
    const closed = sim.runtime.close({ graceMs: 100 });
    await sim.clock.advance(50);
    expect(ref.status).toBe('compensating');
    sim.begin();
    await sim.finish(ok(1));
    expect((await outcomeNow(ref))?.ok).toBe(false);
    await closed;
    expect(sim.runtime.stats()).toMatchObject({ failed: 1, completed: 0 });
  });
});
