import { unwrap } from '@heddle/core';
import { createRuntime, type Isolation, type Runtime, subscribeTelemetry } from '@heddle/worker-pool';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { counter } from './fixtures/agents.ts';
import { calls, tells } from './fixtures/calls.ts';
import { counts, echoes, obeys, signUp } from './fixtures/coroutines.ts';
import { exits, spin, throwsInTimer, throwsRich, throwsValue } from './fixtures/faulty.ts';
import { runsNamed, sumOfSquares } from './fixtures/nested.ts';
import { add, describe as describes, echo, flaky, loops, measures, talks, waits } from './fixtures/plain.ts';
import { until } from './support/threads.ts';

const NO_LIMIT = { timeoutMs: Number.POSITIVE_INFINITY } as const;
const ONCE = { maxRetries: 0 } as const;

/** The same runtime on every tier; what differs is what each test says. */
const TIERS: readonly Isolation[] = ['inline', 'thread', 'process'];
/** Tiers that can end a lane. */
const CONTAINED: readonly Isolation[] = ['thread', 'process'];

interface Opened {
  readonly runtime: Runtime;
  readonly said: unknown[];
}

function openTier(isolation: Isolation, graceMs = 60_000): Opened {
  const said: unknown[] = [];
  const write = (fields: object, message?: string) => void said.push({ ...fields, message });
  const logger = { level: 'info', trace: write, debug: write, info: write, warn: write, error: write, fatal: write };
  const shop = {
    add: (a: number, b: number) => a + b,
    fails: () => {
      throw new RangeError('out of stock');
    },
  };
  const options = { threads: { max: 1 }, stateful: { threads: 1 }, graceMs, defaults: NO_LIMIT, onEvent: () => {} } as const;
  return { runtime: createRuntime({ ...options, isolation, logger, services: { shop } }), said };
}

describe.each(TIERS)('isolation %s', (isolation) => {
  let opened: Opened;
  beforeAll(() => {
    opened = openTier(isolation);
  });
  afterAll(() => opened.runtime.close({ graceMs: 0 }));

  test('R-1 R-2 runs an action: params, defaults, context, result', async () => {
    const { runtime } = opened;
    expect(await runtime.run(add, { a: 1 })).toMatchObject({ ok: true, value: 11 });
    const told = await runtime.run(describes, {}, { userId: 7 }, { deadline: Date.now() + 60_000 });
    expect(told).toMatchObject({ ok: true, value: { attempt: 1, context: { userId: 7 }, hasDeadline: true, aborted: false } });
  });

  test('R-2 carries what a structured clone carries, each thing once', async () => {
    const shared = { n: 1 };
    const sent = { map: new Map([['k', new Set([1n])]]), date: new Date(0), view: new Float64Array([1, 2]), twice: [shared, shared] };
    const back = unwrap(await opened.runtime.run(echo, sent)) as typeof sent;
    expect(back).toEqual(sent);
    expect(back.twice[0]).toBe(back.twice[1]);
    expect(back.view.buffer.byteLength).toBe(16);
  });

  test('A-6 R-8 carries what is thrown, whole', async () => {
    const { runtime } = opened;
    const rich = await runtime.run(throwsRich, {}, {}, ONCE);
    expect(rich).toMatchObject({ ok: false, error: { type: 'execution_error', details: expect.anything() } });
    expect(await runtime.run(throwsValue, { what: 'null' }, {}, ONCE)).toMatchObject({ ok: false, error: { type: 'execution_error' } });
  });

  test('R-2 names what cannot cross, before anything runs', async () => {
    const outcome = await opened.runtime.run(echo, { deep: [{ fn: () => {} }] });
    expect(outcome).toMatchObject({ ok: false, error: { type: 'uncloneable', details: { path: 'params.deep[0].fn' } } });
  });

  test('R-9 passes on progress, log records and console, in order', async () => {
    const { runtime, said } = opened;
    const from = said.length;
    const progress: unknown[] = [];
    const outcome = await runtime.run(talks, {}, {}, { onProgress: (details) => progress.push(details) });
    expect(outcome).toMatchObject({ ok: true, value: 5 });
    expect(progress).toEqual([2, 4]);
    expect(said.slice(from)).toContainEqual(expect.objectContaining({ step: 1, message: 'logged' }));
  });

  test('E-7 cancels what awaits, and what is queued', async () => {
    const { runtime } = opened;
    const running = runtime.start(waits, {}, {}, NO_LIMIT);
    const queued = runtime.start(add, { a: 1 });
    await until(() => running.progress === 'waiting');
    await Promise.all([queued.cancel('not needed'), running.cancel('enough')]);
    expect(await running.outcome()).toMatchObject({
      ok: false,
      error: { type: 'cancelled', message: 'Action waits was cancelled: enough' },
    });
    expect(await queued.outcome()).toMatchObject({ ok: false, error: { type: 'cancelled' } });
  });

  test('R-4 ends what takes too long', async () => {
    const outcome = await opened.runtime.run(waits, {}, {}, { timeoutMs: 10, ...ONCE });
    expect(outcome).toMatchObject({ ok: false, error: { type: 'timeout', details: { timeoutMs: 10 } } });
  });

  test('R-6 tries again', async () => {
    const outcome = await opened.runtime.run(flaky, { succeedsAt: 3 }, {}, { maxRetries: 2, backoffMs: 0 });
    expect(outcome).toMatchObject({ ok: true, value: 3, directive: 'kept' });
  });

  test('C-1 C-4 resumes a coroutine, and cleans one up', async () => {
    const { runtime } = opened;
    const coroutine = runtime.coroutine(signUp, { plan: 'pro' });
    expect(await coroutine.next(undefined, NO_LIMIT)).toMatchObject({ kind: 'suspended', value: 'get_name' });
    expect(await coroutine.next('Ada', NO_LIMIT)).toMatchObject({ kind: 'suspended', value: 'get_email' });
    expect(await coroutine.next('a@b', NO_LIMIT)).toMatchObject({ kind: 'completed', value: { name: 'Ada', email: 'a@b', plan: 'pro' } });
    const stopped = runtime.coroutine(echoes, {});
    await stopped.next(undefined, NO_LIMIT);
    expect(await stopped.stop(NO_LIMIT)).toMatchObject({ kind: 'cancelled' });
  });

  test('C-9 streams under back-pressure', async () => {
    let sum = 0;
    for await (const n of opened.runtime.stream(counts, { to: 500 }, {}, { window: 16 })) sum += n;
    expect(sum).toBe(124_750);
  });

  test('W-1 W-2 keeps an agent and its state', async () => {
    const agent = opened.runtime.startAgent(counter, {});
    agent.send('add', { by: 2 });
    expect(await agent.call('answer', 'reply', Number.POSITIVE_INFINITY)).toMatchObject({ ok: true, value: 'reply' });
    expect(await agent.state()).toMatchObject({ count: 3 });
    await agent.stop();
  });

  test('A-9 calls services, and hears what they throw', async () => {
    const { runtime } = opened;
    expect(await runtime.run(calls, { service: 'shop', method: 'add', args: [1, 2] })).toMatchObject({ ok: true, value: 3 });
    const told = unwrap(await runtime.run(tells, { service: 'shop', method: 'fails' }));
    expect(told).toMatchObject({ name: 'RangeError', message: 'out of stock' });
  });

  test('A-9 runs children, on one lane', async () => {
    const { runtime } = opened;
    expect(await runtime.run(sumOfSquares, { numbers: [1, 2, 3] })).toMatchObject({ ok: true, value: 14 });
    expect(await runtime.run(runsNamed, { name: 'fails' })).toMatchObject({ ok: true, value: { ok: false, directive: 'told' } });
  });

  test('R-9 publishes each task and attempt once', async () => {
    const told: string[] = [];
    const note = (event: string) => () => void told.push(event);
    using _ = subscribeTelemetry({
      taskStart: note('taskStart'),
      attemptStart: note('attemptStart'),
      attemptEnd: note('attemptEnd'),
      taskEnd: note('taskEnd'),
    });
    await opened.runtime.run(add, { a: 1 });
    await expect.poll(() => told).toEqual(['taskStart', 'attemptStart', 'attemptEnd', 'taskEnd']);
  });

  test('R-3 maps in order', async () => {
    const values: unknown[] = [];
    const items = Array.from({ length: 300 }, (_, a) => ({ a, b: 1 }));
    for await (const { outcome } of opened.runtime.map(add, items, { ordered: true })) values.push(unwrap(outcome));
    expect(values).toEqual(items.map(({ a }) => a + 1));
  });

  test('R-3 takes what is to be moved; only a thread takes it away', async () => {
    const data = new Uint8Array(1024);
    const outcome = await opened.runtime.run(measures, { data }, {}, { transfer: [data.buffer] });
    expect(outcome).toMatchObject({ ok: true, value: 1024 });
    expect(data.byteLength).toBe(isolation === 'process' ? 1024 : 0);
  });

  test('E-12 closes: what runs is ended, more is refused', async () => {
    const { runtime } = openTier(isolation);
    const ref = runtime.start(waits, {}, {}, NO_LIMIT);
    await until(() => ref.progress === 'waiting');
    await runtime.close({ graceMs: 20 });
    expect((await ref.outcome()).ok).toBe(false);
    expect(() => runtime.start(add, { a: 1 })).toThrow(expect.objectContaining({ type: 'closed' }));
  });
});

describe.each(CONTAINED)('isolation %s', (isolation) => {
  let opened: Opened;
  beforeAll(() => {
    opened = openTier(isolation);
  });
  afterAll(() => opened.runtime.close({ graceMs: 0 }));

  test('E-7 a loop that asks sees its cancel at once, and its lane serves on', async () => {
    const { runtime, said } = opened;
    const ref = runtime.start(loops, {}, {}, NO_LIMIT);
    await until(() => ref.progress === 'looping');
    const lane = ref.threadId;
    await runtime.cancel(ref, 'enough');
    const outcome = await ref.outcome();
    expect(outcome).toMatchObject({ ok: false, error: { type: 'cancelled', message: 'Action loops was cancelled: enough' } });
    expect(said).toContainEqual(expect.objectContaining({ cleaned: 'first deferred' }));
    const after = runtime.start(add, { a: 1 });
    expect(await after.outcome()).toMatchObject({ ok: true, value: 11 });
    expect(after.threadId).toBe(lane);
  });

  test('E-7 a task sent ahead is taken back while its lane spins', async () => {
    const { runtime } = openTier(isolation, 20);
    onTestFinished(() => runtime.close({ graceMs: 0 }));
    // Teach the runtime that it is tiny, so that it is sent ahead.
    for (let count = 0; count < 30; count++) await runtime.run(add, { a: count });
    const spinning = runtime.start(spin, {}, {}, NO_LIMIT);
    const behind = Array.from({ length: 20 }, (_, a) => runtime.start(add, { a }));
    await until(() => spinning.progress === 'spinning');
    await Promise.all(behind.map((ref) => ref.cancel()));
    expect(behind.map(({ status }) => status)).toEqual(behind.map(() => 'settled'));
    expect(spinning.status).toBe('running');
  });

  test('E-10 a lane that exits fails what ran on it, and what had not begun runs elsewhere', async () => {
    const { runtime } = opened;
    const lost = runtime.start(exits, {}, {}, ONCE);
    const others = Array.from({ length: 20 }, (_, a) => runtime.start(add, { a }));
    expect(await lost.outcome()).toMatchObject({ ok: false, error: { type: 'worker_lost', details: { exitCode: 3 } } });
    const outcomes = await Promise.all(others.map((ref) => ref.outcome()));
    expect(outcomes.map((outcome) => unwrap(outcome))).toEqual(others.map((_, a) => a + 10));
  });

  test('E-10 C-10 a parked coroutine is told that its lane is gone', async () => {
    const { runtime } = opened;
    const parked = runtime.coroutine(echoes, {});
    const exiting = runtime.coroutine(obeys, {});
    await Promise.all([parked.next(undefined, NO_LIMIT), exiting.next(undefined, NO_LIMIT)]);
    const lost = { kind: 'thrown', error: { kind: 'exit' } };
    expect(await exiting.next('exit', NO_LIMIT)).toMatchObject(lost);
    expect(await parked.next(undefined, NO_LIMIT)).toMatchObject(lost);
  });

  test('E-10 an error that nobody caught fails the task whose timer it was', async () => {
    const outcome = await opened.runtime.run(throwsInTimer, {}, {}, ONCE);
    expect(outcome).toMatchObject({ ok: false, error: { type: 'execution_error', details: { uncaught: true } } });
  });
});
