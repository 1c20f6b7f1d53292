import {
  createRuntime,
  type FailedTask,
  type Inspection,
  type InspectionListeners,
  type InspectionRecord,
  inspectRuntime,
} from '@heddle/worker-pool';
import { expect, onTestFinished, test, vi } from 'vitest';
import { signUp } from '../fixtures/coroutines.ts';
import { add, blocks, echo, flaky, loops } from '../fixtures/plain.ts';
import { openRuntime, until } from '../support/threads.ts';

/** An inspection that ends with its test. */
function inspect(runtime: Parameters<typeof inspectRuntime>[0], listeners: InspectionListeners = {}): Inspection {
  const inspection = inspectRuntime(runtime, listeners);
  onTestFinished(() => inspection.close());
  return inspection;
}

test('R-15 a followed task is told of with its attempts, its params and its outcome; the others are counted', async () => {
  const { runtime } = openRuntime();
  const told: unknown[] = [];
  const counted: string[] = [];
  const failed: FailedTask[] = [];
  inspect(runtime, {
    follows: (action, kind) => action === 'flaky' && kind === 'plain',
    counted: (action, { ok }) => counted.push(`${action} ${ok}`),
    failed: (task) => failed.push(task),
    attemptEnded: ({ attempt, outcome, retried }) => told.push([attempt, outcome, retried]),
    ended: ({ action, outcome, attempts }, params, { ok }) => told.push([action, outcome, attempts, params, ok]),
  });
  await runtime.run(flaky, { succeedsAt: 2 }, {}, { backoffMs: 1 });
  await runtime.run(add, { a: 1 });
  await runtime.run(add, {} as never);
  await runtime.run(echo, {}, {}, { telemetry: 'silent' });
  expect(told).toEqual([
    [1, 'error', true],
    [2, 'ok', false],
    ['flaky', 'ok', 2, { succeedsAt: 2 }, true],
  ]);
  expect(counted).toEqual(['flaky true', 'add true', 'add false']);
  expect(failed).toMatchObject([{ action: 'add', error: { type: 'validation_error' }, followed: false }]);
});

test('R-15 what is open is told: what runs and for how long, what waits, params redacted', async () => {
  const { runtime } = openRuntime();
  const inspection = inspect(runtime);
  const running = runtime.start(loops, { password: 'hunter2', n: 1 } as never, {}, { timeoutMs: 600_000, tag: 'long' });
  const waiting = runtime.start(add, { a: 1 });
  await until(() => running.progress !== undefined);
  expect(inspection.tasks(10)).toMatchObject([
    { id: running.id, action: 'loops', kind: 'plain', tag: 'long', status: 'running', attempts: 1, runningMs: expect.any(Number) },
    { id: waiting.id, status: 'queued', runningMs: undefined },
  ]);
  expect(inspection.tasks(1)).toHaveLength(1);
  expect(inspection.task(running.id)).toMatchObject({ params: { password: '[redacted]', n: 1 }, progress: 'looping', children: [] });
  expect([inspection.task('none'), inspection.task(`${running.id}9`)]).toEqual([undefined, undefined]);
  expect(inspection.places()).toEqual([{ threadId: running.threadId, index: 0, stateful: false }]);
  await running.cancel();
  expect(inspection.task(running.id)).toBeUndefined();
});

test('R-15 a lane is ended by hand: what runs there is lost, what waits goes on elsewhere', async () => {
  const { runtime } = openRuntime();
  const inspection = inspect(runtime);
  const blocked = runtime.start(blocks, { gate: new SharedArrayBuffer(8) }, {}, { timeoutMs: 600_000, maxRetries: 0 });
  const waiting = runtime.start(add, { a: 1 });
  await until(() => inspection.tasks(9).some(({ runningMs }) => runningMs !== undefined));
  expect(inspection.endLane(-1)).toBe(false);
  expect(inspection.endLane(blocked.threadId ?? -1)).toBe(true);
  expect(await blocked.outcome()).toMatchObject({ error: { type: 'worker_lost', retryable: true } });
  expect(await waiting.outcome()).toMatchObject({ value: 11 });
});

test('R-15 a coroutine is one task, told of with its steps and the times it ran, and answered by its id', async () => {
  const { runtime } = openRuntime();
  const steps: unknown[] = [];
  const counted: string[] = [];
  const ran = vi.fn();
  const inspection = inspect(runtime, {
    follows: () => true,
    counted: (action) => counted.push(action),
    stepTaken: ({ taskId }, { kind, seq }) => steps.push([taskId, seq, kind]),
    partRan: ran,
  });
  const coroutine = runtime.coroutine(signUp, { plan: 'pro' });
  const plain = runtime.start(add, { a: 1 });
  await coroutine.next();
  expect(inspection.task(coroutine.id)).toMatchObject({ kind: 'coroutine', status: 'suspended', params: { plan: 'pro' } });
  inspection.resume(coroutine.id, 'Ada');
  expect(() => inspection.resume(coroutine.id, 'Eve')).toThrowError(/does not wait for a value/);
  await coroutine.next();
  inspection.resume(coroutine.id, 'ada@example.com');
  expect(await coroutine.outcome()).toMatchObject({ value: { name: 'Ada', email: 'ada@example.com', plan: 'pro' } });
  await plain.outcome();
  const { id } = coroutine;
  expect(steps).toEqual([
    [id, 1, 'suspended'],
    [id, 2, 'suspended'],
    [id, 3, 'completed'],
  ]);
  expect(ran).toHaveBeenCalledTimes(3);
  expect(counted.sort()).toEqual(['add', 'signUp']);
  expect(() => inspection.resume(id, 1)).toThrowError(/No open task has the id/);
  const other = runtime.start(loops, {});
  expect(() => inspection.resume(other.id, 1)).toThrowError(/is no coroutine/);
  await other.cancel();
});

test('R-15 records of actions and events of the runtime are told, and a listener that throws changes nothing', async () => {
  const warnings = vi.spyOn(process, 'emitWarning').mockReturnValue();
  onTestFinished(() => warnings.mockRestore());
  const { runtime } = openRuntime();
  const records: InspectionRecord[] = [];
  const boom = (): never => {
    throw new Error('boom');
  };
  inspect(runtime, { follows: boom, counted: boom, failed: boom, event: boom, logged: (record) => records.push(record) });
  const ref = runtime.start(loops, {}, {}, { timeoutMs: 600_000 });
  await until(() => ref.progress !== undefined);
  await ref.cancel();
  expect(records).toMatchObject([
    { taskId: ref.id, action: 'loops', attempt: 1, level: 'info', fields: { cleaned: 'finally' } },
    { fields: { cleaned: 'last deferred' } },
    { fields: { cleaned: 'first deferred' } },
  ]);
  for (let n = 0; n < 3; n++) await runtime.run(add, { a: 1 });
  expect(warnings.mock.calls.map(([text]) => String(text))).toEqual([
    expect.stringContaining('`follows` threw: boom'),
    expect.stringContaining('`counted` threw: boom'),
    expect.stringContaining('`failed` threw: boom'),
  ]);
});

test('R-15 map items travel together unless each is asked for', async () => {
  const { runtime } = openRuntime();
  let counted = 0;
  const inspection = inspect(runtime, { counted: () => counted++ });
  const items = Array.from({ length: 3000 }, (_, a) => ({ a }));
  for await (const _ of runtime.map(add, items));
  expect(counted).toBeLessThan(3000);
  counted = 0;
  inspection.each = true;
  for await (const _ of runtime.map(add, items));
  expect(counted).toBe(3000);
  expect(runtime.stats().completed).toBe(6000);
});

test('R-15 a runtime has one inspection at a time, and none after it was closed', async () => {
  const { runtime } = openRuntime();
  const counted = vi.fn();
  const inspection = inspect(runtime, { counted });
  expect(() => inspectRuntime(runtime)).toThrowError(/is being inspected already/);
  expect(() => inspectRuntime({} as never)).toThrowError(/takes what `createRuntime` returned/);
  inspection.close();
  await runtime.run(add, { a: 1 });
  expect(counted).not.toHaveBeenCalled();
  inspectRuntime(runtime).close();
  const other = createRuntime({ threads: { min: 0 } });
  onTestFinished(() => other.close());
  inspect(other);
});
