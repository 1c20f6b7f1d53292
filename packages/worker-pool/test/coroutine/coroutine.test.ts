import { fail, HeddleError, ok, type Step } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import type { TaskInput } from '../../src/protocol/input.ts';
import { STEP_NEXT, STEP_RETURN, SUSPENDED } from '../../src/protocol/step.ts';
import { simCoroutine } from '../support/coroutine-world.ts';
import { settle } from '../support/fake-clock.ts';
import type { SimPool, SimThread } from '../support/sim-pool.ts';
import { type SimRuntime, simRuntime } from '../support/sim-runtime.ts';

const yielded = ok('yielded', SUSPENDED);
const cleaned = fail(new HeddleError('cancelled', 'cleaned up'));
const forever = { timeoutMs: Number.POSITIVE_INFINITY };

const poolOf = ({ pools }: SimRuntime): SimPool => {
  const pool = pools[1];
  if (pool === undefined) throw new Error('no coroutine was started');
  return pool;
};

/** What a step was begun with. */
const opOf = ({ params }: TaskInput): unknown => (Array.isArray(params) ? params[0] : 'first');

/** A coroutine on a thread of its own, suspended. */
async function suspended(
  sim: SimRuntime,
): Promise<{ coroutine: ReturnType<typeof sim.runtime.coroutine>; thread: SimThread; heard: Step[] }> {
  const heard: Step[] = [];
  const coroutine = sim.runtime.coroutine(simCoroutine, {}, {}, { onStep: (step) => void heard.push(step) });
  await settle();
  const thread = await sim.openThreads(poolOf(sim));
  sim.begin(thread);
  await sim.finish(yielded, thread);
  expect(coroutine.state).toBe('suspended');
  return { coroutine, thread, heard };
}

describe('a cancel of a coroutine', () => {
  it('C-4 takes a resume back that has not begun, and the generator is cleaned up', async () => {
    const sim = simRuntime();
    const { coroutine, thread, heard } = await suspended(sim);
    coroutine.resume('never seen');
    await settle();
    void coroutine.cancel('enough');
    await settle();
    expect(opOf(sim.begin(thread))).toBe(STEP_RETURN);
    await sim.finish(cleaned, thread);
    expect(heard.at(-1)).toMatchObject({ kind: 'cancelled', reason: 'enough' });
  });

  it('C-4 that crosses a yield cleans up all the same', async () => {
    const sim = simRuntime();
    const { coroutine, thread } = await suspended(sim);
    coroutine.resume('go');
    await settle();
    expect(opOf(sim.begin(thread))).toBe(STEP_NEXT);
    void coroutine.cancel('enough');
    expect(coroutine.state).toBe('cancelling');
    await sim.finish(yielded, thread);
    expect(opOf(sim.begin(thread))).toBe(STEP_RETURN);
    await sim.finish(cleaned, thread);
    expect(await coroutine.next()).toMatchObject({ kind: 'cancelled', reason: 'enough', seq: 2 });
  });

  it('C-1, C-4 a time limit that crosses a yield cleans up, and is what it ends with', async () => {
    const sim = simRuntime();
    const heard: Step[] = [];
    sim.runtime.coroutine(simCoroutine, {}, {}, { timeoutMs: 10, onStep: (step) => void heard.push(step) });
    await settle();
    const thread = await sim.openThreads(poolOf(sim));
    sim.begin(thread);
    await sim.clock.advance(10);
    await sim.finish(yielded, thread);
    expect(opOf(sim.begin(thread))).toBe(STEP_RETURN);
    await sim.finish(fail(new HeddleError('timeout', 'cleaned up')), thread);
    expect(heard).toMatchObject([{ kind: 'thrown', fault: { type: 'timeout' }, error: { kind: 'error' } }]);
  });

  it('C-4 while it cleans up changes nothing; both are told when it has ended', async () => {
    const sim = simRuntime();
    const { coroutine, thread, heard } = await suspended(sim);
    let told = 0;
    for (const reason of ['first', 'second']) void coroutine.cancel(reason).then(() => told++);
    await settle();
    expect(opOf(sim.begin(thread))).toBe(STEP_RETURN);
    void coroutine.cancel('third').then(() => told++);
    await settle();
    expect([told, [...thread.asked]]).toEqual([0, []]);
    await sim.finish(cleaned, thread);
    expect([told, heard.at(-1)]).toMatchObject([3, { kind: 'cancelled', reason: 'first' }]);
  });

  it('C-4 is forced when its cleanup takes longer than a step may, and longer than the grace', async () => {
    const sim = simRuntime({ graceMs: 20 });
    const { coroutine, thread, heard } = await suspended(sim);
    void coroutine.cancel();
    await settle();
    sim.begin(thread);
    await sim.clock.advance(5000);
    expect(thread.asked.size).toBe(1);
    await sim.clock.advance(20);
    await sim.openThreads(poolOf(sim));
    await sim.clock.advance(10);
    expect(thread.terminated).toBe(true);
    await sim.end(thread);
    expect(heard.at(-1)).toMatchObject({ kind: 'cancelled' });
  });

  it('C-4 of one that has ended is nothing', async () => {
    const sim = simRuntime();
    const { coroutine, thread } = await suspended(sim);
    coroutine.resume('go');
    await settle();
    sim.begin(thread);
    await sim.finish(ok('the value'), thread);
    expect(await coroutine.cancel('late')).toEqual(ok(undefined));
    expect(await coroutine.stop()).toMatchObject({ kind: 'completed', value: 'the value' });
    expect(thread.inbox).toEqual([]);
  });

  it('C-4, C-10 whose lane is lost while it cleans up ends as cancelled', async () => {
    const sim = simRuntime();
    const { coroutine, thread, heard } = await suspended(sim);
    void coroutine.cancel('enough');
    await settle();
    sim.begin(thread);
    await sim.end(thread);
    expect(heard.at(-1)).toMatchObject({ kind: 'cancelled', reason: 'enough' });
  });

  it('C-4 by `stop` that times out leaves it to end by itself', async () => {
    const sim = simRuntime();
    const { coroutine, thread } = await suspended(sim);
    const stopped = coroutine.stop({ timeoutMs: 5 });
    stopped.catch(() => {}); // looked at below
    await sim.clock.advance(5);
    await expect(stopped).rejects.toMatchObject({ type: 'timeout' });
    expect(coroutine.state).toBe('cancelling');
    sim.begin(thread);
    await sim.finish(cleaned, thread);
    expect(coroutine.state).toBe('settled');
  });
});

describe('a coroutine and its lane', () => {
  it('C-10 a yield that crosses the end of its lane is lost, and says so', async () => {
    const sim = simRuntime({ graceMs: 0 });
    const { coroutine, thread, heard } = await suspended(sim);
    const beside = sim.runtime.coroutine(simCoroutine);
    coroutine.resume('go');
    await settle();
    const [step, other] = [sim.begin(thread), sim.begin(thread)];
    thread.finish(opOf(step) === STEP_NEXT ? step : other, yielded);
    // Kills the lane, on which the yield is on its way.
    void beside.cancel();
    await sim.deliverAll();
    await sim.end(thread);
    expect(coroutine.state).toBe('settled');
    expect(heard.at(-1)).toMatchObject({ kind: 'thrown', error: { kind: 'exit', payload: { type: 'worker_lost' } } });
    expect(sim.runtime.stats().coroutines).toEqual({ open: 0, suspended: 0 });
  });

  it('C-10, E-10 a resume that has not begun when its lane is lost says so; a first step begins elsewhere', async () => {
    const sim = simRuntime({ stateful: { threads: 1 } });
    const { coroutine, thread, heard } = await suspended(sim);
    const beside = sim.runtime.coroutine(simCoroutine);
    coroutine.resume('go');
    await sim.end(thread);
    expect(heard.at(-1)).toMatchObject({ kind: 'thrown', fault: { type: 'worker_lost', details: { action: 'simulated' } } });
    const other = await sim.openThreads(poolOf(sim));
    expect(opOf(sim.begin(other))).toBe('first');
    await sim.finish(yielded, other);
    expect(beside.state).toBe('suspended');
    await sim.end(other);
  });

  it('C-8, E-11 a lane that retires keeps what is suspended on it, and others begin elsewhere', async () => {
    const sim = simRuntime({ stateful: { threads: 1 } });
    const { coroutine, thread } = await suspended(sim);
    thread.retire();
    await sim.deliverAll();
    const later = sim.runtime.coroutine(simCoroutine);
    await settle();
    const other = await sim.openThreads(poolOf(sim));
    expect(other).not.toBe(thread);
    sim.begin(other);
    await sim.finish(yielded, other);
    expect([coroutine.state, later.state]).toEqual(['suspended', 'suspended']);
    other.retire();
    await sim.deliverAll();
    // As many retire as may serve: one of them is better than none.
    const last = sim.runtime.coroutine(simCoroutine);
    await settle();
    expect([thread, other].filter((each) => each.begin(sim.clock.now()) !== undefined)).toHaveLength(1);
    expect(last.state).toBe('computing');
    for (const each of [thread, other]) await sim.end(each);
  });

  it('C-8 a lane that opens takes its share of what has not begun', async () => {
    const sim = simRuntime({ stateful: { threads: 2 } });
    for (let count = 0; count < 8; count++) sim.runtime.coroutine(simCoroutine);
    await settle();
    const one = await sim.openThreads(poolOf(sim));
    sim.begin(one);
    const two = await sim.openThreads(poolOf(sim));
    expect(two).not.toBe(one);
    let begun = 0;
    while (two.begin(sim.clock.now()) !== undefined) begun++;
    expect(begun).toBe(4);
  });

  it('C-8 takes more steps at once than a lane has room for, and forgets those that are cancelled', async () => {
    const sim = simRuntime({ stateful: { threads: 1 } });
    const coroutines = Array.from({ length: 3000 }, () => sim.runtime.coroutine(simCoroutine));
    await settle();
    const thread = await sim.openThreads(poolOf(sim));
    for (const coroutine of coroutines.slice(0, 1000)) void coroutine.cancel();
    await settle();
    expect(await sim.work(thread)).toBe(2000);
    expect(sim.runtime.stats().coroutines.open).toBe(0);
  });

  it('E-7, C-1 ends at once where every stateful lane is stuck', async () => {
    const sim = simRuntime({ graceMs: 0, zombieLimit: 0, stateful: { threads: 1 } });
    const one = sim.runtime.coroutine(simCoroutine);
    await settle();
    const thread = await sim.openThreads(poolOf(sim));
    sim.begin(thread);
    void one.cancel();
    await sim.clock.advance(1000);
    expect(sim.eventKinds).toContain('zombie');
    expect(await sim.runtime.coroutine(simCoroutine).outcome(forever)).toMatchObject({ ok: false, error: { type: 'overloaded' } });
    await sim.end(thread);
  });

  it('C-1 ends with the reason where no stateful lane can be opened', async () => {
    const sim = simRuntime();
    const coroutine = sim.runtime.coroutine(simCoroutine);
    await settle();
    for (const { fail: refuse } of poolOf(sim).opens.splice(0)) refuse();
    await settle();
    expect(await coroutine.next()).toMatchObject({ kind: 'thrown', fault: { type: 'worker_lost' } });
  });

  it('E-12 a close without grace cleans up what is suspended, within the grace of the runtime', async () => {
    const sim = simRuntime({ graceMs: 20 });
    const { thread, heard } = await suspended(sim);
    const closed = sim.runtime.close({ graceMs: 0 });
    await settle();
    expect(opOf(sim.begin(thread))).toBe(STEP_RETURN);
    await sim.clock.advance(20);
    await sim.clock.advance(20);
    for (const { open } of poolOf(sim).opens.splice(0)) open();
    await sim.clock.advance(10);
    expect(thread.terminated).toBe(true);
    await sim.end(thread);
    await sim.clock.advance(1000);
    await closed;
    expect(heard.at(-1)).toMatchObject({ kind: 'cancelled', reason: expect.stringContaining('closed') });
  });
});
