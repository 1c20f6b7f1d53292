import { MessageChannel } from 'node:worker_threads';
import { fail, HeddleError, ok } from '@heddle/core';
import { createRuntime } from '@heddle/worker-pool';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  add,
  blocks,
  countsThenExits,
  describe as describes,
  echo,
  flaky,
  marks,
  measures,
  reuses,
  sends,
  talks,
} from './fixtures/plain.ts';
import { openRuntime, until } from './support/threads.ts';

test('R-1 run gives the outcome, typed from the schema without an annotation', async () => {
  const { runtime } = openRuntime();
  const outcome = await runtime.run(add, { a: 1 });
  expect(outcome).toMatchObject({ ok: true, value: 11 });
  if (outcome.ok) expectTypeOf(outcome.value).toEqualTypeOf<number>();
  // @ts-expect-error `a` is required, and `run` says so before anything runs
  const missing = await runtime.run(add, {});
  expect(missing).toMatchObject({
    ok: false,
    error: { type: 'validation_error', message: 'Invalid params for action add: `/a` expected number, got nothing' },
  });
});

test('R-2 an outcome stands for its value, a failed one is the result, and a look-alike is only params', async () => {
  const { runtime } = openRuntime();
  expect(await runtime.run(add, ok({ a: 2 }))).toMatchObject({ ok: true, value: 12 });
  expect(await runtime.run(add, fail('before', 'directive'))).toMatchObject({
    ok: false,
    error: { message: 'before' },
    directive: 'directive',
  });
  expect(await runtime.run(echo, { ok: true, value: 1 })).toMatchObject({ ok: true, value: { ok: true, value: 1 } });
  expect(await runtime.run(echo, [] as never)).toMatchObject({
    ok: false,
    error: { type: 'invalid_input', message: expect.stringContaining('Invalid params type') },
  });
  expect(await runtime.run(echo, {}, 7 as never)).toMatchObject({
    ok: false,
    error: { type: 'invalid_input', message: expect.stringContaining('Invalid context type') },
  });
});

test('A-9 the context tells attempt, task, action, the caller’s map and the time left', async () => {
  const { runtime } = openRuntime();
  const ref = runtime.start(describes, {}, { userId: 7 }, { timeoutMs: 60_000 });
  const outcome = await ref.outcome();
  expect(outcome).toMatchObject({
    ok: true,
    value: {
      attempt: 1,
      taskId: ref.id,
      action: { name: 'describe', tags: ['test'] },
      context: { userId: 7 },
      hasDeadline: true,
      aborted: false,
    },
  });
  const unlimited = await runtime.run(describes, {}, {}, { timeoutMs: Number.POSITIVE_INFINITY });
  expect(unlimited).toMatchObject({ ok: true, value: { remainingMs: Number.POSITIVE_INFINITY, hasDeadline: false } });
});

test('R-6 a failed attempt is tried again, at most maxRetries times, and the last error is the outcome', async () => {
  const { runtime } = openRuntime({ defaults: { backoffMs: 1 } });
  expect(await runtime.run(flaky, { succeedsAt: 3 }, {}, { maxRetries: 2 })).toMatchObject({ ok: true, value: 3, directive: 'kept' });
  const ref = runtime.start(flaky, { succeedsAt: 9 }, {}, { maxRetries: 2 });
  expect(await ref.outcome()).toMatchObject({ ok: false, error: { message: 'attempt 3' }, directive: 'kept' });
  expect(ref.attempts).toBe(3);
});

test('R-9 log records, progress and console text reach the host, in order, before the outcome', async () => {
  const { runtime, records } = openRuntime();
  const said: unknown[] = [];
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = ((text: string) => said.push(text.trim())) as never;
  try {
    const ref = runtime.start(talks, {}, {}, { onProgress: (details) => said.push(details) });
    expect(await ref.outcome()).toMatchObject({ ok: true, value: 5 });
    expect(said).toEqual([2, 'printed 3', 4]);
    expect(ref.progress).toBe(4);
    expect(records).toContainEqual({
      level: 'warn',
      fields: { step: 1, action: 'talks', taskId: ref.id, attempt: 1, threadId: ref.threadId },
      message: 'logged',
    });
  } finally {
    process.stdout.write = write;
  }
});

test('R-9 what onProgress throws is reported and changes nothing', async () => {
  const { runtime, events } = openRuntime();
  const outcome = await runtime.run(
    talks,
    {},
    {},
    {
      onProgress: () => {
        throw new Error('mine');
      },
    },
  );
  expect(outcome).toMatchObject({ ok: true, value: 5 });
  expect(events).toContainEqual(expect.objectContaining({ kind: 'callbackFailed', callback: 'onProgress' }));
});

test('E-9 hundreds of outcomes of one reused object arrive as they were when returned', async () => {
  const { runtime } = openRuntime();
  const outcomes = await Promise.all(Array.from({ length: 300 }, () => runtime.run(reuses)));
  const counts = outcomes.map((outcome) => (outcome.ok ? [outcome.value.count, outcome.value.nested.list[0]] : outcome.error));
  expect(counts).toEqual(Array.from({ length: 300 }, (_, index) => [index + 1, index + 1]));
});

test('R-3 what is transferred arrives moved, and is not there any more', async () => {
  const { runtime } = openRuntime();
  const data = new Uint8Array(64);
  expect(await runtime.run(measures, { data }, {}, { transfer: [data.buffer] })).toMatchObject({ ok: true, value: 64 });
  expect(data.byteLength).toBe(0);
});

describe('E-10 a lost lane', () => {
  test('fails what had begun on it, moves what had not, and nothing runs twice', async () => {
    const { runtime, events } = openRuntime({ threads: { max: 2 } });
    const count = 400;
    const memory = new SharedArrayBuffer(4 * count);
    // Learn that it is tiny, so that many are sent ahead.
    for (let index = 0; index < 20; index++) await runtime.run(countsThenExits, { memory, index: 0, every: 1e9 });
    new Int32Array(memory).fill(0);
    const params = Array.from({ length: count }, (_, index) => ({ memory, index, every: 100 }));
    const outcomes = await Promise.all(params.map((each) => runtime.run(countsThenExits, each, {}, { maxRetries: 0 })));
    const lost = outcomes.flatMap((outcome, index) => (outcome.ok ? [] : [[index, outcome.error.type]]));
    expect(lost.map(([, type]) => type)).toEqual(lost.map(() => 'worker_lost'));
    expect(lost.map(([index]) => index)).toEqual(expect.arrayContaining([99, 199, 299, 399]));
    expect([...new Int32Array(memory)]).toEqual(Array.from({ length: count }, () => 1));
    expect(events.filter(({ kind }) => kind === 'laneLost')).toHaveLength(4);
  });
});

test('E-12 close refuses new work, settles what is there, and is idempotent', async () => {
  const runtime = createRuntime({ threads: { max: 1 }, graceMs: 30 });
  const gate = new SharedArrayBuffer(4);
  const refs = Array.from({ length: 5 }, () => runtime.start(blocks, { gate }, {}, { timeoutMs: Number.POSITIVE_INFINITY }));
  await until(() => refs[0]?.progress === 'blocking');
  const closing = runtime.close();
  expect(runtime.close()).toBe(closing);
  expect(() => runtime.start(echo)).toThrow(expect.objectContaining({ type: 'closed' }));
  await expect(runtime.run(echo)).rejects.toMatchObject({ type: 'closed' });
  await closing;
  const outcomes = await Promise.all(refs.map((ref) => ref.outcome()));
  expect(outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.type))).toEqual(Array.from({ length: 5 }, () => 'cancelled'));
});

test('E-12 close waits for what finishes within its grace', async () => {
  const runtime = createRuntime({ threads: { max: 1 } });
  const refs = Array.from({ length: 50 }, (_, n) => runtime.start(echo, { n }));
  await runtime.close({ graceMs: Number.POSITIVE_INFINITY });
  expect((await Promise.all(refs.map((ref) => ref.outcome()))).every(({ ok: fine }) => fine)).toBe(true);
});

test('E-5 a ref of another runtime is not this one’s to await or cancel, and its task goes on', async () => {
  const { runtime } = openRuntime();
  const { runtime: other } = openRuntime({ name: 'other' });
  const ref = other.start(echo, { n: 1 });
  const refused = { ok: false, error: { type: 'not_owner', message: expect.stringContaining('Only the owner') } };
  expect(await runtime.await(ref)).toMatchObject(refused);
  expect(await runtime.cancel(ref)).toMatchObject(refused);
  expect(await ref.outcome()).toMatchObject({ ok: true });
});

test('R-3 options at fault throw at the call, every one named', async () => {
  const { runtime } = openRuntime();
  expect(() => runtime.start(echo, {}, {}, { timeoutMs: -1, maxRetries: 1.5, zip: 1 } as never)).toThrow(HeddleError);
  await expect(runtime.run(echo, {}, {}, { timeoutMs: Number.NaN })).rejects.toMatchObject({
    type: 'invalid_input',
    message: expect.stringContaining('`timeoutMs`'),
  });
  expect(() => createRuntime({ threads: { max: 0 }, graceMs: 'x', zap: 1 } as never)).toThrow(/`threads\.max`.*`graceMs`.*`zap`/s);
});

test('E-1 a thread that cannot start fails what waits for it, with the cause', async () => {
  const { runtime, events } = openRuntime({ execArgv: ['--not-a-flag'] });
  expect(await runtime.run(echo)).toMatchObject({
    ok: false,
    error: { type: 'worker_lost', message: expect.stringContaining('could not be started') },
  });
  await expect(runtime.ready()).rejects.toMatchObject({ type: 'worker_lost' });
  expect(events.map(({ kind }) => kind)).toContain('laneFailed');
});

test('R-2 tasks that share an object, and are sent together, each get their own', async () => {
  const { runtime } = openRuntime();
  const shared = { n: 0, nested: { list: [0] } };
  const large = { n: 0, nested: { list: [0] }, rows: Array.from({ length: 200 }, (_, index) => index) };
  // Learn that it is tiny, so that many share a message.
  for (let count = 0; count < 20; count++) await runtime.run(marks, { shared: {} }, { n: 0 });
  for (const object of [shared, large]) {
    // Another object than the params': a task that is sent alone keeps what its own params and context share.
    const context = structuredClone(object);
    const outcomes = await Promise.all(Array.from({ length: 40 }, () => runtime.run(marks, { shared: object }, context)));
    expect(outcomes.map((outcome) => outcome.ok && outcome.value)).toEqual(Array.from({ length: 40 }, () => [1, 1]));
  }
  expect(shared).toEqual({ n: 0, nested: { list: [0] } });
});

test('R-3 a transferred port works beside other tasks of its tick, on a lane that runs several', async () => {
  const { runtime } = openRuntime({ threads: { max: 1, concurrency: 2 } });
  await runtime.run(echo);
  const { port1, port2 } = new MessageChannel();
  const [moved, beside] = await Promise.all([runtime.run(sends, { port: port2 }, {}, { transfer: [port2] }), runtime.run(echo, { n: 1 })]);
  expect([moved, beside]).toMatchObject([
    { ok: true, value: 'sent' },
    { ok: true, value: { n: 1 } },
  ]);
  port1.close();
});

test('E-8 a param whose getter cancels its own task leaves the lane whole', async () => {
  const { runtime } = openRuntime();
  await runtime.run(echo);
  let cancel = (): void => {};
  const params = {
    get trap(): number {
      cancel();
      throw new Error('trapped');
    },
  };
  const ref = runtime.start(echo, params);
  cancel = () => void ref.cancel();
  const outcome = await ref.outcome();
  expect(outcome.ok ? 'ok' : outcome.error.type).toMatch(/cancelled|uncloneable/);
  for (let n = 0; n < 3; n++) expect(await runtime.run(echo, { n })).toMatchObject({ ok: true });
  expect(runtime.stats()).toMatchObject({ running: 0, queued: 0 });
});

test('E-12 ready rejects once the runtime is closed; more concurrency than a lane has room for is refused at once', async () => {
  const runtime = createRuntime({ threads: { max: 1 } });
  await runtime.close();
  await expect(runtime.ready()).rejects.toMatchObject({ type: 'closed' });
  expect(() => createRuntime({ threads: { concurrency: 5000 } })).toThrow(/`threads\.concurrency`/);
});
