import { describe, expect, test } from 'vitest';
import { spin } from './fixtures/faulty.ts';
import { blocks, echo, loops, waits } from './fixtures/plain.ts';
import { openRuntime, until } from './support/threads.ts';

const NO_LIMIT = { timeoutMs: Number.POSITIVE_INFINITY } as const;

function gate(): SharedArrayBuffer {
  return new SharedArrayBuffer(4);
}

function openGate(memory: SharedArrayBuffer): void {
  const words = new Int32Array(memory);
  Atomics.store(words, 0, 1);
  Atomics.notify(words, 0);
}

describe('E-7 the cancel ladder', () => {
  test('1 a queued task is removed, and what runs is not touched', async () => {
    const { runtime } = openRuntime();
    const memory = gate();
    const running = runtime.start(blocks, { gate: memory, value: 'kept' }, {}, NO_LIMIT);
    await until(() => running.progress === 'blocking');
    const queued = runtime.start(blocks, { gate: memory });
    expect(queued.status).toBe('queued');
    expect(await runtime.cancel(queued, 'not needed')).toMatchObject({ ok: true });
    expect(await queued.outcome()).toMatchObject({
      ok: false,
      error: { type: 'cancelled', message: 'Action blocks was cancelled: not needed' },
    });
    expect(queued.attempts).toBe(0);
    openGate(memory);
    expect(await running.outcome()).toMatchObject({ ok: true, value: 'kept' });
  });

  test('2 a task sent ahead is taken back while its lane is blocked, and never begins', async () => {
    const { runtime } = openRuntime();
    const memory = gate();
    // Teach the runtime that both are tiny, so that it sends them ahead.
    openGate(memory);
    for (let count = 0; count < 20; count++) await runtime.run(blocks, { gate: memory });
    const closed = gate();
    const refs = Array.from({ length: 50 }, (_, index) =>
      runtime.start(blocks, { gate: index === 0 ? closed : memory, value: index }, {}, NO_LIMIT),
    );
    await until(() => refs[0]?.progress === 'blocking');
    const cancelled = refs.slice(1);
    await Promise.all(cancelled.map((ref) => runtime.cancel(ref)));
    expect(cancelled.map(({ status, progress }) => [status, progress])).toEqual(cancelled.map(() => ['settled', undefined]));
    openGate(closed);
    expect(await refs[0]?.outcome()).toMatchObject({ ok: true, value: 0 });
  });

  test('3 a synchronous loop sees the flag; finally and deferred cleanups run, the last deferred first', async () => {
    const { runtime, records } = openRuntime();
    const ref = runtime.start(loops, {}, {}, NO_LIMIT);
    await until(() => ref.progress === 'looping');
    const { threadId } = ref;
    await runtime.cancel(ref, 'enough');
    expect(await ref.outcome()).toMatchObject({ ok: false, error: { type: 'cancelled', message: 'Action loops was cancelled: enough' } });
    const cleaned = records.map(({ fields }) => fields['cleaned']).filter((value) => value !== undefined);
    expect(cleaned).toEqual(['finally', 'last deferred', 'first deferred']);
    const after = runtime.start(echo, {});
    await after.outcome();
    expect(after.threadId).toBe(threadId);
  });

  test('4 code that awaits sees its signal abort with the error', async () => {
    const { runtime } = openRuntime();
    const ref = runtime.start(waits, {}, {}, NO_LIMIT);
    await until(() => ref.progress === 'waiting');
    await runtime.cancel(ref);
    const outcome = await ref.outcome();
    expect(outcome).toMatchObject({ ok: false, error: { type: 'cancelled', details: { reason: 'cancelled' } } });
    expect(outcome.ok ? {} : outcome.error.details).not.toHaveProperty('forced');
  });

  test('5 a loop that listens to nothing is ended by force after the grace, and another thread serves', async () => {
    const { runtime } = openRuntime({ graceMs: 50 });
    const ref = runtime.start(spin, {}, {}, NO_LIMIT);
    await until(() => ref.progress === 'spinning');
    const { threadId } = ref;
    const cancelling = runtime.cancel(ref);
    expect(ref.status).toBe('cancelling');
    await cancelling;
    expect(await ref.outcome()).toMatchObject({ ok: false, error: { type: 'cancelled', details: { forced: true } } });
    const after = runtime.start(echo, {});
    expect(await after.outcome()).toMatchObject({ ok: true });
    expect(after.threadId).not.toBe(threadId);
  });

  test('6 cancelling a finished task is ok and leaves its result; so is cancelling twice', async () => {
    const { runtime } = openRuntime();
    const ref = runtime.start(echo, { n: 1 });
    await ref.outcome();
    expect(await runtime.cancel(ref)).toMatchObject({ ok: true });
    expect(await runtime.cancel(ref.id)).toMatchObject({ ok: true });
    expect(await ref.outcome()).toMatchObject({ ok: true, value: { n: 1 } });
    const looping = runtime.start(loops, {}, {}, NO_LIMIT);
    await until(() => looping.progress === 'looping');
    expect(await Promise.all([runtime.cancel(looping, 'first'), looping.cancel('second')])).toMatchObject([{ ok: true }, { ok: true }]);
    expect(await looping.outcome()).toMatchObject({ ok: false, error: { details: { reason: 'first' } } });
  });
});

test('E-6 what is no ref cannot be cancelled, and says so', async () => {
  const { runtime } = openRuntime();
  for (const forged of ['invalid', null, [], {}]) {
    expect(await runtime.cancel(forged as never)).toMatchObject({
      ok: false,
      error: { type: 'invalid_async_ref', message: 'Invalid async ref for cancellation' },
    });
  }
});

test('E-6 a running task can be cancelled by its id', async () => {
  const { runtime } = openRuntime();
  const ref = runtime.start(loops, {}, {}, NO_LIMIT);
  await until(() => ref.progress === 'looping');
  expect(await runtime.cancel(ref.id)).toMatchObject({ ok: true });
  expect(ref.status).toBe('settled');
});

test('R-3 an abort signal cancels the tasks that were given it, before and while they run', async () => {
  const { runtime } = openRuntime();
  const controller = new AbortController();
  const options = { ...NO_LIMIT, signal: controller.signal };
  const ref = runtime.start(loops, {}, {}, options);
  await until(() => ref.progress === 'looping');
  const queued = runtime.start(loops, {}, {}, options);
  controller.abort(new Error('the client left'));
  const cancelled = { ok: false, error: { type: 'cancelled', message: 'Action loops was cancelled: the client left' } };
  expect(await Promise.all([ref.outcome(), queued.outcome()])).toMatchObject([cancelled, cancelled]);
  expect(await runtime.run(loops, {}, {}, options)).toMatchObject(cancelled);
});

test('E-8 thousands of cancels that race with completion leave one outcome each and a lane that serves', async () => {
  const { runtime } = openRuntime({ threads: { max: 2 } });
  await runtime.run(echo, {});
  const refs = Array.from({ length: 5000 }, (_, n) => runtime.start(echo, { n }));
  const cancels = refs.map((ref, index) => (index % 2 === 0 ? runtime.cancel(ref) : undefined));
  await Promise.all(cancels);
  const outcomes = await Promise.all(refs.map((ref) => ref.outcome()));
  outcomes.forEach((outcome, index) => {
    if (outcome.ok) expect(outcome.value).toEqual({ n: index });
    else expect(outcome.error.type).toBe('cancelled');
    if (index % 2 === 1) expect(outcome.ok).toBe(true);
  });
  expect(runtime.stats()).toMatchObject({ queued: 0, running: 0, retrying: 0 });
  expect(await runtime.run(echo, { last: true })).toMatchObject({ ok: true });
});
