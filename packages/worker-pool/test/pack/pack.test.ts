import { randomUUID } from 'node:crypto';
import type { HeddleError } from '@heddle/core';
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { importModule } from '../../src/import-module.ts';
import type { MapItem, MapOptions, Runtime, RuntimeOptions } from '../../src/index.ts';
import { INPUT_PACK } from '../../src/protocol/input.ts';
import { type Act, acts, called, doubles, type Item, touches } from '../fixtures/packed.ts';
import { settle } from '../support/fake-clock.ts';
import { shared } from '../support/gate.ts';
import { type LocalPool, localRuntime } from '../support/local-pool.ts';
import { watchTraces } from '../support/trace-watch.ts';

type Result = MapItem<unknown, unknown>;

beforeAll(async () => {
  await importModule(acts.module);
});

afterEach(() => {
  called().clear();
  shared().trace.length = 0;
});

/** What an outcome says, without what differs from run to run. */
function told({ index, outcome, attempts }: Result): unknown {
  if (outcome.ok) return [index, attempts, outcome.value, outcome.directive];
  const { type, message, retryable, cause } = outcome.error;
  return [index, attempts, type, message, retryable, (cause as Error | undefined)?.message, outcome.directive];
}

async function gather(runtime: Runtime, items: Iterable<Item>, options: MapOptions = {}): Promise<Result[]> {
  const results: Result[] = [];
  for await (const result of runtime.map(acts, items, options)) results.push(result as Result);
  return results.sort((a, b) => a.index - b.index);
}

/** How many packs the lanes of a pool were sent. */
function packMessages(pool: LocalPool): () => number {
  let count = 0;
  const heard = new Set<unknown>();
  return () => {
    for (const { port } of pool.threads) {
      if (heard.has(port)) continue;
      heard.add(port);
      const post = port.postMessage.bind(port);
      port.postMessage = (message: readonly unknown[], transfer?: readonly never[]) => {
        if (message[0] === INPUT_PACK) count++;
        post(message, transfer);
      };
    }
    return count;
  };
}

const numbers = (count: number, from = 0): Item[] => Array.from({ length: count }, (_, n) => ({ act: 'number', n: from + n }));

/** A runtime that knows the action to be tiny. */
async function warm(options: RuntimeOptions = {}): Promise<ReturnType<typeof localRuntime> & { packs(): number }> {
  const local = localRuntime({ threads: { max: 2 }, ...options });
  const packs = packMessages(local.pool);
  await gather(local.runtime, numbers(8));
  // However slow the machine is: until it packs.
  while (packs() === 0) await gather(local.runtime, numbers(64));
  return { ...local, packs };
}

const ACTS: readonly Act[] = [
  'number',
  'negativeZero',
  'text',
  'nothing',
  'truth',
  'object',
  'bytes',
  'floats',
  'buffer',
  'part',
  'big',
  'throws',
  'throwsFalsy',
  'fails',
  'directive',
  'flaky',
  'later',
  'laterFails',
  'defers',
  'logs',
  'progress',
  'uncloneable',
  'uncloneableDirective',
  'child',
];

const item: fc.Arbitrary<Item> = fc.record({
  act: fc.oneof({ weight: 4, arbitrary: fc.constant('number' as const) }, { weight: 2, arbitrary: fc.constantFrom(...ACTS) }),
  n: fc.nat(200),
});

describe('items of a map that share packs', () => {
  it('R-3 end as they do one by one, whatever they give, throw or leave behind', { timeout: 60_000 }, async () => {
    const packed = await warm();
    // With room for one that waits, nothing is packed.
    const single = localRuntime({ threads: { max: 2 }, queue: { limit: 1_000_000 } });
    const before = packed.packs();
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 40 }), fc.nat(1), async (items, maxRetries) => {
        const options = { maxRetries, backoffMs: 0 };
        const [together, alone] = [gather(packed.runtime, items, options), gather(single.runtime, items, options)];
        const clocks = setInterval(() => [packed, single].forEach(({ clock }) => void clock.advance(1)), 0);
        try {
          expect((await together).map(told)).toEqual((await alone).map(told));
        } finally {
          clearInterval(clocks);
        }
      }),
      { numRuns: 150 },
    );
    expect(packed.packs()).toBeGreaterThan(before);
    expect(packed.runtime.stats()).toMatchObject({ queued: 0, running: 0, retrying: 0 });
    const { completed, failed, cancelled } = single.runtime.stats();
    expect(packed.runtime.stats().failed).toBe(failed);
    expect(packed.runtime.stats().completed).toBeGreaterThan(completed);
    expect(cancelled).toBe(0);
  });

  it('E-8 end once each, wherever a cancel or the loss of a lane comes', { timeout: 60_000 }, async () => {
    const what = fc.constantFrom('abort', 'drain', 'leave', 'lose', 'cancelById', 'close');
    await fc.assert(
      fc.asyncProperty(what, fc.nat(90), fc.boolean(), async (does, at, ordered) => {
        const { runtime, pool } = await warm({ name: `w${randomUUID().slice(0, 8)}` });
        const before = runtime.stats();
        const abort = new AbortController();
        const drain = new AbortController();
        const begun: number[] = [];
        for (let n = 0; n < 100; n++) called().set(n, () => void begun.push(n));
        let left = false;
        let begunBefore = Number.POSITIVE_INFINITY;
        called().set(at, (ctx) => {
          begun.push(at);
          if (does === 'abort') abort.abort('enough');
          if (does === 'abort') begunBefore = begun.length;
          if (does === 'drain') drain.abort();
          if (does === 'leave') left = true;
          if (does === 'cancelById') void runtime.cancel(ctx.taskId, 'not this one');
          if (does === 'lose') for (const thread of pool.alive) thread.end({ exitCode: 7, error: undefined });
          if (does === 'close') void runtime.close({ graceMs: 0 });
        });
        const items = Array.from({ length: 100 }, (_, n): Item => ({ act: 'call', n }));
        const results: Result[] = [];
        const source = runtime.map(acts, items, { signal: abort.signal, drainSignal: drain.signal, ordered });
        const ended = (async () => {
          for await (const result of source) {
            results.push(result as Result);
            if (left) break;
          }
        })();
        const error = await ended.then(
          () => undefined,
          (thrown: HeddleError) => thrown.type,
        );
        expect(new Set(results.map(({ index }) => index)).size, 'each at most once').toBe(results.length);
        if (ordered) expect(results.map(({ index }) => index)).toEqual(results.map(({ index }) => index).sort((a, b) => a - b));
        if (does === 'abort' || does === 'lose' || does === 'cancelById') expect(results.length).toBe(100);
        if (does === 'abort') expect(begun.length, 'nothing begins any more').toBe(begunBefore);
        expect(new Set(begun).size, 'each begins at most once').toBe(begun.length);
        if (does !== 'close') expect(error).toBeUndefined();
        for (const { index, outcome } of results) {
          if (outcome.ok) expect(begun).toContain(index);
          else expect(outcome.error.type).toBe(does === 'lose' ? 'worker_lost' : 'cancelled');
        }
        const after = runtime.stats();
        expect([after.queued, after.running, after.retrying]).toEqual([0, 0, 0]);
        const settled = after.completed + after.failed + after.cancelled - before.completed - before.failed - before.cancelled;
        if (does === 'abort' || does === 'lose' || does === 'cancelById') expect(settled).toBe(100);
        if (does === 'drain') expect(results.every(({ outcome }) => outcome.ok)).toBe(true);
        await runtime.close({ graceMs: 0 });
      }),
      { numRuns: 60 },
    );
  });

  it('R-2 have params and a context of their own, though they were given the same', async () => {
    const { runtime } = await warm();
    const common = { count: 0 };
    const items = Array.from({ length: 300 }, () => ({ common }));
    for (let round = 0; round < 3; round++) {
      const map = runtime.map(touches, items, { context: { count: 0 } });
      for await (const { outcome } of map) expect(outcome).toMatchObject({ ok: true, value: { changed: 1, context: 1 } });
    }
    expect(common).toEqual({ count: 0 });
  });

  it('R-2 have bytes of their own, in and out', async () => {
    const { runtime } = await warm();
    for (let round = 0; round < 3; round++) {
      const items = Array.from({ length: 200 }, (_, n) => new Float64Array(1 + (n % 90)).fill(n));
      for await (const { index, outcome, params } of runtime.map(doubles, items)) {
        if (!outcome.ok) throw outcome.error;
        expect(outcome.value).toEqual(new Float64Array(1 + (index % 90)).fill(index * 2));
        expect(outcome.value.buffer.byteLength).toBe(outcome.value.byteLength);
        expect(params).toBe(items[index]);
        expect(params[0]).toBe(index);
      }
    }
  });

  it('R-2 fail alone when they cannot be cloned, named by path, and those beside them do not', async () => {
    const { runtime } = await warm();
    const items = numbers(100).map((given) => (given.n === 50 ? { ...given, fn: () => 1 } : given));
    const results = await gather(runtime, items);
    expect(results.filter(({ outcome }) => !outcome.ok).map(({ index }) => index)).toEqual([50]);
    expect(results[50]?.outcome).toMatchObject({ error: { type: 'uncloneable', details: { path: 'params.fn' } } });
  });

  it('R-3 tell how far they are one by one, and what each took', async () => {
    const { runtime } = await warm();
    const progress: unknown[] = [];
    const results = await gather(runtime, numbers(100), {
      onProgress: ({ started, settled, failed }) => progress.push([started >= settled, settled, failed]),
    });
    expect(progress).toEqual(Array.from({ length: 100 }, (_, n) => [true, n + 1, 0]));
    expect(
      results.every(({ durationMs, threadId, attempts }) => durationMs !== undefined && threadId !== undefined && attempts === 1),
    ).toBe(true);
  });

  it('E-13 are read no further than the window, whoever reads them', async () => {
    const { runtime, packs } = await warm();
    let read = 0;
    function* endless(): Generator<Item> {
      for (;;) yield { act: 'number', n: read++ };
    }
    const before = packs();
    const map = runtime.map(acts, endless(), { concurrency: 64 });
    for (let taken = 0; taken < 200; taken++) {
      await map.next();
      expect(read).toBeLessThanOrEqual(taken + 1 + 64);
    }
    expect(packs()).toBeGreaterThan(before);
    await map.return?.();
    expect(runtime.stats()).toMatchObject({ queued: 0, running: 0 });
  });

  it('R-9 go one by one while somebody follows tasks, and are told each', async () => {
    const { runtime, packs } = await warm();
    const watch = watchTraces();
    const before = packs();
    await gather(runtime, numbers(50));
    await settle();
    expect(watch.of('task.asyncEnd').length).toBe(50);
    expect(packs()).toBe(before);
  });

  it('A-9 start children of theirs, and need not wait for them', async () => {
    const { runtime } = await warm();
    const begun: number[] = [];
    for (let n = 0; n < 60; n++) called().set(n, () => void begun.push(n));
    const items = Array.from({ length: 60 }, (_, n): Item => ({ act: n % 7 === 0 ? 'spawns' : 'number', n }));
    const results = await gather(runtime, items);
    expect(results.every(({ outcome }) => outcome.ok)).toBe(true);
    await expect.poll(() => runtime.stats(), { timeout: 20_000 }).toMatchObject({ queued: 0, running: 0 });
    expect(begun.sort((a, b) => a - b)).toEqual(items.filter(({ act }) => act === 'spawns').map(({ n }) => n));
  });

  it('E-7 a cancel of one by its id ends that one, and no other', async () => {
    const { runtime } = await warm();
    const items = numbers(100).map(({ n }): Item => ({ act: n === 20 ? 'call' : 'number', n }));
    let cancelled: Promise<unknown> | undefined;
    called().set(20, (ctx) => {
      const [, prefix, number] = /^(.*-)(\d+)$/.exec(ctx.taskId) ?? [];
      cancelled = runtime.cancel(`${prefix}${Number(number) + 3}`, 'just that one');
    });
    const results = await gather(runtime, items);
    await cancelled;
    expect(results.filter(({ outcome }) => !outcome.ok).map(told)).toEqual([
      [23, 0, 'cancelled', 'Action acts was cancelled: just that one', false, undefined, undefined],
    ]);
  });
});
