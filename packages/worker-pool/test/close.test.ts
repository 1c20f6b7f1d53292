import { ok } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { settle } from './support/fake-clock.ts';
import { aFailure, errorNow, outcomeNow, simAction, simRuntime } from './support/sim-runtime.ts';

const action = simAction();

describe('`close`', () => {
  it('E-12 refuses new work from then on', async () => {
    const { runtime } = simRuntime({ name: 'shop' });
    void runtime.close();
    const closed = { type: 'closed', message: 'Runtime shop is closed; create a new one to run more' };
    expect(() => runtime.start(action, {})).toThrow(expect.objectContaining(closed));
    expect(() => runtime.map(action, [{}])).toThrow(expect.objectContaining(closed));
    await expect(runtime.run(action, {})).rejects.toMatchObject(closed);
  });

  it('E-12 lets what is there finish, queued and waiting to be tried again included', async () => {
    const sim = simRuntime();
    const [retried, queued] = [sim.runtime.start(action, {}, {}, { backoffMs: 100 }), sim.runtime.start(action, {})];
    await sim.openThreads();
    sim.begin();
    await sim.finish(aFailure);
    const closed = sim.runtime.close({ graceMs: 1000 });
    await sim.work();
    await sim.clock.advance(100);
    await sim.work();
    await closed;
    for (const ref of [retried, queued]) expect((await outcomeNow(ref))?.ok).toBe(true);
    expect(sim.pool.closed).toBe(true);
  });

  it('E-12 cancels what is not finished by then, wherever it is', async () => {
    const sim = simRuntime({ name: 'shop', graceMs: 10 });
    const [running, queued, retrying] = [0, 1, 2].map(() => sim.runtime.start(action, {}, {}, { backoffMs: 5000 })) as never as [
      ReturnType<typeof sim.runtime.start>,
      ReturnType<typeof sim.runtime.start>,
      ReturnType<typeof sim.runtime.start>,
    ];
    const thread = await sim.openThreads();
    sim.begin();
    await sim.finish(aFailure);
    sim.begin();
    const closed = sim.runtime.close({ graceMs: 100 });
    await sim.clock.advance(99);
    expect([running.status, queued.status, retrying.status]).toEqual(['retrying', 'running', 'queued']);
    await sim.clock.advance(1);
    expect([running.status, queued.status, retrying.status]).toEqual(['settled', 'cancelling', 'settled']);
    await sim.clock.advance(20);
    await sim.end(thread);
    await closed;
    for (const ref of [running, queued, retrying])
      expect(await errorNow(ref)).toMatchObject({ type: 'cancelled', details: { reason: 'runtime shop was closed' } });
  });

  it('E-12 at once, with no grace, cancels at once', async () => {
    const sim = simRuntime();
    const refs = [0, 1, 2].map(() => sim.runtime.start(action, {}));
    void sim.runtime.close({ graceMs: 0 });
    for (const ref of refs) expect((await errorNow(ref)).type).toBe('cancelled');
  });

  it('E-12 with endless grace waits for as long as it takes', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { timeoutMs: Number.POSITIVE_INFINITY });
    await sim.openThreads();
    sim.begin();
    const closed = sim.runtime.close({ graceMs: Number.POSITIVE_INFINITY });
    await sim.clock.advance(1e9);
    expect(ref.status).toBe('running');
    await sim.finish(ok(1));
    await closed;
  });

  it('E-12 tries nothing again that it cancelled, whatever `retryIf` says', async () => {
    const sim = simRuntime();
    const always = { retryIf: () => true, backoffMs: 0, maxRetries: 9 };
    const [begun, finished] = [sim.runtime.start(action, {}, {}, always), sim.runtime.start(action, {}, {}, always)];
    const thread = await sim.openThreads();
    sim.begin();
    await sim.finish(aFailure, thread);
    await sim.clock.advance(0);
    thread.finish(sim.begin(), aFailure);
    const closed = sim.runtime.close({ graceMs: 0 });
    await sim.deliverAll();
    await closed;
    expect([begun.status, finished.status]).toEqual(['settled', 'settled']);
  });

  it('E-12 is idempotent, also through `Symbol.asyncDispose`', async () => {
    const { runtime } = simRuntime();
    const closed = runtime.close();
    expect(runtime.close({ graceMs: 7 })).toBe(closed);
    await runtime[Symbol.asyncDispose]();
    await closed;
  });

  it('E-12 leaves results readable, cancels harmless', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {});
    await sim.openThreads();
    await sim.work();
    await sim.runtime.close();
    expect(await ref.outcome()).toEqual({ ok: true, value: 'done' });
    expect((await sim.runtime.cancel(ref)).ok).toBe(true);
  });

  it('E-12 does not wait for a thread stuck in native code', async () => {
    const sim = simRuntime({ graceMs: 10 });
    const ref = sim.runtime.start(action, {});
    const thread = await sim.openThreads();
    sim.begin();
    sim.pool.stuck = true;
    let closed = false;
    void sim.runtime.close({ graceMs: 0 }).then(() => {
      closed = true;
    });
    await sim.clock.advance(10);
    await sim.clock.advance(1000);
    expect(await errorNow(ref)).toMatchObject({ type: 'cancelled', details: { forced: true, zombie: true } });
    await sim.clock.advance(1000);
    expect([closed, thread.ended]).toEqual([true, false]);
    sim.pool.stuck = false;
    await sim.end(thread);
  });

  it('E-12 of a runtime that was never used is at once', async () => {
    const sim = simRuntime({ threads: { min: 0 } });
    await sim.runtime.close();
    await settle();
    expect([sim.pool.threads.length, sim.clock.pending]).toEqual([0, 0]);
  });

  it.each([{ graceMs: -1 }, { graceMs: Number.NaN }, { graceMs: '5' }, { grace: 1 }])(
    'R-3 refuses options at fault, and closes nothing: %j',
    async (options) => {
      const sim = simRuntime();
      await expect(sim.runtime.close(options as never)).rejects.toMatchObject({ type: 'invalid_input' });
      expect(sim.runtime.start(action, {}).status).toBe('queued');
    },
  );
});
