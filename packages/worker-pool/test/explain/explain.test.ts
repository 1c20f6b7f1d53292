import { fail, HeddleError, ok } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { aFailure, simAction, simRuntime } from '../support/sim-runtime.ts';

const action = simAction();
const other = simAction('other');

describe('R-13 explain', () => {
  it('tells of a task that waits for a lane how many are before it, what runs meanwhile and since when it waits', async () => {
    const sim = simRuntime();
    const { runtime, clock } = sim;
    const first = runtime.start(action, {}, {}, { tag: 'first' });
    await sim.openThreads();
    sim.begin();
    const refs = [1, 2, 3].map(() => runtime.start(other, {}, {}, { queueTimeoutMs: 500, maxRetries: 2 }));
    await sim.deliverAll();
    await clock.advance(200);
    const explained = runtime.explain(refs[2]?.id ?? '');
    expect(explained).toMatchObject({
      ...{ kind: 'task', id: refs[2]?.id, action: 'other', tag: undefined, parent: undefined, children: [], attempts: 0, maxAttempts: 3 },
      ...{ state: 'queued', place: 'host', lane: undefined, ahead: 2, sinceMs: 200, since: clock.wall() - 200 },
      reason: '2 tasks are before it; 1 of 1 lane runs others',
      limits: [{ option: 'queueTimeoutMs', limitMs: 500, leftMs: 300 }],
      behind: [{ id: first.id, action: 'simulated', state: 'running', sinceMs: 200 }],
    });
    expect(runtime.explain(first)).toMatchObject({
      ...{ state: 'running', tag: 'first', lane: 1, attempts: 1, sinceMs: 200, reason: 'lane 1 runs it' },
      limits: [{ option: 'timeoutMs', limitMs: 5000, leftMs: 4800 }],
    });
  });

  it('says so when there is no lane yet, when none could be opened, and when one is being replaced', async () => {
    const sim = simRuntime({ graceMs: 0 });
    const { runtime } = sim;
    const ref = runtime.start(action, {}, {}, { maxRetries: 0 });
    const waiting = runtime.start(other, {});
    await sim.deliverAll();
    expect(runtime.explain(ref)?.reason).toBe('it is next; 1 lane is being opened');
    await sim.openThreads();
    sim.begin();
    void runtime.cancel(ref);
    await sim.clock.advance(1);
    expect(runtime.explain(waiting)?.reason).toBe('it is next; 1 lane is being opened; 1 lane is being replaced');
    expect(runtime.explain(ref)).toMatchObject({
      state: 'cancelling',
      lane: 1,
      error: { type: 'cancelled' },
      reason: 'lane 1 did not heed it within its grace, and its thread is being ended',
    });
    await sim.end();
  });

  it('tells of a task that was sent ahead what it stands behind on its lane', async () => {
    const sim = simRuntime({ threads: { max: 1, concurrency: 2 } });
    const { runtime } = sim;
    const refs = [1, 2].map(() => runtime.start(action, {}));
    await sim.openThreads();
    sim.begin();
    expect(runtime.explain(refs[1] ?? '')).toMatchObject({
      ...{ state: 'queued', place: 'lane', lane: 1, ahead: 0, attempts: 0 },
      reason: 'lane 1 runs `simulated`; it is next there',
      behind: [{ id: refs[0]?.id, action: 'simulated', state: 'running' }],
    });
    await sim.work();
  });

  it('tells which module is still loading, and how long it may', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { timeoutMs: 100 });
    await sim.openThreads();
    sim.beginLoading();
    expect(sim.runtime.explain(ref)).toMatchObject({ state: 'loading', lane: 1, module: 'file:///simulated.js' });
    // Its lane's watch has looked once.
    await sim.clock.advance(150);
    const explained = sim.runtime.explain(ref);
    expect(explained?.reason).toBe('lane 1 is still loading the module of `simulated`, file:///simulated.js');
    expect(explained?.limits).toMatchObject([{ option: 'loadTimeoutMs', leftMs: (explained?.limits[0]?.limitMs ?? 0) - 50 }]);
    expect(explained?.sinceMs).toBe(50);
  });

  it('tells of a task in its backoff the last error, and when it is tried again', async () => {
    const sim = simRuntime();
    const { runtime, clock } = sim;
    const ref = runtime.start(action, {}, {}, { backoffMs: 1000, jitter: false, totalTimeoutMs: 60_000 });
    await sim.openThreads();
    sim.begin();
    await sim.finish(aFailure);
    await clock.advance(250);
    expect(runtime.explain(ref)).toMatchObject({
      ...{ state: 'retrying', attempts: 1, maxAttempts: 2, lastError: { message: 'it failed' }, nextAt: clock.wall() + 750, sinceMs: 250 },
      reason: 'attempt 1 failed, and its backoff is not over: it failed',
      limits: [
        { option: 'backoffMs', limitMs: 1000, leftMs: 750 },
        { option: 'totalTimeoutMs', limitMs: 60_000, leftMs: 59_750 },
      ],
    });
    await clock.advance(750);
    sim.begin();
    expect(runtime.explain(ref)).toMatchObject({ state: 'running', attempts: 2 });
    await sim.finish(ok(1));
  });

  it('tells of a task that was asked to end what is left of its grace', async () => {
    const sim = simRuntime({ graceMs: 500 });
    const ref = sim.runtime.start(action, {}, {}, { maxRetries: 0 });
    await sim.openThreads();
    sim.begin();
    void sim.runtime.cancel(ref, 'too late');
    await sim.clock.advance(200);
    expect(sim.runtime.explain(ref)).toMatchObject({
      ...{ state: 'cancelling', lane: 1, sinceMs: 200, error: { type: 'cancelled', message: 'Action simulated was cancelled: too late' } },
      limits: [{ option: 'graceMs', limitMs: 500, leftMs: 300 }],
      reason: 'lane 1 was asked to end it; its thread is ended when the grace is over',
    });
    await sim.finish(fail(new HeddleError('cancelled', 'heeded')));
  });

  it('knows of an id what is open, of a ref also how it ended, and says what is neither', async () => {
    const sim = simRuntime();
    const { runtime } = sim;
    const ref = runtime.start(action, {});
    await sim.openThreads();
    sim.begin();
    await sim.finish(ok(7));
    expect([runtime.explain(ref.id), runtime.explain('nobody'), runtime.explain(`${ref.id}9`)]).toEqual([undefined, undefined, undefined]);
    expect(runtime.explain(ref)).toMatchObject({
      state: 'settled',
      outcome: { ok: true, value: 7 },
      reason: 'it has ended well',
      attempts: 1,
    });
    expect(() => runtime.explain({ id: ref.id } as never)).toThrow('Invalid async ref for `explain`');
  });

  it('tells of tasks of an instance, too', async () => {
    const sim = simRuntime();
    const instance = sim.runtime.instance('own', {});
    const ref = sim.runtime.start(action, {}, {}, { instance: 'own' });
    expect(sim.runtime.explain(ref.id)).toMatchObject({ id: ref.id, state: 'queued' });
    expect(instance.explain(ref.id)).toMatchObject({ state: 'queued' });
  });

  it('tells times of tasks that wait in one queue for long, each at least as short as it is', async () => {
    const sim = simRuntime();
    const { runtime, clock } = sim;
    runtime.start(action, {}, {}, { timeoutMs: Number.POSITIVE_INFINITY });
    await sim.openThreads();
    sim.begin();
    const refs = [];
    for (let round = 0; round < 3000; round++) {
      refs.push(runtime.start(other, {}));
      await sim.deliverAll();
      await clock.advance(1);
    }
    const times = refs.map((ref) => runtime.explain(ref)?.sinceMs ?? -1);
    expect(times.every((ms, index) => ms >= 0 && ms <= 3000 - index && ms >= 3000 - index - 16)).toBe(true);
    expect([...times].sort((a, b) => b - a)).toEqual(times);
  });
});
