import { getEventListeners } from 'node:events';
import { ok } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { settle } from './support/fake-clock.ts';
import { errorNow, outcomeNow, simAction, simRuntime } from './support/sim-runtime.ts';

const action = simAction();

describe('a full queue', () => {
  it('E-13 has no limit by default', () => {
    const sim = simRuntime();
    for (let count = 0; count < 5000; count++) sim.runtime.start(action, {});
    expect(sim.runtime.stats().queued).toBe(5000);
  });

  it('E-13 refuses what is too much: `overloaded`, and retryable', async () => {
    const sim = simRuntime({ queue: { limit: 2 } });
    const refs = [0, 1, 2, 3].map(() => sim.runtime.start(action, {}));
    const [first, second, third, fourth] = refs as never as [typeof sim.runtime extends never ? never : (typeof refs)[0], ...typeof refs];
    expect([first?.status, second?.status]).toEqual(['queued', 'queued']);
    for (const ref of [third, fourth])
      expect(await errorNow(ref as never)).toMatchObject({
        type: 'overloaded',
        retryable: true,
        message: /2 tasks wait \(`queue.limit`\)/,
      });
  });

  it('E-13 of no places still serves idle lanes', async () => {
    const sim = simRuntime({ queue: { limit: 0 } });
    await sim.openThreads();
    const [served, refused] = [sim.runtime.start(action, {}), sim.runtime.start(action, {})];
    expect((await errorNow(refused)).type).toBe('overloaded');
    await sim.work();
    expect((await outcomeNow(served))?.ok).toBe(true);
  });

  it('E-13 drops its oldest when told to', async () => {
    const sim = simRuntime({ queue: { limit: 2, whenFull: 'drop-oldest' } });
    const refs = [0, 1, 2].map(() => sim.runtime.start(action, {}));
    expect(await errorNow(refs[0] as never)).toMatchObject({ type: 'overloaded', message: /dropped as the oldest of 2 waiting tasks/ });
    expect(refs.slice(1).map(({ status }) => status)).toEqual(['queued', 'queued']);
    expect(sim.runtime.stats()).toMatchObject({ queued: 2, failed: 1 });
  });

  it('E-13 drops nothing where there is nothing to drop', async () => {
    const sim = simRuntime({ queue: { limit: 0, whenFull: 'drop-oldest' } });
    expect(await errorNow(sim.runtime.start(action, {}))).toMatchObject({ type: 'overloaded', message: /`queue.limit` is 0/ });
  });

  it('E-13 never counts a retry as too much', async () => {
    const sim = simRuntime({ queue: { limit: 1 } });
    const ref = sim.runtime.start(action, {}, {}, { backoffMs: 10 });
    const thread = await sim.openThreads();
    sim.begin();
    await sim.end(thread);
    const other = sim.runtime.start(action, {});
    await sim.clock.advance(10);
    expect([ref.status, other.status, sim.runtime.stats().queued]).toEqual(['queued', 'queued', 2]);
  });
});

describe('waiting for room', () => {
  const options = { queue: { limit: 1, whenFull: 'wait' as const } };

  it('E-13 makes `run` wait, and lets it in first come first', async () => {
    const sim = simRuntime(options);
    const runs = [0, 1, 2, 3].map((n) => sim.runtime.run(action, { n }));
    await sim.openThreads();
    const order: unknown[] = [];
    for (let count = 0; count < 4; count++) {
      const task = sim.begin();
      order.push(task.params);
      expect(sim.runtime.stats().queued).toBeLessThanOrEqual(1);
      await sim.finish(ok(task.params));
    }
    expect(order).toEqual([0, 1, 2, 3].map((n) => ({ n })));
    for (const run of runs) expect((await run).ok).toBe(true);
  });

  it('E-13 `start` does not wait: it is refused', async () => {
    const sim = simRuntime(options);
    const refs = [sim.runtime.start(action, {}), sim.runtime.start(action, {})];
    expect((await errorNow(refs[1] as never)).type).toBe('overloaded');
  });

  it('E-13 ends when a lane opens and takes what was queued, not only when a task ends', async () => {
    const sim = simRuntime({ ...options, threads: { max: 3 } });
    for (let count = 0; count < 3; count++) void sim.runtime.run(action, {});
    // Each lane takes the one that waits, which lets in the next, which asks for a lane of its own.
    for (let lanes = 0; lanes < 3; lanes++) await sim.openThreads();
    expect(sim.runtime.stats()).toMatchObject({ running: 3, queued: 0 });
    for (const thread of sim.pool.alive) await sim.work(thread);
  });

  it('E-13 ends when a queued task is cancelled', async () => {
    const sim = simRuntime(options);
    const first = sim.runtime.start(action, {});
    const second = sim.runtime.run(action, {});
    await settle();
    expect(sim.runtime.stats().queued).toBe(1);
    await first.cancel();
    await sim.openThreads();
    expect(await sim.work()).toBe(1);
    expect((await second).ok).toBe(true);
  });

  it('E-13 lets in the next when whoever came in takes no place after all', async () => {
    const sim = simRuntime(options);
    const first = sim.runtime.start(action, {});
    const refused = [sim.runtime.run(action, 5 as never), sim.runtime.run(action, {}, {}, { totalTimeoutMs: 0 })];
    const last = sim.runtime.run(action, {});
    await settle();
    await first.cancel();
    expect(await Promise.all(refused)).toMatchObject([{ error: { type: 'invalid_input' } }, { error: { type: 'timeout' } }]);
    await sim.openThreads();
    expect(await sim.work()).toBe(1);
    expect((await last).ok).toBe(true);
  });

  it('E-13 ends when a lane is lost or does not open, and another may be opened', async () => {
    const sim = simRuntime({ queue: { limit: 0, whenFull: 'wait' }, threads: { min: 0 } });
    const first = sim.runtime.start(action, {});
    const waits = [sim.runtime.run(action, {}), sim.runtime.run(action, {})];
    await settle();
    await first.cancel();
    await sim.failToOpen();
    await sim.openThreads();
    sim.begin();
    await sim.end();
    expect(sim.runtime.stats()).toMatchObject({ queued: 1, retrying: 1 });
    await sim.openThreads();
    await sim.work();
    await sim.clock.advance(1000);
    await sim.work();
    expect(await Promise.all(waits)).toMatchObject([{ ok: true }, { ok: true }]);
  });

  it('R-3 ends with the signal of the call, and leaves no listener', async () => {
    const sim = simRuntime(options);
    sim.runtime.start(action, {});
    const controller = new AbortController();
    const waits = Array.from({ length: 100 }, () => sim.runtime.run(action, {}, {}, { signal: controller.signal }));
    await settle();
    // One, however many wait: more would make Node warn of a leak.
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    controller.abort('given up');
    for (const wait of waits)
      expect(await wait).toMatchObject({ ok: false, error: { type: 'cancelled', details: { reason: 'given up' } } });
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  it('E-12 ends with `closed` when the runtime closes', async () => {
    const sim = simRuntime(options);
    sim.runtime.start(action, {});
    const rejected = expect(sim.runtime.run(action, {})).rejects.toMatchObject({ type: 'closed' });
    void sim.runtime.close({ graceMs: 0 });
    await rejected;
  });
});
