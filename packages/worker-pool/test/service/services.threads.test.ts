import type { HeddleError, Outcome } from '@heddle/core';
import type { RuntimeOptions } from '@heddle/worker-pool';
import { describe, expect, test } from 'vitest';
import * as actions from '../fixtures/calls.ts';
import { Desk } from '../support/desk.ts';
import { heapAfterGc } from '../support/heap.ts';
import { openRuntime, until } from '../support/threads.ts';

const ONCE = { maxRetries: 0, timeoutMs: Number.POSITIVE_INFINITY } as const;

function open(options: RuntimeOptions = {}): ReturnType<typeof openRuntime> & { desk: Desk } {
  const desk = new Desk();
  return { ...openRuntime({ services: { desk }, ...options }), desk };
}

function resultOf(outcome: Outcome): unknown {
  if (!outcome.ok) throw outcome.error;
  return outcome.value;
}

function errorOf(outcome: Outcome): HeddleError {
  if (outcome.ok) throw new Error(`expected a failure, got ${JSON.stringify(outcome.value)}`);
  return outcome.error;
}

describe('A-9 services on real threads', () => {
  test('A-9 an instance with private fields is called from a thread, with its own types', async () => {
    const { runtime } = open();
    expect(await runtime.run(actions.typed, {})).toEqual({ ok: true, value: { first: 1, second: 2, price: 450, later: undefined } });
    const { runtime: again } = open();
    const ref = again.start(actions.calls, { method: 'asks' });
    expect(await ref.outcome()).toEqual({ ok: true, value: { taskId: ref.id, action: 'calls' } });
  });

  test('A-9 what does not clone is an error of its call, and the thread lives', async () => {
    const { runtime, events } = open();
    for (const what of ['function', 'nested', 'symbol', 'proxy', 'getter', 'comlink', 'remote']) {
      expect(resultOf(await runtime.run(actions.sends, { what })), what).toMatchObject({ error: { type: 'uncloneable' }, after: 3 });
    }
    for (const what of ['function', 'symbol', 'getter']) {
      const told = await runtime.run(actions.tells, { method: 'gives', args: [what] });
      expect(resultOf(told), what).toMatchObject({ type: 'uncloneable', details: { method: 'gives' } });
    }
    expect(events).toEqual([]);
  });

  test('R-8 what a method throws crosses whole, with own properties and cause', async () => {
    const { runtime } = open();
    const told = await runtime.run(actions.tells, { method: 'fails', args: ['rich'] });
    expect(resultOf(told)).toMatchObject({ name: 'RangeError', message: 'no such price', code: 'E_PRICE', row: 7, cause: 'behind it' });
    const uncaught = errorOf(await runtime.run(actions.calls, { method: 'fails', args: ['heddle'] }, {}, ONCE));
    expect(uncaught).toMatchObject({ type: 'limit_exceeded', message: 'too many', details: { limit: 3 } });
  });

  test('A-9 without services a call is `not_found`', async () => {
    const { runtime } = openRuntime();
    expect(resultOf(await runtime.run(actions.tells, { method: 'add' }))).toMatchObject({ type: 'not_found' });
  });

  test('A-9 two lanes call at once, and each gets its own answers', async () => {
    const { runtime, desk } = open({ threads: { min: 2, max: 2 } });
    await runtime.ready(2);
    const refs = ['a', 'b'].map((at) => runtime.start(actions.waits, { at }, {}, ONCE));
    await until(() => desk.waiting.length === 2);
    expect(new Set(refs.map(({ threadId }) => threadId)).size).toBe(2);
    desk.release('b');
    expect(resultOf((await refs[1]?.outcome()) as Outcome)).toBe('b');
    expect(refs[0]?.status).toBe('running');
    desk.release('a');
    expect(resultOf((await refs[0]?.outcome()) as Outcome)).toBe('a');
  });
});

describe('a call that is pending on a real thread', () => {
  test('E-7 is rejected by a cancel; its cleanup calls on, and its host hears of the end', async () => {
    const { runtime, desk } = open();
    const ref = runtime.start(actions.waits, { at: 'window' }, {}, ONCE);
    await until(() => desk.waiting.length === 1);
    await runtime.cancel(ref, 'enough');
    expect(errorOf(await ref.outcome())).toMatchObject({ type: 'cancelled', details: { reason: 'enough' } });
    expect(ref.progress).toEqual({ cleanup: 23 });
    expect(desk.callers.map(({ taskId, signal }) => [taskId, signal.aborted])).toEqual([[ref.id, true]]);
  });

  test('R-4 is rejected by a timeout', async () => {
    const { runtime, desk } = open();
    const ref = runtime.start(actions.waits, { at: 'window' }, {}, { maxRetries: 0, timeoutMs: 1000 });
    const outcome = await ref.outcome();
    expect(errorOf(outcome)).toMatchObject({ type: 'timeout' });
    expect(errorOf(outcome).details['forced']).toBeUndefined();
    expect([ref.progress, desk.waiting]).toEqual([{ cleanup: 23 }, ['window']]);
  });

  test('E-10 is forgotten when its thread dies; the next one serves', async () => {
    const { runtime, desk } = open();
    const ref = runtime.start(actions.dies, { at: 'window' }, {}, ONCE);
    expect(errorOf(await ref.outcome()).type).toBe('worker_lost');
    expect(desk.callers.map(({ signal }) => signal.aborted)).toEqual([true]);
    desk.release('window');
    expect(resultOf(await runtime.run(actions.calls, { method: 'add', args: [1, 2] }))).toBe(3);
  });

  test('E-12 does not hold up a close', async () => {
    const { runtime, desk } = open();
    const ref = runtime.start(actions.waits, { at: 'window' }, {}, ONCE);
    await until(() => desk.waiting.length === 1);
    await runtime.close({ graceMs: 0 });
    expect(errorOf(await ref.outcome()).type).toBe('cancelled');
    expect(desk.callers[0]?.signal.aborted).toBe(true);
  });

  test('E-8 of one task is left alone when another of its lane ends', async () => {
    const { runtime, desk } = open({ threads: { max: 1, concurrency: 2 } });
    const refs = ['a', 'b'].map((at) => runtime.start(actions.waits, { at }, {}, ONCE));
    await until(() => desk.waiting.length === 2);
    await refs[0]?.cancel();
    desk.release('b');
    expect(resultOf((await refs[1]?.outcome()) as Outcome)).toBe('b');
    expect(refs[0]?.threadId).toBe(refs[1]?.threadId);
  });

  test('E-11 and was not awaited ends without a stray error', async () => {
    const { runtime, events, desk } = open();
    const first = runtime.start(actions.leaves, { at: 'window' });
    expect(resultOf(await first.outcome())).toBe('left');
    const second = runtime.start(actions.calls, { method: 'add', args: [1, 2] });
    expect(resultOf(await second.outcome())).toBe(3);
    expect([second.threadId === first.threadId, events]).toEqual([true, []]);
    desk.release('window');
  });
});

test('E-8 a hundred thousand calls leave nothing behind, on either side', async () => {
  const { runtime, desk } = open();
  const made = { batches: 1, size: 1000 };
  // The second run finds everything loaded and compiled that the first one needed.
  await runtime.run(actions.makesMany, made, {}, ONCE);
  await runtime.run(actions.makesMany, made, {}, ONCE);
  const resources = process.getActiveResourcesInfo().length;
  const before = heapAfterGc();
  const grown = resultOf(await runtime.run(actions.makesMany, { batches: 100, size: 1000 }, {}, ONCE)) as number;
  // The least that a call could leave is an entry of a map, some forty bytes.
  expect(grown).toBeLessThan(2_000_000);
  expect(heapAfterGc() - before).toBeLessThan(2_000_000);
  expect(process.getActiveResourcesInfo().length).toBe(resources);
  expect(desk.callers.length).toBe(6);
});
