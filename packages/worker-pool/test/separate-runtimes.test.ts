import { describe, expect, it } from 'vitest';
import { settle } from './support/fake-clock.ts';
import { errorNow, outcomeNow, simAction, simRuntime } from './support/sim-runtime.ts';

const action = simAction();

describe('two runtimes in one process', () => {
  it('R-11 share no lanes, no queue and no metrics, whatever one of them goes through', async () => {
    const [busy, quiet] = [simRuntime({ name: 'busy', queue: { limit: 2 } }), simRuntime({ name: 'quiet', queue: { limit: 2 } })];
    const filled = [0, 1, 2].map(() => busy.runtime.start(action, {}));
    expect((await errorNow(filled[2] as never)).type).toBe('overloaded');
    const ref = quiet.runtime.start(action, {});
    await busy.openThreads();
    busy.begin();
    await busy.end();
    expect(quiet.runtime.stats()).toMatchObject({ name: 'quiet', queued: 1, running: 0, failed: 0, lanesLost: 0 });
    await quiet.openThreads();
    expect(await quiet.work()).toBe(1);
    expect((await outcomeNow(ref))?.ok).toBe(true);
    expect(busy.runtime.stats()).toMatchObject({ name: 'busy', completed: 0, failed: 1, lanesLost: 1 });
    expect(busy.pool.threads.some((thread) => quiet.pool.threads.includes(thread))).toBe(false);
  });

  it('R-11 each end alone: one that is closed throws at `start`, and no other serves in its place', async () => {
    const [first, second] = [simRuntime({ name: 'first' }), simRuntime({ name: 'second' })];
    const ref = second.runtime.start(action, {});
    await first.runtime.close();
    expect(() => first.runtime.start(action, {})).toThrow('Runtime first is closed');
    await settle();
    expect([ref.status, second.runtime.stats().queued]).toEqual(['queued', 1]);
    await second.openThreads();
    expect(await second.work()).toBe(1);
  });

  it('R-11 share no handles: an id of one means nothing to the other', async () => {
    const [first, second] = [simRuntime({ name: 'first' }), simRuntime({ name: 'second' })];
    const ref = first.runtime.start(action, {});
    expect(await second.runtime.cancel(ref.id)).toMatchObject({ ok: false });
    expect(ref.status).toBe('queued');
    expect(second.runtime.actions).not.toBe(first.runtime.actions);
  });
});
