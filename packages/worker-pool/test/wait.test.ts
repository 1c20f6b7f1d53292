import { getEventListeners } from 'node:events';
import { HeddleError, ok } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { parseAwaitOptions } from '../src/wait.ts';
import { settle } from './support/fake-clock.ts';
import { aFailure, errorNow, outcomeNow, simAction, simRuntime } from './support/sim-runtime.ts';

const action = simAction();

describe('a wait', () => {
  it('E-4 gives the same settled outcome to everybody who asks, early or late, once or twice', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {});
    const early = [sim.runtime.await(ref), ref.outcome(), sim.runtime.await(ref, Number.POSITIVE_INFINITY)];
    await sim.openThreads();
    sim.begin();
    await sim.finish(ok({ once: true }));
    const all = await Promise.all([...early, sim.runtime.await(ref), sim.runtime.await(ref, 0), ref.outcome({ timeoutMs: 0 })]);
    expect(new Set(all).size).toBe(1);
  });

  it('E-3 that times out says so, cancels the task, and the others get `cancelled`', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { timeoutMs: Number.POSITIVE_INFINITY });
    const patient = ref.outcome({ timeoutMs: Number.POSITIVE_INFINITY });
    const hasty = sim.runtime.await(ref, 100);
    await sim.openThreads();
    sim.begin();
    await sim.clock.advance(100);
    expect(await hasty).toMatchObject({ ok: false, error: { type: 'timeout', message: 'Async action timed out after 100ms' } });
    expect(ref.status).toBe('cancelling');
    await sim.finish(aFailure);
    expect(await patient).toMatchObject({ ok: false, error: { type: 'cancelled' } });
  });

  it('E-3 lasts five seconds unless told otherwise', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {});
    const waited = sim.runtime.await(ref);
    await sim.clock.advance(4999);
    expect(ref.status).toBe('queued');
    await sim.clock.advance(1);
    expect(await waited).toMatchObject({ error: { message: 'Async action timed out after 5000ms' } });
    expect((await errorNow(ref)).message).toBe('Action simulated was cancelled: its await timed out');
  });

  it('E-3 leaves the task alone when told to', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {});
    const waited = ref.outcome({ timeoutMs: 10, onTimeout: 'leave' });
    await sim.openThreads();
    sim.begin();
    await sim.clock.advance(10);
    expect(await waited).toMatchObject({ ok: false, error: { type: 'timeout' } });
    await sim.finish(ok('later'));
    expect(await outcomeNow(ref)).toEqual({ ok: true, value: 'later' });
  });

  it('E-3 of zero gives what is already there, an outcome on its way included, else times out', async () => {
    const sim = simRuntime();
    const [first, second] = [sim.runtime.start(action, {}), sim.runtime.start(action, {})];
    const thread = await sim.openThreads();
    thread.finish(sim.begin(), ok('on its way'));
    const waits = [first.outcome({ timeoutMs: 0 }), second.outcome({ timeoutMs: 0, onTimeout: 'leave' })];
    await sim.clock.advance(0);
    expect(await Promise.all(waits)).toMatchObject([{ value: 'on its way' }, { error: { type: 'timeout' } }]);
  });

  it('E-3 without a limit leaves no timer behind', async () => {
    const sim = simRuntime({ threads: { min: 0 } });
    const ref = sim.runtime.start(action, {});
    const before = sim.clock.pending;
    void ref.outcome({ timeoutMs: Number.POSITIVE_INFINITY });
    void sim.runtime.run(action, {});
    expect(sim.clock.pending).toBe(before);
  });

  it('R-4 a late timer does not win over an outcome that is already here', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { timeoutMs: Number.POSITIVE_INFINITY });
    const waited = sim.runtime.await(ref, 10);
    const thread = await sim.openThreads();
    thread.finish(sim.begin(), ok('in time'));
    await sim.clock.advance(10_000);
    expect(await waited).toEqual({ ok: true, value: 'in time' });
  });

  it('ends with its own signal; the task goes on, and no listener is left', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {});
    const [left, kept] = [new AbortController(), new AbortController()];
    const waits = [ref.outcome({ signal: left.signal }), ref.outcome({ signal: kept.signal })];
    left.abort('bored');
    expect(await waits[0]).toMatchObject({ error: { type: 'cancelled', message: 'The wait was aborted: bored' } });
    expect(await ref.outcome({ signal: left.signal })).toMatchObject({ error: { type: 'cancelled' } });
    await sim.openThreads();
    sim.begin();
    await sim.finish(ok(1));
    expect(await waits[1]).toEqual({ ok: true, value: 1 });
    for (const { signal } of [left, kept]) expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('E-8 leaves nothing behind, whichever way it ended', async () => {
    const sim = simRuntime({ threads: { min: 0 } });
    const ref = sim.runtime.start(action, {});
    const before = sim.clock.pending;
    const waits = [1, 2, 3].map((timeoutMs) => ref.outcome({ timeoutMs, onTimeout: 'leave' }));
    await sim.clock.advance(2);
    void ref.cancel();
    await Promise.all(waits);
    await settle();
    expect(sim.clock.pending).toBe(before);
  });

  it('E-8 shares one listener with all who wait by one signal, which ends them all and the task not', async () => {
    const sim = simRuntime();
    const { signal, abort } = abortable();
    const refs = Array.from({ length: 100 }, () => sim.runtime.start(action, {}));
    const waits = refs.map((ref, index) => (index % 2 === 0 ? ref.outcome({ signal }) : sim.runtime.await(ref, { signal })));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await refs[0]?.cancel();
    abort();
    const outcomes = await Promise.all(waits);
    expect(
      outcomes.map((outcome) => !outcome.ok && outcome.error.message).filter((message) => message === 'The wait was aborted: cancelled'),
    ).toHaveLength(99);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(sim.runtime.stats().cancelled).toBe(1);
  });
});

function abortable(): { readonly signal: AbortSignal; readonly abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

describe('the options of a wait', () => {
  it.each([
    [-1, /`timeoutMs`/],
    [Number.NaN, /`timeoutMs`/],
    [{ timeoutMs: '5' }, /`timeoutMs`/],
    [{ onTimeout: 'explode' }, /`onTimeout`/],
    [{ signal: 1 }, /`signal`/],
    [{ timeout: 1 }, /`timeout` is not an option/],
    ['soon', /a string/],
    [null, /null/],
  ])('R-3 %j is refused by name', (given, message) => {
    expect(() => parseAwaitOptions(given)).toThrow(message);
    expect(() => parseAwaitOptions(given)).toThrow(HeddleError);
  });

  it('R-1 rejects where they are at fault', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {});
    await expect(ref.outcome({ timeoutMs: -1 })).rejects.toMatchObject({ type: 'invalid_input' });
    await expect(sim.runtime.await(ref, -1)).rejects.toMatchObject({ type: 'invalid_input' });
  });

  it('name every fault at once', () => {
    expect(() => parseAwaitOptions({ timeoutMs: -1, onTimeout: 1, extra: 1 })).toThrow(/`timeoutMs`.*`onTimeout`.*`extra`/);
  });
});
