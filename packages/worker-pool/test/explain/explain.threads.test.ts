import { describe, expect, it } from 'vitest';
import type { LaneReport, TaskExplanation } from '../../src/index.ts';
import { counter, family } from '../fixtures/agents.ts';
import { booking } from '../fixtures/compensated.ts';
import { countsSlowly, obeys, signUp } from '../fixtures/coroutines.ts';
import { listens, runsNamed } from '../fixtures/nested.ts';
import { blocksAt } from '../fixtures/packed.ts';
import { blocks, echo, waits } from '../fixtures/plain.ts';
import { openRuntime, until } from '../support/threads.ts';

type Runtime = ReturnType<typeof openRuntime>['runtime'];

/** Waits until something stands where it is to stand. */
async function standing<S extends TaskExplanation['state']>(
  runtime: Runtime,
  id: string,
  state: S,
): Promise<Extract<TaskExplanation, { state: S }>> {
  await until(() => runtime.explain(id)?.state === state);
  return runtime.explain(id) as Extract<TaskExplanation, { state: S }>;
}

describe('R-13 explain', () => {
  it('tells of a parent for which of its children it waits, and of the child whose it is', async () => {
    const { runtime } = openRuntime();
    const ref = runtime.start(runsNamed, { name: 'listens' });
    const parked = await standing(runtime, ref.id, 'parked');
    await until(() => runtime.explain(ref.id)?.children.length === 1);
    expect(runtime.explain(ref.id)).toMatchObject({ kind: 'task', action: 'runsNamed', state: 'parked', lane: parked.lane });
    expect(runtime.explain(ref.id)?.reason).toBe('it waits for 1 task below it');
    const [child = ''] = runtime.explain(ref.id)?.children ?? [];
    expect(await standing(runtime, child, 'running')).toMatchObject({ id: child, parent: ref.id, action: listens.name, lane: parked.lane });
    await runtime.cancel(ref);
  });

  it('tells where the compensation of a task stands', async () => {
    const { runtime } = openRuntime();
    const ref = runtime.start(booking, { run: 'fails', undo: 'waits' });
    await until(() => {
      const explained = runtime.explain(ref.id);
      return explained?.state === 'compensating' && explained.compensation?.state === 'running';
    });
    expect(runtime.explain(ref.id)).toMatchObject({ action: 'booking', attempts: 1, compensation: { id: ref.id, attempts: 1 } });
    void runtime.cancel(ref);
    await runtime.cancel(ref);
  });

  it('tells of a coroutine whether it computes or stands at a yield, and for what it waits', async () => {
    const { runtime } = openRuntime();
    const wizard = runtime.coroutine(signUp, {}, {}, { tag: 'sign-up', suspendTimeoutMs: 60_000 });
    const first = await standing(runtime, wizard.id, 'suspended');
    expect(first).toMatchObject({ kind: 'coroutine', action: 'signUp', tag: 'sign-up', attempts: 1 });
    expect(first.reason).toBe('it stands at a yield, and nobody has asked for what it yielded');
    expect(first.sinceMs).toBeGreaterThanOrEqual(0);
    expect(first.limits).toMatchObject([{ option: 'suspendTimeoutMs', limitMs: 60_000 }]);
    await wizard.next();
    expect(runtime.explain(wizard.id)?.reason).toBe('it stands at a yield, and nobody has resumed it');

    const busy = runtime.coroutine(obeys, {}, {}, {});
    await busy.next();
    busy.resume('wait');
    expect(await standing(runtime, busy.id, 'running')).toMatchObject({ kind: 'coroutine', lane: first.lane });
    expect(runtime.explain(busy.id)?.reason).toContain('it runs to its next yield');
    const ended = busy.stop({ timeoutMs: 20_000 });
    expect(runtime.explain(busy.id)?.state).toBe('cancelling');
    await ended;
    expect(runtime.explain(busy.id)).toBeUndefined();
  });

  it('tells of a stream that it waits for its reader', async () => {
    const { runtime, records } = openRuntime();
    const stream = runtime.stream(countsSlowly, { to: 100 }, {}, { window: 4 });
    await stream.next();
    await until(() => records.length >= 4);
    const id = String(records[0]?.fields['taskId']);
    await until(() => runtime.explain(id)?.reason.includes('and its reader has not taken them') === true);
    expect(runtime.explain(id)).toMatchObject({ kind: 'stream', action: 'countsSlowly', state: 'running', id });
    await stream.return?.();
  });

  it('tells of an agent which signal it handles, what waits, who is above and below it, and that it rests', async () => {
    const { runtime } = openRuntime();
    const agent = runtime.startAgent(family, {}, { id: 'mother' });
    const spawned = await agent.call('spawn', { tag: 'first', what: 'agent' });
    // It is told of its child in a turn of its own.
    await until(() => {
      const { reason, children = [] } = runtime.explain('mother') ?? {};
      return reason === 'its mailbox is empty' && children.length === 1;
    });
    const rests = { kind: 'agent', id: 'mother', action: 'family', children: ['mother/first'], parent: undefined, state: 'suspended' };
    expect(runtime.explain('mother')).toMatchObject(rests);
    expect(spawned).toMatchObject({ ok: true, value: 'mother/first' });
    expect(await standing(runtime, 'mother/first', 'suspended')).toMatchObject({ parent: 'mother', kind: 'agent' });
    await agent.stop();

    const other = runtime.startAgent(counter, {}, { id: 'busy' });
    await other.state();
    other.send('obeys');
    other.send('add', { by: 1 });
    expect((await standing(runtime, 'busy', 'running')).reason).toContain('it handles the signal `obeys`; signals that wait: 1');
    await runtime.cancel('busy');
  });

  it('tells of an item of a map, and leaves the pack it travels in alone', async () => {
    const { runtime } = openRuntime();
    await runtime.ready();
    const gate = new SharedArrayBuffer(8);
    const words = new Int32Array(gate);
    const numbers = Array.from({ length: 5000 }, (_, index) => index);
    const results = (async () => {
      const values: unknown[] = [];
      for await (const { outcome } of runtime.map(blocksAt, numbers, { context: { gate, at: 4000 }, ordered: true }))
        values.push(outcome.ok ? outcome.value : outcome.error);
      return values;
    })();
    await until(() => words[0] === 1);
    const prefix = runtime.start(echo, {}).id.replace(/\d+$/, '');
    await until(() => runtime.explain(`${prefix}4000`)?.state === 'running');
    expect(runtime.explain(`${prefix}4001`)).toMatchObject({ id: `${prefix}4001`, action: 'blocksAt', attempts: 0, state: 'queued' });
    const explained = Array.from({ length: 6000 }, (_, key) => runtime.explain(prefix + key));
    const ahead = explained.flatMap((each) => (each?.state === 'queued' && each.place === 'host' ? [each.ahead] : []));
    expect(ahead.length).toBe(runtime.stats().queued);
    expect(ahead.sort((a, b) => a - b)).toEqual(ahead.map((_, index) => index));
    Atomics.store(words, 1, 1);
    Atomics.notify(words, 1);
    expect(await results).toEqual(numbers);
  });
});

const byIndex = (reports: readonly LaneReport[], index: number, stateful = false): LaneReport | undefined =>
  reports.find((report) => report.index === index && report.stateful === stateful);

describe('R-13 lanes', () => {
  it('tells what each lane does, what waits there and what lives there', async () => {
    const { runtime } = openRuntime({ threads: { min: 2, max: 2 }, stateful: { threads: 1 } });
    await runtime.ready();
    const ref = runtime.start(waits, {});
    await standing(runtime, ref.id, 'running');
    const wizard = runtime.coroutine(signUp);
    await wizard.next();
    const agent = runtime.startAgent(counter);
    await agent.state();
    const reports = await runtime.lanes();
    expect(reports.map(({ index, stateful }) => [index, stateful])).toEqual([
      [0, false],
      [1, false],
      [0, true],
    ]);
    const lane = ref.threadId;
    const busy = reports.find(({ threadId }) => threadId === lane);
    expect(busy).toMatchObject({
      state: 'busy',
      isolation: 'thread',
      waiting: 0,
      running: [{ id: ref.id, action: 'waits', state: 'running' }],
    });
    expect(busy?.running[0]?.sinceMs).toBeGreaterThanOrEqual(0);
    expect(reports.find((report) => !report.stateful && report.threadId !== lane)).toMatchObject({
      state: 'idle',
      running: [],
      settled: 0,
    });
    expect(byIndex(reports, 0, true)).toMatchObject({ state: 'idle', coroutines: 1, agents: 1, settled: 3 });
    await runtime.cancel(ref);
  });

  it('tells how busy the event loop of a lane is, in all and since the last look, also while it blocks', async () => {
    const { runtime } = openRuntime();
    const gate = new SharedArrayBuffer(8);
    const words = new Int32Array(gate);
    await runtime.ready();
    const ref = runtime.start(blocks, { gate });
    await until(() => words[1] === 1);
    const before = await runtime.lanes();
    expect(byIndex(before, 0)?.running).toMatchObject([{ id: ref.id }]);
    // It is in one task, and so active all the time, however long that is.
    let now = await runtime.lanes(before);
    for (
      ;
      (byIndex(now, 0)?.eventLoop?.activeMs ?? 0) === (byIndex(before, 0)?.eventLoop?.activeMs ?? 0);
      now = await runtime.lanes(before)
    );
    expect(byIndex(now, 0)?.eventLoop?.utilization).toBe(1);
    Atomics.store(words, 0, 1);
    Atomics.notify(words, 0);
    await ref.outcome();
    const idle = await runtime.lanes();
    let later = await runtime.lanes(idle);
    for (; (byIndex(later, 0)?.eventLoop?.idleMs ?? 0) - (byIndex(idle, 0)?.eventLoop?.idleMs ?? 0) < 5; later = await runtime.lanes(idle));
    expect(byIndex(later, 0)?.eventLoop?.utilization).toBeLessThan(1);
  });

  it('tells what is in the memory of a lane, whether Node tells the host or the lane itself has to', async () => {
    const { runtime } = openRuntime();
    await runtime.run(echo, {});
    // A busy machine may leave a lane no time to answer within what `lanes` waits.
    await expect.poll(async () => (await runtime.lanes())[0]?.memory?.heapUsedBytes).toBeGreaterThan(1e6);
    await expect
      .poll(async () => (await runtime.lanes())[0]?.memory)
      .toMatchObject({ heapTotalBytes: expect.any(Number), heapLimitBytes: expect.any(Number), externalBytes: expect.any(Number) });
  });

  it('gives a lane that replaces another its number, and knows those that are being opened', async () => {
    const { runtime } = openRuntime({ threads: { min: 1, max: 2 }, graceMs: 0 });
    expect(await runtime.lanes()).toMatchObject([{ state: 'opening', index: 0, threadId: undefined }]);
    await runtime.ready();
    const gate = new SharedArrayBuffer(8);
    const ref = runtime.start(blocks, { gate });
    await until(() => new Int32Array(gate)[1] === 1);
    await runtime.cancel(ref);
    await runtime.ready();
    const reports = await runtime.lanes();
    expect(reports.map(({ index }) => index)).toEqual([0]);
    expect(reports[0]?.threadId).not.toBe(ref.threadId);
  });

  it('answers of lanes in the host’s own thread with what is that thread’s', async () => {
    const { runtime } = openRuntime({ isolation: 'inline' });
    await runtime.run(echo, {});
    const [report] = await runtime.lanes();
    expect(report).toMatchObject({ isolation: 'inline', state: 'idle', settled: 1 });
    expect(report?.memory?.heapUsedBytes).toBeGreaterThan(1e6);
    expect(report?.eventLoop?.activeMs).toBeGreaterThan(0);
  });

  it('answers of processes with what they say of themselves', async () => {
    const { runtime } = openRuntime({ isolation: 'process' });
    await runtime.run(echo, {});
    await expect.poll(async () => (await runtime.lanes())[0]?.eventLoop?.activeMs).toBeGreaterThan(0);
    const [report] = await runtime.lanes();
    expect(report).toMatchObject({ isolation: 'process', settled: 1 });
  });
});
