import { ok } from '@heddle/core';
import { describe, expect, it, vi } from 'vitest';
import { settle } from '../support/fake-clock.ts';
import { aFailure, errorNow, outcomeNow, type SimRuntime, simAction, simRuntime } from '../support/sim-runtime.ts';

const action = simAction();

/** The thread goes on while the host looks: it does something each time that the host asks for the time, from `fromMs` on. */
function atEachLook({ clock }: SimRuntime, fromMs: number, does: () => void): void {
  vi.spyOn(clock, 'now').mockImplementation(() => {
    if (clock.nowMs >= fromMs) does();
    return clock.nowMs;
  });
}

describe('the time of an attempt', () => {
  it('R-4 runs out from when it began: the task is asked to end, and the error names the option', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, { secret: 'params' }, { secret: 'context' }, { timeoutMs: 100 });
    const thread = await sim.openThreads();
    await sim.clock.advance(30);
    const task = sim.begin();
    await sim.clock.advance(99);
    expect(ref.status).toBe('running');
    await sim.clock.advance(1);
    expect([ref.status, thread.asked.has(task.slot)]).toEqual(['cancelling', true]);
    await sim.finish(aFailure);
    const error = await errorNow(ref);
    expect(error.type).toBe('timeout');
    expect(error.message).toMatch(/^Action simulated timed out after 100ms; raise `timeoutMs`/);
    expect(JSON.stringify(error)).not.toContain('secret');
  });

  it('R-4 does not run while the task is queued, here or on its lane', async () => {
    const sim = simRuntime();
    const first = sim.runtime.start(action, {}, {}, { timeoutMs: Number.POSITIVE_INFINITY });
    const second = sim.runtime.start(action, {}, {}, { timeoutMs: 50 });
    await sim.openThreads();
    sim.begin();
    await sim.clock.advance(60_000);
    await sim.finish(ok(1));
    await sim.clock.advance(60_000);
    expect([first.status, second.status]).toEqual(['settled', 'queued']);
    sim.begin();
    await sim.clock.advance(49);
    await sim.finish(ok('in time'));
    expect(await outcomeNow(second)).toEqual({ ok: true, value: 'in time' });
  });

  it('R-4 a result that is there already wins over a timer that fires late', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { timeoutMs: 10 });
    const thread = await sim.openThreads();
    // The main loop is blocked: the outcome is posted, and the timer fires, before either is looked at.
    thread.finish(sim.begin(), ok('in time'));
    await sim.clock.advance(5000);
    expect(await outcomeNow(ref)).toEqual({ ok: true, value: 'in time' });
  });

  it('R-4 a task that is done and not yet told is not timed out', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { timeoutMs: 10 });
    const thread = await sim.openThreads();
    thread.finish(sim.begin(), ok('buffered'), false);
    await sim.clock.advance(5000);
    thread.flush();
    await sim.deliverAll();
    expect(await outcomeNow(ref)).toEqual({ ok: true, value: 'buffered' });
  });

  it('E-8 a task that is done and whose outcome never comes is lost with its thread, in the end', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { timeoutMs: 10, maxRetries: 0 });
    const thread = await sim.openThreads();
    thread.finish(sim.begin(), ok('lost on the way'), false);
    await sim.clock.advance(10);
    await sim.clock.advance(5000);
    expect(thread.terminated).toBe(true);
    thread.end();
    await settle();
    expect(await errorNow(ref)).toMatchObject({ type: 'worker_lost', message: expect.stringContaining('its outcome did not come') });
  });

  it.each([1, 2, 3])(
    'R-4 a task that ends while its time is looked at has an outcome of its own: at look %i at the clock',
    async (moment) => {
      const sim = simRuntime();
      const ref = sim.runtime.start(action, {}, {}, { timeoutMs: 10, maxRetries: 0 });
      const thread = await sim.openThreads();
      const task = sim.begin();
      let looks = 0;
      atEachLook(sim, sim.clock.nowMs + 10, () => {
        if (++looks === moment) thread.finish(task, ok('just in time'), false);
      });
      await sim.clock.advance(10);
      expect(looks).toBeGreaterThanOrEqual(moment);
      expect(thread.terminated).toBe(false);
      // Asked to end before it had ended, or not.
      const expected = ref.status === 'cancelling' ? { ok: false, error: { type: 'timeout' } } : { ok: true, value: 'just in time' };
      thread.flush();
      await sim.deliverAll();
      expect(await outcomeNow(ref)).toMatchObject(expected);
    },
  );

  it('E-8 a task that ends while its time is looked at, and whose outcome never comes, is lost all the same', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { timeoutMs: 10, maxRetries: 0 });
    const thread = await sim.openThreads();
    const task = sim.begin();
    atEachLook(sim, sim.clock.nowMs + 10, () => {
      if (thread.running.includes(task)) thread.finish(task, ok('lost on the way'), false);
    });
    await sim.clock.advance(10);
    expect([ref.status, thread.terminated]).toEqual(['running', false]);
    await sim.clock.advance(6000);
    expect(thread.terminated).toBe(true);
    thread.end();
    await settle();
    expect((await errorNow(ref)).type).toBe('worker_lost');
  });

  it('E-8 a task whose outcome is on its way while the process stands still is not taken for lost', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { timeoutMs: 10, maxRetries: 0 });
    const thread = await sim.openThreads();
    thread.finish(sim.begin(), ok('on its way'), false);
    await sim.clock.advance(10);
    await sim.clock.jump(60_000);
    expect(thread.terminated).toBe(false);
    thread.flush();
    await sim.deliverAll();
    expect(await outcomeNow(ref)).toEqual({ ok: true, value: 'on its way' });
  });

  it('E-10 a task that is done and whose outcome waits behind a running one is not taken for lost', async () => {
    const sim = simRuntime({ threads: { concurrency: 2 } });
    const held = sim.runtime.start(action, {}, {}, { timeoutMs: 10, maxRetries: 0 });
    const runs = sim.runtime.start(action, {}, {}, { timeoutMs: Number.POSITIVE_INFINITY });
    const thread = await sim.openThreads();
    thread.finish(sim.begin(), ok('held'), false);
    sim.begin();
    await sim.clock.advance(60_000);
    expect([thread.terminated, runs.status]).toEqual([false, 'running']);
    thread.flush();
    await sim.deliverAll();
    expect(await outcomeNow(held)).toEqual({ ok: true, value: 'held' });
  });

  it('R-3 `0` starts nothing, `Infinity` arms nothing', async () => {
    const sim = simRuntime();
    const none = sim.runtime.start(action, {}, {}, { timeoutMs: 0 });
    expect(await errorNow(none)).toMatchObject({ type: 'timeout', details: { timeoutMs: 0 } });
    sim.runtime.start(action, {}, {}, { timeoutMs: Number.POSITIVE_INFINITY });
    const thread = await sim.openThreads();
    expect(thread.inbox.length).toBe(1);
    expect(await sim.work()).toBe(1);
    const before = sim.clock.timers;
    sim.runtime.start(action, {}, {}, { timeoutMs: Number.POSITIVE_INFINITY });
    expect(sim.clock.timers).toEqual(before);
  });

  it.each([
    [undefined, 1],
    [() => true, 2],
  ])('R-6 is not tried again when it ran out, unless `retryIf` says so', async (retryIf, attempts) => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { timeoutMs: 10, backoffMs: 0, ...(retryIf === undefined ? {} : { retryIf }) });
    const thread = await sim.openThreads();
    for (let attempt = 0; attempt < attempts; attempt++) {
      sim.begin(thread);
      await sim.clock.advance(10);
      await sim.finish(aFailure, thread);
      await sim.clock.advance(0);
    }
    expect([(await errorNow(ref)).type, ref.attempts]).toEqual(['timeout', attempts]);
  });

  it('each task of a lane has its own, one timer serves them all', async () => {
    const sim = simRuntime({ threads: { concurrency: 3 } });
    const refs = [300, 100, 200].map((timeoutMs) => sim.runtime.start(action, {}, {}, { timeoutMs }));
    const thread = await sim.openThreads();
    for (const _ of refs) sim.begin();
    expect(sim.clock.timers).toEqual([100]);
    const statuses: string[][] = [];
    for (let time = 0; time < 3; time++) {
      await sim.clock.advance(100);
      statuses.push(refs.map(({ status }) => status));
    }
    expect(statuses).toEqual([
      ['running', 'cancelling', 'running'],
      ['running', 'cancelling', 'cancelling'],
      ['cancelling', 'cancelling', 'cancelling'],
    ]);
    for (const task of [...thread.running]) thread.finish(task, aFailure);
    await sim.deliverAll();
  });

  it('E-7 is enforced when nothing listens: the outcome says `forced`', async () => {
    const sim = simRuntime({ graceMs: 20 });
    const ref = sim.runtime.start(action, {}, {}, { timeoutMs: 10 });
    const thread = await sim.openThreads();
    sim.begin();
    await sim.clock.advance(40);
    expect(thread.terminated).toBe(true);
    await sim.end(thread);
    expect(await errorNow(ref)).toMatchObject({ type: 'timeout', details: { forced: true, timeoutMs: 10 } });
  });
});

describe('the loading of a module', () => {
  it('has a limit of its own, at which the thread is ended, and everything that waits for the module fails with it', async () => {
    const sim = simRuntime({ loadTimeoutMs: 1000 });
    const ref = sim.runtime.start(action, {}, {}, { timeoutMs: Number.POSITIVE_INFINITY });
    const waits = sim.runtime.start(action, {});
    const other = sim.runtime.start(simAction('other'), {});
    const thread = await sim.openThreads();
    sim.beginLoading();
    // Counted from when it was first seen to be loading, which is within one limit.
    await sim.clock.advance(2000);
    expect(thread.terminated).toBe(true);
    await sim.end(thread);
    expect(await errorNow(ref)).toMatchObject({ type: 'load_error', details: { forced: true, loadTimeoutMs: 1000 } });
    expect(await errorNow(waits)).toMatchObject({ type: 'load_error', retryable: false });
    await sim.openThreads();
    await sim.work();
    expect((await outcomeNow(other))?.ok).toBe(true);
  });

  it('that ends while its limit is looked at has been too long all the same: nothing is said of a time that the task had', async () => {
    const sim = simRuntime({ loadTimeoutMs: 100 });
    const ref = sim.runtime.start(action, {}, {}, { timeoutMs: 50, maxRetries: 0 });
    const thread = await sim.openThreads();
    const task = sim.beginLoading();
    await sim.clock.advance(50);
    // It is first seen to be loading now.
    atEachLook(sim, sim.clock.nowMs + 100, () => thread.lane.started(task.slot, sim.clock.nowMs));
    await sim.clock.advance(100);
    expect(thread.terminated).toBe(true);
    await sim.end(thread);
    expect(await errorNow(ref)).toMatchObject({ type: 'load_error', details: { loadTimeoutMs: 100 } });
  });

  it('E-7 past its limit: what waits on the lane for the same module is taken off it, however many are overdue', async () => {
    const sim = simRuntime({ loadTimeoutMs: 100, threads: { concurrency: 3 } });
    const refs = [0, 1, 2].map(() => sim.runtime.start(action, {}, {}, { timeoutMs: 50, maxRetries: 0 }));
    const thread = await sim.openThreads();
    sim.beginLoading();
    sim.beginLoading();
    await sim.clock.advance(300);
    expect(thread.terminated).toBe(true);
    await sim.end(thread);
    expect(await Promise.all(refs.map(errorNow))).toMatchObject([{ type: 'load_error' }, { type: 'load_error' }, { type: 'load_error' }]);
  });

  it('R-4 does not count as the run time of the task', async () => {
    const sim = simRuntime({ loadTimeoutMs: 10_000 });
    const ref = sim.runtime.start(action, {}, {}, { timeoutMs: 50 });
    const thread = await sim.openThreads();
    const task = sim.beginLoading();
    await sim.clock.advance(5000);
    expect(ref.status).toBe('running');
    thread.lane.started(task.slot, sim.clock.now());
    await sim.clock.advance(49);
    expect(ref.status).toBe('running');
    await sim.clock.advance(51);
    expect(ref.status).toBe('cancelling');
    await sim.finish(aFailure);
    expect((await errorNow(ref)).type).toBe('timeout');
  });

  it('is over for good once a task of the action has ended on the lane', async () => {
    const sim = simRuntime({ loadTimeoutMs: 1000 });
    const again = { timeoutMs: Number.POSITIVE_INFINITY };
    sim.runtime.start(action, {}, {}, again);
    await sim.openThreads();
    await sim.work();
    const ref = sim.runtime.start(action, {}, {}, again);
    await settle();
    sim.begin();
    await sim.clock.advance(1e7);
    expect(ref.status).toBe('running');
    await sim.finish(ok(1));
  });
});
