import { ok } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { aFailure, errorNow, outcomeNow, simAction, simRuntime } from './support/sim-runtime.ts';

const action = simAction();
const patient = { timeoutMs: Number.POSITIVE_INFINITY, maxRetries: 5 };

describe('the four clocks', () => {
  it('R-3 total: waiting, attempts and backoffs all count, and the failure before is the cause', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { ...patient, backoffMs: 60, totalTimeoutMs: 100 });
    await sim.openThreads();
    await sim.clock.advance(30);
    sim.begin();
    await sim.finish(aFailure);
    expect(ref.status).toBe('retrying');
    await sim.clock.advance(60);
    sim.begin();
    await sim.clock.advance(9);
    expect(ref.status).toBe('running');
    await sim.clock.advance(1);
    expect(ref.status).toBe('cancelling');
    await sim.finish(ok('too late'));
    const error = await errorNow(ref);
    expect(error).toMatchObject({ type: 'timeout', details: { totalTimeoutMs: 100, clock: 'total' }, cause: { message: 'it failed' } });
    expect(error?.message).toContain('`totalTimeoutMs`');
    expect(ref.attempts).toBe(2);
  });

  it('R-3 total: ends a task that still waits, and one that waits to be tried again', async () => {
    const sim = simRuntime();
    const first = sim.runtime.start(action, {}, {}, patient);
    const waits = sim.runtime.start(action, {}, {}, { ...patient, totalTimeoutMs: 50 });
    await sim.openThreads();
    sim.begin();
    await sim.clock.advance(50);
    expect(await errorNow(waits)).toMatchObject({ type: 'timeout', details: { clock: 'total' } });
    expect(waits.attempts).toBe(0);
    await sim.finish();
    expect(await outcomeNow(first)).toMatchObject({ ok: true });
  });

  it('R-6 a retry that could not begin in time is not waited for: the failure is the outcome, at once', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { ...patient, backoffMs: 200, totalTimeoutMs: 150 });
    await sim.openThreads();
    sim.begin();
    await sim.finish(aFailure);
    expect(await errorNow(ref)).toMatchObject({ type: 'execution_error', message: 'it failed' });
  });

  it('R-5 deadline: an expired one fails before anything is sent', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { deadline: sim.clock.wall() - 1 });
    expect(await errorNow(ref)).toMatchObject({ type: 'timeout', details: { clock: 'deadline' } });
    expect(ref.attempts).toBe(0);
  });

  it('R-5 deadline: stops what runs, is never retried, and crosses to the thread', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { ...patient, retryIf: () => true, deadline: sim.clock.wall() + 80 });
    await sim.openThreads();
    const task = sim.begin();
    expect(task.deadlineMs).toBe(sim.clock.now() + 80);
    await sim.clock.advance(80);
    await sim.finish(aFailure);
    expect(await errorNow(ref)).toMatchObject({ type: 'timeout', details: { clock: 'deadline' } });
    expect(ref.attempts).toBe(1);
  });

  it('R-3 of deadline and total the earlier counts', async () => {
    const sim = simRuntime();
    const deadline = sim.clock.wall() + 30;
    const ref = sim.runtime.start(action, {}, {}, { ...patient, totalTimeoutMs: 60, deadline });
    await sim.clock.advance(30);
    expect(await errorNow(ref)).toMatchObject({ details: { clock: 'deadline' } });
  });

  it('R-3 queue: a task that finds no thread in time ends without having begun', async () => {
    const sim = simRuntime();
    sim.runtime.start(action, {}, {}, patient);
    const ref = sim.runtime.start(action, {}, {}, { ...patient, queueTimeoutMs: 40 });
    await sim.openThreads();
    sim.begin();
    await sim.clock.advance(40);
    const error = await errorNow(ref);
    expect(error).toMatchObject({ type: 'timeout', details: { queueTimeoutMs: 40, clock: 'queue' } });
    expect(error?.message).toContain('`queueTimeoutMs`');
    expect(ref.attempts).toBe(0);
  });

  it('R-3 queue: says nothing to a task that has begun', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { ...patient, queueTimeoutMs: 40 });
    await sim.openThreads();
    sim.begin();
    await sim.clock.advance(100);
    expect(ref.status).toBe('running');
    await sim.finish();
    expect(await outcomeNow(ref)).toMatchObject({ ok: true });
  });

  it('R-3 queue: counts anew for each attempt', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { ...patient, backoffMs: 10, queueTimeoutMs: 40 });
    await sim.openThreads();
    sim.begin();
    await sim.clock.advance(39);
    await sim.finish(aFailure);
    await sim.clock.advance(10);
    expect(ref.status).toBe('queued');
    await sim.clock.advance(39);
    expect(ref.status).toBe('queued');
    await sim.clock.advance(1);
    expect(await errorNow(ref)).toMatchObject({ details: { clock: 'queue' }, cause: { message: 'it failed' } });
  });

  it.each(['timeoutMs', 'totalTimeoutMs', 'queueTimeoutMs'] as const)('R-3 %s: 0 means at once, and nothing starts', async (name) => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { [name]: 0 });
    expect(await errorNow(ref)).toMatchObject({ type: 'timeout', details: { [name]: 0 } });
    expect(ref.attempts).toBe(0);
  });

  it('R-4 a result that is here wins over a clock that fires late', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { ...patient, totalTimeoutMs: 50 });
    const thread = await sim.openThreads();
    const task = sim.begin();
    // Posted by the thread, not yet received by the host, whose loop was busy until long after the limit.
    thread.finish(task, ok('in time'));
    await sim.clock.advance(500);
    expect(await outcomeNow(ref)).toMatchObject({ ok: true, value: 'in time' });
  });
});

describe('jitter', () => {
  it('R-3 waits between half the backoff and all of it', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { ...patient, backoffMs: 1000, jitter: true });
    await sim.openThreads();
    sim.begin();
    await sim.finish(aFailure);
    await sim.clock.advance(499);
    expect(ref.status).toBe('retrying');
    await sim.clock.advance(501);
    expect(ref.status).not.toBe('retrying');
  });
});
