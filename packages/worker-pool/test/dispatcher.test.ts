import { fail, HeddleError, ok } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from './support/fake-clock.ts';
import { aFailure, errorNow, outcomeNow, simAction, simRuntime } from './support/sim-runtime.ts';

const action = simAction();

describe('a task', () => {
  it('E-1 is started at once, without waiting for a thread', async () => {
    const { runtime } = simRuntime();
    const ref = runtime.start(action, {});
    expect([ref.status, ref.threadId, ref.attempts]).toEqual(['queued', undefined, 0]);
  });

  it('E-2 tells where it stands', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { tag: 'mine' });
    const thread = await sim.openThreads();
    // Sent ahead, and not begun.
    expect([ref.status, ref.threadId]).toEqual(['queued', thread.threadId]);
    sim.begin();
    expect([ref.status, ref.attempts]).toEqual(['running', 1]);
    await sim.finish(ok(7));
    expect([ref.status, ref.durationMs, ref.tag, ref.owner]).toEqual(['settled', 1, 'mine', 'heddle']);
    expect(await ref.outcome()).toEqual({ ok: true, value: 7 });
    expect('then' in ref).toBe(false);
    expect(ref.action).toEqual({ name: 'simulated', module: 'file:///simulated.js', tags: [] });
  });

  it('E-9 delivers a hundred successes and a hundred failures, awaited early, late or never', async () => {
    const sim = simRuntime();
    const refs = Array.from({ length: 200 }, () => sim.runtime.start(action, {}, {}, { maxRetries: 0 }));
    const early = refs.slice(0, 100).map((ref) => ref.outcome());
    const thread = await sim.openThreads();
    for (let count = 0; count < 200; count++) {
      const task = sim.begin(thread);
      thread.finish(task, Number(task.task) % 2 === 0 ? ok(task.task) : aFailure);
      await sim.deliverAll();
    }
    const all = await Promise.all([...early, ...refs.slice(100).map((ref) => ref.outcome())]);
    expect(all.filter((outcome) => outcome.ok).length).toBe(100);
    expect(sim.runtime.stats()).toMatchObject({ completed: 100, failed: 100, cancelled: 0, queued: 0, running: 0 });
  });

  it('R-2 has its params and context by reference until they are sent', async () => {
    const sim = simRuntime();
    const [params, context] = [{ n: 1 }, { who: 'first' }];
    sim.runtime.start(action, params, context);
    params.n = 2;
    context.who = 'second';
    await sim.openThreads();
    expect(sim.begin()).toMatchObject({ params: { n: 2 }, context: { who: 'second' } });
    await sim.finish();
  });

  it('E-3 given to `run` waits without a limit of its own', async () => {
    const sim = simRuntime();
    let over = false;
    const running = sim.runtime.run(action, {}, {}, { timeoutMs: Number.POSITIVE_INFINITY }).finally(() => {
      over = true;
    });
    await sim.openThreads();
    sim.begin();
    await sim.clock.advance(1e7);
    expect(over).toBe(false);
    await sim.finish(ok('at last'));
    expect(await running).toEqual({ ok: true, value: 'at last' });
  });

  it('A-5 keeps its directive when it fails', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { maxRetries: 0 });
    await sim.openThreads();
    sim.begin();
    await sim.finish(fail(new HeddleError('execution_error', 'no'), { next: 'step' }));
    expect((await outcomeNow(ref))?.directive).toEqual({ next: 'step' });
  });
});

describe('retries', () => {
  it('R-6 come after a backoff that doubles, hold no lane, and end with the last error', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { maxRetries: 3, backoffMs: 100 });
    await sim.openThreads();
    for (const waitMs of [100, 200, 400]) {
      sim.begin();
      await sim.finish(fail(new HeddleError('execution_error', `before ${waitMs}`)));
      expect([ref.status, sim.runtime.stats().retrying, sim.runtime.stats().running]).toEqual(['retrying', 1, 0]);
      await sim.clock.advance(waitMs - 1);
      expect(ref.status).toBe('retrying');
      await sim.clock.advance(1);
      expect(ref.status).toBe('queued');
    }
    sim.begin();
    await sim.finish(fail(new HeddleError('execution_error', 'the last')));
    expect([(await errorNow(ref)).message, ref.attempts]).toEqual(['the last', 4]);
  });

  it('R-6 let other work run meanwhile', async () => {
    const sim = simRuntime();
    sim.runtime.start(action, {}, {}, { backoffMs: 1000 });
    await sim.openThreads();
    sim.begin();
    await sim.finish(aFailure);
    const other = sim.runtime.start(action, {});
    await settle();
    sim.begin();
    await sim.finish(ok('meanwhile'));
    expect(await outcomeNow(other)).toEqual({ ok: true, value: 'meanwhile' });
  });

  it('R-6 end at once when cancelled during the backoff', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { backoffMs: 60_000 });
    await sim.openThreads();
    sim.begin();
    await sim.finish(aFailure);
    await sim.runtime.cancel(ref, 'enough');
    expect(await errorNow(ref)).toMatchObject({ type: 'cancelled', details: { reason: 'enough' } });
    expect(sim.clock.timers.filter((ms) => ms > 10_000)).toEqual([]);
  });

  it('R-6 ask `retryIf` with the error and the attempt, and believe what it says', async () => {
    const sim = simRuntime();
    const asked: [string, number][] = [];
    const retryIf = (error: HeddleError, attempt: number): boolean => {
      asked.push([error.type, attempt]);
      return attempt < 2;
    };
    const ref = sim.runtime.start(action, {}, {}, { maxRetries: 9, backoffMs: 0, retryIf });
    await sim.openThreads();
    for (let attempt = 0; attempt < 2; attempt++) {
      await sim.clock.advance(0);
      sim.begin();
      await sim.finish(aFailure);
    }
    expect([asked, ref.status]).toEqual([
      [
        ['execution_error', 1],
        ['execution_error', 2],
      ],
      'settled',
    ]);
  });

  it('R-9 a `retryIf` that throws is told as an event, and nothing is tried again', async () => {
    const sim = simRuntime();
    const retryIf = (): boolean => {
      throw new Error('the policy is broken');
    };
    const ref = sim.runtime.start(action, {}, {}, { retryIf });
    await sim.openThreads();
    sim.begin();
    await sim.finish(aFailure);
    expect((await errorNow(ref)).message).toBe('it failed');
    expect(sim.events).toMatchObject([{ kind: 'callbackFailed', callback: 'retryIf', taskId: ref.id }]);
  });

  it('E-7 are none once a cancel came, also while `retryIf` was being asked', async () => {
    const sim = simRuntime();
    const retryIf = (): boolean => {
      void sim.runtime.cancel(ref);
      return true;
    };
    const ref = sim.runtime.start(action, {}, {}, { retryIf, backoffMs: 0 });
    await sim.openThreads();
    sim.begin();
    await sim.finish(aFailure);
    expect(ref.status).toBe('settled');
  });

  it('E-7 are none for a task that was cancelled when its failure was already on its way', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { backoffMs: 0 });
    const thread = await sim.openThreads();
    thread.finish(sim.begin(), aFailure);
    const cancelled = sim.runtime.cancel(ref);
    await sim.deliverAll();
    expect(await errorNow(ref)).toMatchObject({ type: 'execution_error', message: 'it failed' });
    expect((await cancelled).ok).toBe(true);
  });

  it('R-3 are none for a task that gave its buffers away', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { transfer: [new ArrayBuffer(8)], maxRetries: 5 });
    await sim.openThreads();
    sim.begin();
    await sim.finish(aFailure);
    expect(ref.status).toBe('settled');
  });
});

describe('signals of callers', () => {
  it('E-7 cancel what waits, what is sent and what runs', async () => {
    const sim = simRuntime();
    const controller = new AbortController();
    const refs = [0, 1, 2].map(() => sim.runtime.start(action, {}, {}, { signal: controller.signal }));
    const thread = await sim.openThreads();
    const task = sim.begin();
    controller.abort('no more');
    expect(refs.map(({ status }) => status)).toEqual(['cancelling', 'settled', 'settled']);
    expect(thread.asked.has(task.slot)).toBe(true);
    await sim.finish(aFailure);
    for (const ref of refs) expect(await errorNow(ref)).toMatchObject({ type: 'cancelled', details: { reason: 'no more' } });
  });

  it('R-3 that are aborted already start nothing', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { signal: AbortSignal.abort(new Error('before')) });
    expect(await errorNow(ref)).toMatchObject({ type: 'cancelled', message: 'Action simulated was cancelled: before' });
    expect((await sim.openThreads()).inbox).toEqual([]);
  });
});

describe('the fake clock', () => {
  it('fires what comes due, in order, and what that arms', async () => {
    const clock = new FakeClock();
    const fired: string[] = [];
    clock.after(20, () => fired.push('second'));
    clock.after(10, () => {
      fired.push('first');
      clock.after(5, () => fired.push('armed by the first'));
    });
    clock.after(5, () => fired.push('taken back')).cancel();
    clock.turn(() => fired.push('turn'));
    await clock.advance(20);
    expect([fired, clock.pending]).toEqual([['turn', 'first', 'armed by the first', 'second'], 0]);
  });
});
