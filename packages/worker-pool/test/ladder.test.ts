import { ok } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { settle } from './support/fake-clock.ts';
import { aFailure, errorNow, outcomeNow, simAction, simRuntime } from './support/sim-runtime.ts';

const action = simAction();

describe('the ladder of a cancel', () => {
  it('E-7 queued: removed, and nothing else is touched', async () => {
    const sim = simRuntime();
    const [first, second, third] = [0, 1, 2].map(() => sim.runtime.start(action, {})) as never as ReturnType<typeof sim.runtime.start>[];
    expect((await sim.runtime.cancel(second as never)).ok).toBe(true);
    await sim.openThreads();
    expect(await sim.work()).toBe(2);
    expect([first, second, third].map((ref) => ref?.status)).toEqual(['settled', 'settled', 'settled']);
    expect(await errorNow(second as never)).toMatchObject({ type: 'cancelled', message: 'Action simulated was cancelled' });
    expect(sim.runtime.stats()).toMatchObject({ completed: 2, cancelled: 1 });
  });

  it('E-7 sent and not begun: taken back at once, without the help of the lane', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {});
    const thread = await sim.openThreads();
    await sim.runtime.cancel(ref);
    expect(thread.begin(sim.clock.now())).toBeUndefined();
    expect([ref.attempts, ref.threadId]).toEqual([0, undefined]);
    // The lane has room again.
    const next = sim.runtime.start(action, {});
    await settle();
    expect(await sim.work(thread)).toBe(1);
    expect((await outcomeNow(next))?.ok).toBe(true);
  });

  it('E-7 running: asked, and its answer is the end; what it returned late does not count', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {});
    const thread = await sim.openThreads();
    const task = sim.begin();
    const cancelled = sim.runtime.cancel(ref, 'by the test');
    expect([ref.status, thread.asked.has(task.slot)]).toEqual(['cancelling', true]);
    expect(thread.lane.isCancelled(task.slot, task.generation)).toBe(true);
    await sim.finish(ok('too late'));
    expect(await errorNow(ref)).toMatchObject({ type: 'cancelled', message: 'Action simulated was cancelled: by the test' });
    expect((await errorNow(ref)).details['forced']).toBeUndefined();
    expect((await cancelled).ok).toBe(true);
    expect(thread.terminated).toBe(false);
  });

  it('E-7 past its grace: its thread is ended, the outcome says `forced`, and a replacement serves the next', async () => {
    const sim = simRuntime({ graceMs: 50 });
    const ref = sim.runtime.start(action, {});
    const thread = await sim.openThreads();
    sim.begin();
    const next = sim.runtime.start(action, {});
    void sim.runtime.cancel(ref);
    const spare = await sim.openThreads();
    await sim.clock.advance(49);
    expect([thread.terminated, spare.inbox.length]).toEqual([false, 0]);
    await sim.clock.advance(1);
    // The spare has its first work, and has answered, before the old thread is ended.
    expect([thread.terminated, spare.inbox.length]).toEqual([false, 1]);
    await sim.work(spare);
    expect([thread.terminated, (await outcomeNow(next))?.ok, ref.status]).toEqual([true, true, 'cancelling']);
    await sim.end(thread);
    expect(await errorNow(ref)).toMatchObject({ type: 'cancelled', details: { forced: true, reason: 'cancelled' } });
    expect(sim.runtime.stats()).toMatchObject({ lanesKilled: 1, lanesLost: 0, lanes: [{ threadId: spare.threadId }] });
  });

  it('E-7 a task whose thread is being ended runs until that has ended: the counts say so', async () => {
    const sim = simRuntime({ graceMs: 20 });
    const ref = sim.runtime.start(action, {});
    const thread = await sim.openThreads();
    sim.begin();
    void sim.runtime.cancel(ref);
    await sim.clock.advance(40);
    expect([thread.terminated, ref.status]).toEqual([true, 'cancelling']);
    expect(sim.runtime.stats()).toMatchObject({ running: 1, cancelled: 0, lanesKilled: 1 });
    await sim.end(thread);
    expect(sim.runtime.stats()).toMatchObject({ running: 0, cancelled: 1 });
  });

  it('E-7 a spare that does not answer does not keep the old thread alive', async () => {
    const sim = simRuntime({ graceMs: 50 });
    const ref = sim.runtime.start(action, {});
    const thread = await sim.openThreads();
    sim.begin();
    sim.runtime.start(action, {});
    void sim.runtime.cancel(ref);
    await sim.openThreads();
    await sim.clock.advance(50);
    await sim.clock.advance(5);
    expect(thread.terminated).toBe(true);
  });

  it('E-7 never opens more lanes than there are threads, however many are killed', async () => {
    const sim = simRuntime({ graceMs: 10, threads: { max: 2 } });
    for (let kills = 0; kills < 5; kills++) {
      for (let count = 0; count < 4; count++) sim.runtime.start(action, {});
      await sim.openThreads();
      const serving = sim.pool.alive.filter((thread) => thread.begin(sim.clock.now()) !== undefined);
      const [task] = serving[0]?.running ?? [];
      void sim.runtime.cancel(`heddle-${task?.task}`.replace('heddle', 'sim'));
      await sim.openThreads();
      await sim.clock.advance(20);
      expect(sim.runtime.stats().lanes.length).toBeLessThanOrEqual(2);
      for (const thread of sim.pool.alive) if (thread.terminated) await sim.end(thread);
      for (const thread of sim.pool.alive) {
        for (const each of [...thread.running]) thread.finish(each, ok(1));
        await sim.deliverAll();
      }
      for (let round = 0; round < 8; round++) for (const thread of sim.pool.alive) await sim.work(thread);
    }
    expect(sim.runtime.stats()).toMatchObject({ lanesKilled: 5, queued: 0, running: 0 });
  });

  it('E-6 of a finished task leaves its result readable', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {});
    await sim.openThreads();
    sim.begin();
    await sim.finish(ok('kept'));
    expect((await sim.runtime.cancel(ref)).ok).toBe(true);
    expect(await outcomeNow(ref)).toEqual({ ok: true, value: 'kept' });
  });

  it('E-6 when the outcome is on its way lets it stand', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {});
    const thread = await sim.openThreads();
    thread.finish(sim.begin(), ok('there already'));
    const cancelled = sim.runtime.cancel(ref);
    await sim.deliverAll();
    expect(await outcomeNow(ref)).toEqual({ ok: true, value: 'there already' });
    expect((await cancelled).ok).toBe(true);
  });

  it('E-6 twice, by two, at once: each is told, the first reason holds', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {});
    await sim.openThreads();
    sim.begin();
    const both = [ref.cancel('first'), ref.cancel('second')];
    await sim.finish(aFailure);
    expect((await Promise.all(both)).map((outcome) => outcome.ok)).toEqual([true, true]);
    expect((await errorNow(ref)).details['reason']).toBe('first');
  });

  it('E-7 outlives a timeout that `retryIf` would try again', async () => {
    const sim = simRuntime({ graceMs: 500 });
    const ref = sim.runtime.start(action, {}, {}, { timeoutMs: 10, backoffMs: 0, maxRetries: 5, retryIf: () => true });
    await sim.openThreads();
    sim.begin();
    await sim.clock.advance(10);
    expect(ref.status).toBe('cancelling');
    void ref.cancel('now really');
    await sim.finish(aFailure);
    expect(await errorNow(ref)).toMatchObject({ type: 'cancelled', details: { reason: 'now really' } });
  });

  it('E-7 the grace of one attempt is not the next one’s', async () => {
    const sim = simRuntime({ graceMs: 100 });
    const ref = sim.runtime.start(action, {}, {}, { timeoutMs: 10, backoffMs: 0, retryIf: () => true });
    const thread = await sim.openThreads();
    sim.begin(thread);
    await sim.clock.advance(10);
    await sim.finish(aFailure, thread);
    await sim.clock.advance(50);
    sim.begin(thread);
    // Asked again, at sixty; the grace of the first attempt would have ended in the middle of this one's.
    await sim.clock.advance(10);
    await sim.clock.advance(60);
    expect([thread.terminated, ref.status]).toEqual([false, 'cancelling']);
    await sim.clock.advance(40);
    expect(thread.terminated).toBe(true);
    await sim.end(thread);
  });

  it('E-7 a spare that nobody has needed is let go, ten seconds after the last grace', async () => {
    const sim = simRuntime({ graceMs: 500 });
    const first = sim.runtime.start(action, {});
    const thread = await sim.openThreads();
    sim.begin();
    void first.cancel();
    const spare = await sim.openThreads();
    await sim.finish(ok('obeyed'), thread);
    await sim.clock.advance(9000);
    // Wanted again: as many seconds from here.
    const second = sim.runtime.start(action, {});
    await sim.deliverAll();
    sim.begin(thread);
    void second.cancel();
    await sim.finish(ok('obeyed'), thread);
    await sim.clock.advance(10_499);
    expect(spare.terminated).toBe(false);
    await sim.clock.advance(1);
    expect([spare.terminated, thread.terminated]).toEqual([true, false]);
    await sim.end(spare);
    expect(sim.runtime.stats()).toMatchObject({ lanes: [{ threadId: thread.threadId }], lanesKilled: 0, lanesLost: 0 });
    expect(sim.clock.pending).toBe(0);
  });

  it('E-7 a spare that asked to be replaced is not used', async () => {
    const sim = simRuntime({ graceMs: 50 });
    const ref = sim.runtime.start(action, {});
    const thread = await sim.openThreads();
    sim.begin();
    const next = sim.runtime.start(action, {});
    void ref.cancel();
    const spare = await sim.openThreads();
    spare.retire();
    await sim.deliverAll();
    await sim.clock.advance(50);
    expect([spare.terminated, spare.inbox.length]).toEqual([true, 0]);
    await sim.end(spare);
    await sim.end(thread);
    await sim.work(await sim.openThreads());
    expect((await outcomeNow(next))?.ok).toBe(true);
  });

  it('E-7 without grace asks and kills in one turn; with endless grace never kills', async () => {
    const impatient = simRuntime({ graceMs: 0, name: 'impatient' });
    impatient.runtime.start(action, {});
    const thread = await impatient.openThreads();
    impatient.begin();
    void impatient.runtime.cancel('impatient-0');
    await impatient.clock.advance(0);
    expect(thread.terminated).toBe(true);

    const patient = simRuntime({ graceMs: Number.POSITIVE_INFINITY, name: 'patient' });
    const ref = patient.runtime.start(action, {});
    const kept = await patient.openThreads();
    patient.begin();
    void ref.cancel();
    await patient.clock.advance(1e9);
    expect([kept.terminated, ref.status]).toEqual([false, 'cancelling']);
    await patient.finish(aFailure);
  });

  it('E-7 a hundred thousand queued tasks are cancelled one by one, and the rest run', async () => {
    const sim = simRuntime();
    const refs = Array.from({ length: 100_000 }, () => sim.runtime.start(action, {}));
    const kept = refs.filter((_, index) => index % 10_000 === 9_999);
    for (const ref of refs) if (!kept.includes(ref)) void ref.cancel();
    expect(sim.runtime.stats()).toMatchObject({ queued: 10, cancelled: 99_990 });
    await sim.openThreads();
    expect(await sim.work()).toBe(10);
  });
});
