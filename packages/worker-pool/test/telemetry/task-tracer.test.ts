import { AsyncLocalStorage } from 'node:async_hooks';
import { channel, tracingChannel } from 'node:diagnostics_channel';
import { fail, HeddleError, ok } from '@heddle/core';
import { afterEach, describe, expect, it } from 'vitest';
import { settle } from '../support/fake-clock.ts';
import { aFailure, simAction, simRuntime } from '../support/sim-runtime.ts';
import { expectWhole, watchTraces } from '../support/trace-watch.ts';

const action = simAction('traced');
const once = { maxRetries: 0 };

describe('the events of a task', () => {
  it('R-9 are its start in `start`, its attempt and its end, each told of one object', async () => {
    const watch = watchTraces();
    const sim = simRuntime({ name: 'shop' });
    const ref = sim.runtime.start(action, {}, {}, { tag: 'first' });
    expect(watch.events).toEqual(['task.start']);
    await sim.openThreads();
    await sim.work();
    expectWhole(watch, ref.id);
    const [start] = watch.of('task.start');
    expect(start?.asPublished).toMatchObject({
      runtime: 'shop',
      action: 'traced',
      tag: 'first',
      taskId: ref.id,
      outcome: undefined,
      totalMs: undefined,
    });
    const threadId = ref.threadId;
    expect(watch.of('task.asyncEnd')[0]?.message).toMatchObject({ outcome: 'ok', error: undefined, attempts: 1, threadId });
    expect(watch.of('attempt.asyncEnd')[0]?.message).toMatchObject({ attempt: 1, outcome: 'ok', retried: false, threadId });
  });

  it('R-9 say when it began and how long it waited, ran and took', async () => {
    const watch = watchTraces();
    const sim = simRuntime();
    sim.runtime.start(action, {}, {}, { backoffMs: 50 });
    const startTime = sim.clock.wall();
    await sim.openThreads();
    await sim.clock.advance(10);
    const first = sim.begin();
    await sim.clock.advance(7);
    sim.thread().finish(first, aFailure, true, 6500);
    await sim.deliverAll();
    await sim.clock.advance(50);
    await sim.clock.advance(3);
    const second = sim.begin();
    await sim.clock.advance(20);
    sim.thread().finish(second, ok(1), true, 20_000);
    await sim.deliverAll();
    const [one, two] = watch.of('attempt.start').map(({ message }) => message);
    expect(one).toMatchObject({ startTime: startTime + 10, endTime: startTime + 16.5, queuedMs: 10, runMs: 6.5, retried: true });
    expect(two).toMatchObject({ startTime: startTime + 70, endTime: startTime + 90, queuedMs: 3, runMs: 20, retried: false });
    expect(watch.of('task.asyncEnd')[0]?.message).toMatchObject({ startTime, attempts: 2, queuedMs: 13, runMs: 26.5, totalMs: 90 });
  });

  it('R-9 name the error by type, code and retryable, with `error` before the end', async () => {
    const watch = watchTraces();
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, once);
    await sim.openThreads();
    sim.begin();
    await sim.finish(aFailure);
    expectWhole(watch, ref.id);
    const error = { type: 'execution_error', code: 'ERR_HEDDLE_EXECUTION_ERROR', retryable: true };
    expect(watch.of('task.error')[0]?.asPublished).toMatchObject({ outcome: 'error', error });
    expect(watch.of('attempt.error')[0]?.asPublished).toMatchObject({ outcome: 'error', error });
  });

  it('R-9 are a start and an end without attempts where none began', async () => {
    const watch = watchTraces();
    const sim = simRuntime();
    const refused = sim.runtime.start(action, 7 as never);
    const unknown = sim.runtime.start((() => {}) as never);
    const cancelled = sim.runtime.start(action, {});
    const sent = sim.runtime.start(action, {});
    const uncloneable = sim.runtime.start(action, { fn: () => {} });
    void cancelled.cancel();
    await sim.openThreads();
    expect(sent.status).toBe('queued');
    void sent.cancel();
    await settle();
    for (const { id } of [refused, unknown, cancelled, sent, uncloneable]) expectWhole(watch, id);
    const ends = new Map(watch.of('task.asyncEnd').map(({ message }) => [message.taskId, message]));
    expect(ends.get(refused.id)).toMatchObject({ attempts: 0, outcome: 'error', error: { type: 'invalid_input' } });
    expect(ends.get(unknown.id)).toMatchObject({ attempts: 0, action: '(invalid)', error: { type: 'invalid_action' } });
    expect(ends.get(cancelled.id)).toMatchObject({ attempts: 0, outcome: 'cancelled' });
    expect(ends.get(sent.id)).toMatchObject({ attempts: 0, outcome: 'cancelled' });
    expect(ends.get(uncloneable.id)).toMatchObject({ attempts: 0, error: { type: 'uncloneable' } });
  });

  it('R-9 tell of attempts that ended by a timeout, by force and with their thread', async () => {
    const watch = watchTraces();
    const sim = simRuntime({ graceMs: 100 });
    const late = sim.runtime.start(action, {}, {}, { timeoutMs: 30 });
    await sim.openThreads();
    sim.begin();
    await sim.clock.advance(130);
    await sim.end();
    const lost = sim.runtime.start(action, {}, {}, once);
    await sim.openThreads();
    sim.begin();
    await sim.clock.advance(5);
    await sim.end();
    for (const { id } of [late, lost]) expectWhole(watch, id);
    const attempts = watch.of('attempt.asyncEnd').map(({ message }) => message);
    expect(attempts[0]).toMatchObject({ taskId: late.id, outcome: 'timeout', error: { type: 'timeout' } });
    expect(attempts[1]).toMatchObject({ taskId: lost.id, outcome: 'error', error: { type: 'worker_lost' }, runMs: 5 });
  });

  it('R-9 hold no params, context, results or messages of errors', async () => {
    const watch = watchTraces();
    const sim = simRuntime();
    sim.runtime.start(action, { card: 'SECRET-params' }, { user: 'SECRET-context' });
    sim.runtime.start(action, { card: 'SECRET-params' }, {}, once);
    await sim.openThreads();
    sim.begin();
    await sim.finish(ok({ card: 'SECRET-value' }, 'SECRET-directive'));
    sim.begin();
    await sim.finish(fail(new HeddleError('execution_error', 'SECRET-message', { details: { at: 'SECRET-details' } })));
    expect(watch.of('task.asyncEnd')).toHaveLength(2);
    expect(JSON.stringify(watch.traced)).not.toContain('SECRET');
  });
});

describe('publishing', () => {
  it('R-9 comes after the task has settled and its waiters have heard', async () => {
    const heard: string[] = [];
    const sim = simRuntime();
    const stop = tracingChannel<unknown, object>('heddle.task');
    const listener = (): void => void heard.push('telemetry');
    stop.asyncEnd.subscribe(listener);
    void sim.runtime.run(action, {}).then(() => heard.push('waiter'));
    await sim.openThreads();
    await sim.work();
    stop.asyncEnd.unsubscribe(listener);
    expect(heard).toEqual(['waiter', 'telemetry']);
  });

  it('R-9 is nothing for a task whose start was not published, and whole for one whose was', async () => {
    const sim = simRuntime();
    sim.runtime.start(action, {});
    const watch = watchTraces();
    const ref = sim.runtime.start(action, {});
    await sim.openThreads();
    await sim.work();
    expect(watch.of('task.asyncEnd').map(({ message }) => message.taskId)).toEqual([ref.id]);
    expectWhole(watch, ref.id);
  });

  it('R-9 goes on for nobody when the subscriber has left in mid-task', async () => {
    const watch = watchTraces();
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {});
    watch.stop();
    await sim.openThreads();
    await sim.work();
    expect(watch.events).toEqual(['task.start']);
    expect(ref.status).toBe('settled');
  });

  it('R-9 shows the start to stores that are bound to it, in the caller\u2019s own async context', () => {
    const caller = new AsyncLocalStorage<string>();
    const bound = new AsyncLocalStorage<string>();
    const tasks = tracingChannel<unknown, object>('heddle.task');
    const seen: unknown[] = [];
    const listener = (): void => void seen.push(caller.getStore(), bound.getStore());
    tasks.start.bindStore(bound as never, () => 'a span' as never);
    tasks.start.subscribe(listener);
    caller.run('the caller', () => simRuntime().runtime.start(action, {}));
    tasks.start.unsubscribe(listener);
    tasks.start.unbindStore(bound as never);
    expect(seen).toEqual(['the caller', 'a span']);
  });

  it('R-3 is nothing for a silent task, by option and by default', async () => {
    const watch = watchTraces();
    const sim = simRuntime({ defaults: { telemetry: 'silent' } });
    sim.runtime.start(action, {});
    const told = sim.runtime.start(action, {}, {}, { telemetry: 'full' });
    await sim.openThreads();
    await sim.work();
    expect(new Set(watch.traced.map(({ message }) => message.taskId))).toEqual(new Set([told.id]));
    expect(() => sim.runtime.start(action, {}, {}, { telemetry: 'quiet' as never })).toThrow(
      /`telemetry` must be 'full' or 'silent'; got "quiet"/,
    );
  });

  it('R-9 of a map happens in the context of whoever called `map`', async () => {
    const caller = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const tasks = tracingChannel<unknown, object>('heddle.task');
    const listener = (): void => void seen.push(caller.getStore());
    tasks.start.subscribe(listener);
    const sim = simRuntime();
    const items = caller.run('the caller', () => sim.runtime.map(action, [{}, {}, {}], { concurrency: 1 }));
    for (let index = 0; index < 3; index++) {
      const next = items.next();
      await sim.openThreads();
      await sim.work();
      await next;
    }
    tasks.start.unsubscribe(listener);
    expect(seen).toEqual(['the caller', 'the caller', 'the caller']);
  });
});

describe('a subscriber that throws', () => {
  afterEach(() => process.setUncaughtExceptionCaptureCallback(null));

  it('R-9 changes no outcome; Node makes its throw an uncaught exception', async () => {
    const uncaught: unknown[] = [];
    process.setUncaughtExceptionCaptureCallback((error) => void uncaught.push(error.message));
    const tasks = tracingChannel<unknown, object>('heddle.task');
    const listener = (): void => {
      throw new Error('a bad subscriber');
    };
    tasks.start.subscribe(listener);
    tasks.asyncEnd.subscribe(listener);
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {});
    await sim.openThreads();
    await sim.work();
    tasks.start.unsubscribe(listener);
    tasks.asyncEnd.unsubscribe(listener);
    expect(await ref.outcome()).toEqual(ok('done'));
    expect(uncaught).toEqual(['a bad subscriber', 'a bad subscriber']);
  });
});

describe('runtime events', () => {
  it('R-9 are published with kind and ids alone', async () => {
    const published: unknown[] = [];
    const listener = (event: unknown): void => void published.push(event);
    channel('heddle.event').subscribe(listener);
    const sim = simRuntime({ name: 'shop' });
    sim.runtime.start(action, {}, {}, once);
    await sim.openThreads();
    sim.begin();
    const { threadId } = sim.thread();
    await sim.end();
    channel('heddle.event').unsubscribe(listener);
    const error = { type: 'worker_lost', code: 'ERR_HEDDLE_WORKER_LOST', retryable: true };
    expect(published).toEqual([{ runtime: 'shop', kind: 'laneLost', threadId, taskId: undefined, action: undefined, error }]);
  });

  it('R-9 reach the logger without secrets, and `onEvent` whole', async () => {
    const records: { err?: Error }[] = [];
    const write = (fields: object): void => void records.push(fields);
    const logger = { level: 'trace', trace: write, debug: write, info: write, warn: write, error: write, fatal: write };
    const sim = simRuntime({ logger });
    const cause = Object.assign(new Error('refused'), { password: 'hunter2' });
    const retryIf = (): boolean => {
      throw cause;
    };
    sim.runtime.start(action, {}, {}, { retryIf });
    await sim.openThreads();
    sim.begin();
    await sim.finish(aFailure);
    expect(records[0]?.err?.cause).toMatchObject({ message: 'refused', password: '[redacted]' });
    expect(sim.events[0]).toMatchObject({ error: { cause: { password: 'hunter2' } } });
  });

  it('R-3 of a silent task go to `onEvent` alone', async () => {
    const records: unknown[] = [];
    const write = (fields: object): void => void records.push(fields);
    const logger = { level: 'trace', trace: write, debug: write, info: write, warn: write, error: write, fatal: write };
    const sim = simRuntime({ logger });
    const retryIf = (): boolean => {
      throw new Error('bad callback');
    };
    for (const telemetry of ['silent', 'full'] as const) {
      sim.runtime.start(action, {}, {}, { telemetry, retryIf });
      await sim.openThreads();
      sim.begin();
      await sim.finish(aFailure);
      expect(records).toHaveLength(telemetry === 'silent' ? 0 : 1);
    }
    expect(sim.eventKinds).toEqual(['callbackFailed', 'callbackFailed']);
  });
});
