import { ok } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { TaskRef } from '../src/task-ref.ts';
import { unreadable } from './support/hostile.ts';
import { outcomeNow, simAction, simRuntime } from './support/sim-runtime.ts';

const action = simAction();

const FORGED: readonly unknown[] = [
  'invalid',
  null,
  undefined,
  [],
  {},
  7,
  { id: 'sim-0', outcome: () => {}, cancel: () => {} },
  Object.create(TaskRef.prototype),
  unreadable(),
];

describe('a ref that is none', () => {
  it.each(FORGED.map((ref, index) => [index, ref] as const))(
    'E-2 E-6 is refused by await and cancel, as an outcome: %i',
    async (_, ref) => {
      const { runtime } = simRuntime();
      runtime.start(action, {});
      expect(await runtime.await(ref as never)).toMatchObject({ ok: false, error: { type: 'invalid_async_ref' } });
      expect(await runtime.cancel(ref as never)).toMatchObject({
        ok: false,
        error: { type: 'invalid_async_ref', message: 'Invalid async ref for cancellation' },
      });
      expect(runtime.stats().queued).toBe(1);
    },
  );

  it('E-2 a proxy of a real ref is no ref', async () => {
    const { runtime } = simRuntime();
    const ref = runtime.start(action, {});
    expect(await runtime.cancel(new Proxy(ref, {}))).toMatchObject({ error: { type: 'invalid_async_ref' } });
    expect(ref.status).toBe('queued');
  });
});

describe('the owner of a task', () => {
  it('E-5 is its runtime: another is refused, and the task goes on', async () => {
    const [mine, other] = [simRuntime({ name: 'mine' }), simRuntime({ name: 'other' })];
    const ref = mine.runtime.start(action, {});
    for (const refused of [await other.runtime.await(ref), await other.runtime.cancel(ref)])
      expect(refused).toMatchObject({
        ok: false,
        error: { type: 'not_owner', message: /^Only the owner .*: it belongs to runtime mine$/ },
      });
    await mine.openThreads();
    await mine.work();
    expect(await outcomeNow(ref)).toEqual({ ok: true, value: 'done' });
    expect([mine.runtime.stats().completed, other.runtime.stats().completed]).toEqual([1, 0]);
  });

  it('E-5 is acted for by the ref itself', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {});
    expect((await ref.cancel()).ok).toBe(true);
    expect(await ref.outcome()).toMatchObject({ error: { type: 'cancelled' } });
  });
});

describe('a task by its id', () => {
  it('E-6 is cancelled wherever it is: queued, running, waiting to be tried again', async () => {
    const sim = simRuntime();
    const [running, queued] = [sim.runtime.start(action, {}), sim.runtime.start(action, {})];
    await sim.openThreads();
    sim.begin();
    expect((await sim.runtime.cancel(queued.id)).ok).toBe(true);
    const cancelled = sim.runtime.cancel(running.id, 'by id');
    await sim.finish(ok(1));
    expect((await cancelled).ok).toBe(true);
    expect(await running.outcome()).toMatchObject({ error: { type: 'cancelled', details: { reason: 'by id' } } });
  });

  it('E-6 that has settled needs no cancelling', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {});
    await ref.cancel();
    expect((await sim.runtime.cancel(ref.id)).ok).toBe(true);
  });

  it.each(['sim-7', 'sim-', 'sim-x', 'sim-1e0', 'sim-0x0', 'sim- 0', 'sim-0.5', 'sim--0', 'sim-00'])(
    'E-6 that was never given out is not found: %s',
    async (id) => {
      const sim = simRuntime();
      const ref = sim.runtime.start(action, {});
      expect(await sim.runtime.cancel(id)).toMatchObject({ ok: false, error: { type: 'not_found', message: `No task has the id ${id}` } });
      expect(ref.status).toBe('queued');
    },
  );

  it('E-2 is unique', () => {
    const { runtime } = simRuntime();
    const ids = Array.from({ length: 1000 }, () => runtime.start(action, {}).id);
    expect(new Set(ids).size).toBe(1000);
  });
});
