import { ok } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { aFailure, simAction, simRuntime } from '../support/sim-runtime.ts';

const [first, second] = [simAction('first'), simAction('second')];
const patient = { timeoutMs: Number.POSITIVE_INFINITY, maxRetries: 0 };

describe('the deadline of a chain', () => {
  it('R-12 R-5 stops the step that runs, and says whose deadline it was', async () => {
    const sim = simRuntime();
    const running = sim.runtime.chain([first, second], {}, {}, { ...patient, deadline: sim.clock.wall() + 100 });
    await sim.openThreads();
    sim.begin();
    await sim.finish(ok({}));
    const task = sim.begin();
    expect(task.deadlineMs).toBe(sim.clock.now() + 100);
    await sim.clock.advance(100);
    await sim.finish(aFailure);
    expect(await running).toMatchObject({
      ok: false,
      error: {
        type: 'timeout',
        message: 'Action second was stopped: the chain ran past its `deadline`',
        details: { step: 1, action: 'second', reason: 'deadline', clock: 'deadline' },
      },
    });
    expect(sim.runtime.stats().failed).toBe(1);
  });

  it('R-12 R-5 lets no step begin that has no time left, and no thread know of it', async () => {
    const sim = simRuntime();
    const outcome = await sim.runtime.chain([first], {}, {}, { deadline: sim.clock.wall() });
    expect(outcome).toMatchObject({ ok: false, error: { type: 'timeout', details: { step: 0, reason: 'deadline' } } });
    expect(sim.runtime.stats()).toMatchObject({ queued: 0, running: 0, failed: 1 });
  });

  it('R-12 is not blamed for the earlier deadline of a step', async () => {
    const sim = simRuntime();
    const own = sim.clock.wall() + 50;
    const running = sim.runtime.chain([[first, {}, { deadline: own }]], {}, {}, { ...patient, deadline: own + 50 });
    await sim.clock.advance(50);
    const outcome = await running;
    expect(outcome).toMatchObject({ ok: false, error: { type: 'timeout', details: { step: 0, deadline: own } } });
    expect(!outcome.ok && outcome.error.message).not.toContain('chain');
    expect(!outcome.ok && outcome.error.details).not.toHaveProperty('reason');
  });

  it('R-12 keeps the failure that a step was trying again after as the cause', async () => {
    const sim = simRuntime();
    const options = { timeoutMs: Number.POSITIVE_INFINITY, maxRetries: 1, backoffMs: 20, deadline: sim.clock.wall() + 100 };
    const running = sim.runtime.chain([first], {}, {}, options);
    await sim.openThreads();
    sim.begin();
    await sim.finish(aFailure);
    await sim.clock.advance(20);
    sim.begin();
    await sim.clock.advance(80);
    await sim.finish(aFailure);
    expect(await running).toMatchObject({ error: { details: { reason: 'deadline' }, cause: { message: 'it failed' } } });
  });

  it('R-12 is not the reason when its signal fired before', async () => {
    const sim = simRuntime();
    const controller = new AbortController();
    const running = sim.runtime.chain([first], {}, {}, { deadline: sim.clock.wall() + 100, signal: controller.signal });
    controller.abort();
    expect(await running).toMatchObject({ ok: false, error: { type: 'cancelled' } });
  });
});

describe('the deadline of a plan', () => {
  it('R-12 stops what runs then, and keeps what has ended', async () => {
    const sim = simRuntime();
    const steps = { a: { action: first }, b: { action: second } };
    const running = sim.runtime.plan(steps, {}, { ...patient, deadline: sim.clock.wall() + 50 });
    await sim.openThreads();
    sim.begin();
    await sim.finish(ok(1));
    sim.begin();
    await sim.clock.advance(50);
    await sim.finish(aFailure);
    const outcome = await running;
    expect(outcome).toMatchObject({
      error: { type: 'timeout', message: 'Action second was stopped: the plan ran past its `deadline`', details: { step: 'b' } },
      outcomes: { a: { ok: true } },
    });
  });
});
