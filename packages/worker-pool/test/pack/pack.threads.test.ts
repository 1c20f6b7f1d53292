import { describe, expect, test } from 'vitest';
import type { MapItem, MapOptions, Runtime } from '../../src/index.ts';
import { addsOne, blocksAt, doubles, exitsAt, loopsAt, notesOrder, touches } from '../fixtures/packed.ts';
import { openRuntime, until } from '../support/threads.ts';

const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** So often that the action is known to be tiny: from then on items go together. */
async function warmUp(runtime: Runtime, action: typeof blocksAt): Promise<void> {
  for (let round = 0; round < 3; round++) for await (const { outcome } of runtime.map(action, range(1000))) expect(outcome.ok).toBe(true);
}

interface Held {
  readonly words: Int32Array;
  readonly options: MapOptions;
}

/** What makes the item of one number stop. */
function heldAt(at: number): Held {
  const gate = new SharedArrayBuffer(8);
  return { words: new Int32Array(gate), options: { context: { gate, at } } };
}

function release(words: Int32Array): void {
  Atomics.store(words, 1, 1);
  Atomics.notify(words, 1);
}

/** Reads a map in the background. */
function read<V>(map: AsyncIterable<MapItem<number, V>>): { readonly results: MapItem<number, V>[]; readonly ended: Promise<void> } {
  const results: MapItem<number, V>[] = [];
  const ended = (async () => {
    for await (const item of map) results.push(item);
  })();
  return { results, ended };
}

describe('packs', () => {
  test('carry numbers, ordered when asked', async () => {
    const { runtime } = openRuntime({ threads: { max: 2 } });
    for (const ordered of [false, true]) {
      const indexes: number[] = [];
      for await (const { index, params, outcome } of runtime.map(addsOne, range(20_000), { ordered })) {
        indexes.push(index);
        if (!outcome.ok || outcome.value !== index + 1 || params !== index) throw new Error(`wrong at ${index}`);
      }
      if (!ordered) indexes.sort((a, b) => a - b);
      expect(indexes).toEqual(range(20_000));
    }
    expect(runtime.stats()).toMatchObject({ queued: 0, running: 0, completed: 40_000 });
    expect(runtime.stats().lanes.reduce((sum, { settled }) => sum + settled, 0)).toBe(40_000);
  });

  test('carry typed arrays, each with a buffer of its own', async () => {
    const { runtime } = openRuntime({ threads: { max: 2 } });
    const items = range(5000).map((n) => new Float64Array(64).fill(n));
    let seen = 0;
    for await (const { index, outcome } of runtime.map(doubles, items)) {
      if (!outcome.ok) throw outcome.error;
      if (outcome.value[0] !== index * 2 || outcome.value[63] !== index * 2 || outcome.value.buffer.byteLength !== 512)
        throw new Error(`wrong at ${index}`);
      seen++;
    }
    expect(seen).toBe(5000);
    expect(items[7]?.[0]).toBe(7);
  });

  test('carry objects, and what is shared among them is each one’s own', async () => {
    const { runtime } = openRuntime({ threads: { max: 2 } });
    const common = { count: 0 };
    let seen = 0;
    const map = runtime.map(
      touches,
      range(5000).map(() => ({ common })),
      { context: { count: 0 } },
    );
    for await (const { outcome } of map) {
      expect(outcome).toMatchObject({ ok: true, value: { changed: 1, context: 1 } });
      seen++;
    }
    expect(seen).toBe(5000);
  });

  test('E-7 hold nothing up behind an item that takes long, and nothing that ended before it', async () => {
    const { runtime } = openRuntime({ threads: { max: 2 } });
    await warmUp(runtime, blocksAt);
    const { words, options } = heldAt(400);
    const { results, ended } = read(runtime.map(blocksAt, range(3000), options));
    await until(() => results.length === 2999);
    expect(Atomics.load(words, 0)).toBe(1);
    expect(runtime.stats()).toMatchObject({ queued: 0, running: 1 });
    release(words);
    await ended;
    expect(results.at(-1)).toMatchObject({ index: 400, outcome: { ok: true, value: 400 }, attempts: 1 });
  });

  test('E-7 on a single thread what ended before the long one is told, and what waits behind it can be cancelled', async () => {
    const { runtime } = openRuntime();
    await warmUp(runtime, blocksAt);
    const { words, options } = heldAt(100);
    const controller = new AbortController();
    const { results, ended } = read(runtime.map(blocksAt, range(300), { ...options, signal: controller.signal }));
    await until(() => results.length === 100);
    controller.abort();
    await until(() => results.length === 299);
    expect(runtime.stats()).toMatchObject({ queued: 0, running: 1, cancelled: 199 });
    release(words);
    await ended;
    expect(results.filter(({ outcome }) => outcome.ok).length).toBe(100);
  });

  test('E-10 lose with their thread only what had begun; the rest moves, and each ends once', async () => {
    const { runtime, events } = openRuntime({ threads: { max: 2 } });
    await warmUp(runtime, exitsAt);
    const { options } = heldAt(700);
    const { results, ended } = read(runtime.map(exitsAt, range(3000), options));
    await ended;
    expect(new Set(results.map(({ index }) => index)).size).toBe(3000);
    // Numbers outlive the thread: only the one that ran is lost.
    const lost = results.filter(({ outcome }) => !outcome.ok);
    expect(lost.map(({ index, outcome }) => [index, !outcome.ok && outcome.error.type])).toEqual([[700, 'worker_lost']]);
    expect(events.filter(({ kind }) => kind === 'laneLost')).toMatchObject([{ tasksLost: 1 }]);
    expect(runtime.stats()).toMatchObject({ queued: 0, running: 0, failed: 1 });
  });

  test('R-6 an item whose thread was lost is tried again by itself, its attempts kept', async () => {
    const { runtime } = openRuntime({ threads: { max: 2 } });
    await warmUp(runtime, exitsAt);
    const { options } = heldAt(50);
    const { results, ended } = read(runtime.map(exitsAt, range(200), { ...options, maxRetries: 2, backoffMs: 0 }));
    await ended;
    expect(results.filter(({ attempts }) => attempts !== 1).map(({ index, attempts, outcome }) => [index, attempts, outcome.ok])).toEqual([
      [50, 3, false],
    ]);
  });

  test('R-4 an item past its time is ended alone', async () => {
    const { runtime } = openRuntime({ threads: { max: 2 } });
    await warmUp(runtime, loopsAt);
    const { options } = heldAt(123);
    const { results, ended } = read(runtime.map(loopsAt, range(1000), { ...options, timeoutMs: 1000 }));
    await ended;
    const failed = results.filter(({ outcome }) => !outcome.ok);
    expect(failed).toMatchObject([{ index: 123, outcome: { error: { type: 'timeout' } } }]);
    expect(results.length).toBe(1000);
  });

  test('E-7 leaving the map asks the one that runs to end', async () => {
    const { runtime } = openRuntime({ threads: { max: 1 }, graceMs: Number.POSITIVE_INFINITY });
    await warmUp(runtime, loopsAt);
    const { words, options } = heldAt(40);
    const map = runtime.map(loopsAt, range(1000), options);
    const first = map.next();
    await until(() => Atomics.load(words, 0) === 1);
    await map.return?.();
    await first;
    expect(runtime.stats()).toMatchObject({ queued: 0, running: 0, lanesKilled: 0 });
    expect(await runtime.run(addsOne, 1)).toMatchObject({ ok: true, value: 2 });
  });

  test('E-1 are not made of an action that gives promises: its items begin in their order', async () => {
    const { runtime } = openRuntime();
    const count = 2000;
    const order = new Int32Array(new SharedArrayBuffer(4 * (count + 1)));
    const items = Array.from({ length: count }, (_, n) => ({ n }));
    for await (const { outcome } of runtime.map(notesOrder, items, { context: { order } })) expect(outcome.ok).toBe(true);
    expect([...order]).toEqual([count, ...items.map(({ n }) => n)]);
  });
});
