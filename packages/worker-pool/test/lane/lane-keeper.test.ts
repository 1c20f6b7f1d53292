import { ok } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { settle } from '../support/fake-clock.ts';
import { aFailure, errorNow, outcomeNow, type SimRuntime, simAction, simRuntime } from '../support/sim-runtime.ts';

const action = simAction();
const once = { maxRetries: 0 } as const;

/** Has the action's attempts known to be tiny, so that lanes are sent several ahead. */
async function learn(sim: SimRuntime): Promise<void> {
  sim.runtime.start(action, {});
  await sim.openThreads();
  sim.thread().finish(sim.begin(), ok(1), true, 10);
  await sim.deliverAll();
}

describe('a lost thread', () => {
  it('E-10 fails what was running with `worker_lost`; what had not begun moves to another and runs once', async () => {
    const sim = simRuntime();
    await learn(sim);
    const refs = Array.from({ length: 5 }, () => sim.runtime.start(action, {}, {}, once));
    await sim.clock.advance(0);
    const thread = sim.thread();
    expect(thread.inbox.length).toBe(5);
    sim.begin(thread);
    await sim.end(thread);
    expect(await errorNow(refs[0] as never)).toMatchObject({ type: 'worker_lost', details: { exitCode: 7 }, retryable: true });
    await sim.openThreads();
    expect(await sim.work()).toBe(4);
    for (const ref of refs.slice(1)) expect([(await outcomeNow(ref))?.ok, ref.attempts]).toEqual([true, 1]);
    expect(sim.events).toMatchObject([{ kind: 'laneLost', threadId: thread.threadId, tasksLost: 1, tasksMoved: 4 }]);
    expect(sim.runtime.stats()).toMatchObject({ lanesLost: 1, lanesKilled: 0 });
  });

  it('E-10 fails all that was running on it, where several share a lane', async () => {
    const sim = simRuntime({ threads: { concurrency: 2 } });
    const refs = [0, 1, 2].map(() => sim.runtime.start(action, {}, {}, once));
    const thread = await sim.openThreads();
    sim.begin();
    sim.begin();
    await sim.end(thread);
    for (const ref of refs.slice(0, 2)) expect((await errorNow(ref)).type).toBe('worker_lost');
    await sim.openThreads();
    expect(await sim.work()).toBe(1);
    expect((await outcomeNow(refs[2] as never))?.ok).toBe(true);
  });

  it('E-11 that asks to be replaced is, once nothing runs on it, and is given nothing more until then', async () => {
    const sim = simRuntime();
    const running = sim.runtime.start(action, {}, {}, once);
    const thread = await sim.openThreads();
    sim.begin();
    thread.retire();
    await sim.deliverAll();
    const next = sim.runtime.start(action, {}, {}, once);
    await settle();
    expect([thread.terminated, thread.inbox.length]).toEqual([false, 0]);
    await sim.finish(ok('undisturbed'), thread);
    expect(await outcomeNow(running)).toEqual({ ok: true, value: 'undisturbed' });
    expect(thread.terminated).toBe(true);
    await sim.end(thread);
    await sim.openThreads();
    expect([await sim.work(), (await outcomeNow(next))?.ok]).toEqual([1, true]);
    expect(sim.runtime.stats().lanesLost).toBe(0);
  });

  it('E-10 delivers what it had posted; what it had only finished is lost with it', async () => {
    const sim = simRuntime({ threads: { concurrency: 2 } });
    const [posted, buffered] = [sim.runtime.start(action, {}, {}, once), sim.runtime.start(action, {}, {}, once)];
    const thread = await sim.openThreads();
    thread.finish(sim.begin(), ok('posted'));
    thread.finish(sim.begin(), ok('buffered'), false);
    await sim.end(thread);
    expect(await outcomeNow(posted)).toEqual({ ok: true, value: 'posted' });
    expect((await errorNow(buffered)).type).toBe('worker_lost');
  });

  it('R-6 is tried again on another', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { maxRetries: 1, backoffMs: 10 });
    const thread = await sim.openThreads();
    sim.begin();
    await sim.end(thread);
    await sim.clock.advance(10);
    await sim.openThreads();
    await sim.work();
    expect([(await outcomeNow(ref))?.ok, ref.attempts]).toEqual([true, 2]);
  });

  it('E-10 ends a task that was being cancelled with the cancel', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {});
    const thread = await sim.openThreads();
    sim.begin();
    void ref.cancel();
    await sim.end(thread);
    expect((await errorNow(ref)).type).toBe('cancelled');
  });

  it('is replaced up to the minimum, though nothing waits', async () => {
    const sim = simRuntime({ threads: { min: 1 } });
    await sim.end(await sim.openThreads());
    expect(sim.pool.opens.length).toBe(1);
    expect((await sim.openThreads()).ended).toBe(false);
  });

  it('is replaced when it asked for it, once it is idle', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {});
    const thread = await sim.openThreads();
    sim.begin();
    thread.retire();
    await sim.deliverAll();
    const next = sim.runtime.start(action, {});
    await sim.deliverAll();
    expect([thread.terminated, thread.inbox.length]).toEqual([false, 0]);
    await sim.finish(ok(1));
    expect([thread.terminated, (await outcomeNow(ref))?.ok]).toEqual([true, true]);
    await sim.openThreads();
    expect(await sim.work()).toBe(1);
    expect((await outcomeNow(next))?.ok).toBe(true);
    await sim.end(thread);
    expect(sim.eventKinds).toEqual([]);
  });
});

describe('a thread stuck in native code', () => {
  /** A runtime whose one thread ignores its end, the cancel of its task with it. */
  async function stuck(options: Parameters<typeof simRuntime>[0]) {
    const sim = simRuntime({ graceMs: 10, ...options });
    const ref = sim.runtime.start(action, {});
    const thread = await sim.openThreads();
    sim.begin();
    void ref.cancel();
    await sim.clock.advance(10);
    return { sim, ref, thread };
  }

  it('E-7 is reported as a zombie, its task settled, and its place taken by another', async () => {
    const { sim, ref, thread } = await stuck({ zombieLimit: 1 });
    expect(sim.eventKinds).toEqual([]);
    await sim.clock.advance(1000);
    expect(await errorNow(ref)).toMatchObject({ type: 'cancelled', details: { forced: true, zombie: true } });
    expect(sim.events).toMatchObject([{ kind: 'zombie', threadId: thread.threadId, taskId: ref.id, action: 'simulated' }]);
    expect(sim.runtime.stats().zombies).toBe(1);
    const next = sim.runtime.start(action, {});
    await sim.openThreads();
    expect(await sim.work()).toBe(1);
    expect((await outcomeNow(next))?.ok).toBe(true);
    await sim.end(thread);
    expect([sim.eventKinds, sim.runtime.stats().zombies]).toEqual([['zombie', 'zombieEnded'], 0]);
  });

  it('E-7 does not give a second outcome to the task it was stuck with', async () => {
    const { sim, ref, thread } = await stuck({});
    await sim.clock.advance(1000);
    const before = await outcomeNow(ref);
    const [task] = thread.running;
    if (task !== undefined) thread.finish(task, ok('after all'));
    await sim.deliverAll();
    expect(await outcomeNow(ref)).toBe(before);
    expect(sim.runtime.stats()).toMatchObject({ completed: 0, cancelled: 1 });
    await sim.end(thread);
  });

  it('E-7 past the limit makes new work `overloaded`, until one ends', async () => {
    const { sim, thread } = await stuck({ zombieLimit: 0 });
    const waits = sim.runtime.start(action, {});
    // The replacement that was being opened is not waited for.
    await sim.failToOpen();
    await sim.clock.advance(1000);
    const late = sim.runtime.start(action, {});
    expect([(await errorNow(waits)).type, (await errorNow(late)).type]).toEqual(['worker_lost', 'overloaded']);
    expect((await errorNow(late)).retryable).toBe(true);
    await sim.end(thread);
    const recovered = sim.runtime.start(action, {});
    await sim.openThreads();
    expect(await sim.work()).toBe(1);
    expect((await outcomeNow(recovered))?.ok).toBe(true);
  });
});

describe('a thread that cannot be started', () => {
  it('E-10 fails what waits when no lane is left, says so, and the next call tries again', async () => {
    const sim = simRuntime();
    const refs = [sim.runtime.start(action, {}), sim.runtime.start(action, {})];
    await sim.failToOpen();
    for (const ref of refs) expect(await errorNow(ref)).toMatchObject({ type: 'worker_lost', message: /could not be started/ });
    expect(sim.events).toMatchObject([{ kind: 'laneFailed', error: { type: 'worker_lost' } }]);
    const next = sim.runtime.start(action, {});
    await sim.openThreads();
    expect(await sim.work()).toBe(1);
    expect((await outcomeNow(next))?.ok).toBe(true);
  });

  it('leaves what waits to the lanes that are there, and is not tried again for a while', async () => {
    const sim = simRuntime({ threads: { max: 2 } });
    await sim.openThreads();
    const refs = [0, 1, 2].map(() => sim.runtime.start(action, {}));
    await sim.failToOpen();
    const more = sim.runtime.start(action, {});
    await sim.clock.advance(0);
    expect(sim.pool.opens.length).toBe(0);
    expect(await sim.work()).toBe(4);
    for (const ref of [...refs, more]) expect((await outcomeNow(ref))?.ok).toBe(true);
    await sim.clock.advance(1000);
    for (let count = 0; count < 2; count++) sim.runtime.start(action, {});
    await sim.clock.advance(0);
    expect(sim.pool.opens.length).toBe(1);
  });

  it('rejects `ready`', async () => {
    const sim = simRuntime();
    const rejected = expect(sim.runtime.ready()).rejects.toMatchObject({ type: 'worker_lost' });
    await sim.failToOpen();
    await rejected;
  });
});

describe('`ready`', () => {
  it('opens as many as were asked for, up to the limit, and settles when they serve', async () => {
    const sim = simRuntime({ threads: { max: 2 } });
    const ready = sim.runtime.ready(9);
    await sim.openThreads();
    await ready;
    expect(sim.runtime.stats().lanes.length).toBe(2);
  });

  it('rejects with `closed` when the runtime closes first', async () => {
    const sim = simRuntime();
    const rejected = expect(sim.runtime.ready(1)).rejects.toMatchObject({ type: 'closed' });
    void sim.runtime.close();
    await rejected;
  });
});

describe('the process', () => {
  it('E-12 is kept alive by what is in flight, and by nothing else', async () => {
    const sim = simRuntime();
    const thread = await sim.openThreads();
    expect(thread.held).toBe(false);
    sim.runtime.start(action, {}, {}, once);
    await settle();
    expect(thread.held).toBe(true);
    sim.begin();
    await sim.finish(aFailure);
    expect(thread.held).toBe(false);
  });
});
