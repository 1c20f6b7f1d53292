import { getEventListeners } from 'node:events';
import { HeddleError, ok } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { settle } from './support/fake-clock.ts';
import { aFailure, type SimRuntime, simAction, simRuntime } from './support/sim-runtime.ts';

const action = simAction();
const items = (count: number): object[] => Array.from({ length: count }, (_, n) => ({ n }));

/** A source that tells how far it was read, and when it was closed. */
function watched(count = Number.POSITIVE_INFINITY): { source: Iterable<object>; read: () => number; closed: () => boolean } {
  let read = 0;
  let closed = false;
  function* source(): Generator<object> {
    try {
      while (read < count) yield { n: read++ };
    } finally {
      closed = true;
    }
  }
  return { source: source(), read: () => read, closed: () => closed };
}

/** Serves every thread until nothing more comes. */
async function serve(sim: SimRuntime): Promise<void> {
  for (let idle = 0; idle < 3; ) {
    await sim.openThreads();
    let done = 0;
    for (const thread of sim.pool.alive) done += await sim.work(thread);
    await settle();
    idle = done === 0 ? idle + 1 : 0;
  }
}

describe('`map`', () => {
  it('R-3 gives every item once, with its index and params', async () => {
    const sim = simRuntime({ threads: { max: 2 } });
    const seen = new Map<number, object>();
    const read = (async () => {
      for await (const { index, params, outcome, attempts } of sim.runtime.map(action, items(50))) {
        expect([outcome.ok, attempts]).toEqual([true, 1]);
        seen.set(index, params);
      }
    })();
    await serve(sim);
    await read;
    expect([...seen].sort(([a], [b]) => a - b)).toEqual(items(50).map((params, index) => [index, params]));
  });

  it('R-3 has no timeout and no retries unless told otherwise, whatever the defaults of a single call', async () => {
    const sim = simRuntime();
    const results: unknown[] = [];
    const read = (async () => {
      for await (const { outcome, attempts } of sim.runtime.map(action, items(1))) results.push([outcome.ok, attempts]);
    })();
    await sim.openThreads();
    expect(sim.begin().timeoutMs).toBe(Number.POSITIVE_INFINITY);
    await sim.clock.advance(1e7);
    expect(results).toEqual([]);
    await sim.finish(aFailure);
    await read;
    expect(results).toEqual([[false, 1]]);
  });

  it('R-3 gives results in the order of the items when asked to', async () => {
    const sim = simRuntime({ threads: { max: 1, concurrency: 3 } });
    const indexes: number[] = [];
    const read = (async () => {
      for await (const { index } of sim.runtime.map(action, items(6), { ordered: true, concurrency: 3 })) indexes.push(index);
    })();
    const thread = await sim.openThreads();
    for (let round = 0; round < 2; round++) {
      const tasks = [sim.begin(), sim.begin(), sim.begin()];
      for (const task of tasks.reverse()) {
        thread.finish(task, ok(1));
        await sim.deliverAll();
      }
      await settle();
    }
    await read;
    expect(indexes).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('E-13 reads no further ahead than its window, whether or not anybody reads it', async () => {
    const sim = simRuntime();
    const { source, read } = watched();
    const map = sim.runtime.map(action, source, { concurrency: 3 });
    expect(read()).toBe(0);
    void map.next();
    await settle();
    await serve(sim);
    await serve(sim);
    // One was taken, and three may be under way or ready.
    expect(read()).toBeLessThanOrEqual(4);
    await map.return?.();
  });

  it('makes one failed item one failed outcome', async () => {
    const sim = simRuntime();
    const oks: boolean[] = [];
    const read = (async () => {
      for await (const { outcome } of sim.runtime.map(action, items(3), { concurrency: 1 })) oks.push(outcome.ok);
    })();
    await sim.openThreads();
    for (const outcome of [ok(1), aFailure, ok(3)]) {
      sim.begin();
      await sim.finish(outcome);
      await settle();
    }
    await read;
    expect(oks).toEqual([true, false, true]);
  });

  it('E-8 leaving it cancels what runs and closes the source', async () => {
    const sim = simRuntime();
    const { source, closed } = watched();
    const map = sim.runtime.map(action, source, { concurrency: 4 });
    void map.next();
    const thread = await sim.openThreads();
    const task = sim.begin();
    const left = map.return?.();
    await settle();
    expect([closed(), thread.asked.has(task.slot), sim.runtime.stats().queued]).toEqual([true, true, 0]);
    await sim.finish(aFailure);
    expect(await left).toEqual({ done: true, value: undefined });
    expect(await map.next()).toEqual({ done: true, value: undefined });
  });

  it('rejects with an error of its source, once, after cancelling what runs', async () => {
    const sim = simRuntime();
    function* broken(): Generator<object> {
      yield { n: 0 };
      throw new Error('the file is gone');
    }
    const map = sim.runtime.map(action, broken(), { concurrency: 4 });
    const rejected = expect(map.next()).rejects.toThrow('the file is gone');
    await settle();
    await sim.openThreads();
    await serve(sim);
    await rejected;
    expect(await map.next()).toEqual({ done: true, value: undefined });
    expect(sim.runtime.stats()).toMatchObject({ queued: 0, running: 0 });
  });

  it('ends with its signal, after giving what it has, and leaves no listener', async () => {
    const sim = simRuntime();
    const controller = new AbortController();
    const { source, closed } = watched();
    const outcomes: string[] = [];
    const read = (async () => {
      for await (const { outcome } of sim.runtime.map(action, source, { concurrency: 2, signal: controller.signal }))
        outcomes.push(outcome.ok ? 'ok' : outcome.error.type);
    })();
    await sim.openThreads();
    sim.begin();
    await sim.finish(ok(1));
    await settle();
    controller.abort('enough');
    await serve(sim);
    await read;
    expect(outcomes[0]).toBe('ok');
    expect(new Set(outcomes.slice(1))).toEqual(new Set(['cancelled']));
    expect([closed(), getEventListeners(controller.signal, 'abort').length]).toEqual([true, 0]);
  });

  it('R-9 an `onProgress` that throws changes nothing', async () => {
    const sim = simRuntime();
    const indexes: number[] = [];
    const onProgress = (): never => {
      throw new Error('a broken subscriber');
    };
    const read = (async () => {
      for await (const { index } of sim.runtime.map(action, items(3), { onProgress })) indexes.push(index);
    })();
    await serve(sim);
    await read;
    expect(indexes).toEqual([0, 1, 2]);
    const told = { kind: 'callbackFailed', callback: 'onProgress', error: { message: 'a broken subscriber' } };
    expect(sim.events).toMatchObject([told, told, told]);
  });

  it('tells how far it is', async () => {
    const sim = simRuntime();
    const told: unknown[] = [];
    const read = (async () => {
      for await (const _ of sim.runtime.map(action, items(2), { concurrency: 1, onProgress: (progress) => told.push(progress) }));
    })();
    await serve(sim);
    await read;
    expect(told).toEqual([
      { started: 1, settled: 1, failed: 0 },
      { started: 2, settled: 2, failed: 0 },
    ]);
  });

  it.each<[unknown, unknown, RegExp]>([
    [7, {}, /takes an iterable or an async iterable of params; got a number/],
    [null, {}, /got null/],
    [[], { concurrency: 0 }, /`concurrency` must be an integer ≥ 1/],
    [[], { ordered: 1 }, /`ordered` must be a boolean/],
    [[], { onProgress: 1 }, /`onProgress` must be a function/],
    [[], { timeoutMs: -1 }, /`timeoutMs`/],
    [[], { tag: 'x', nonsense: 1 }, /`nonsense` is not an option/],
    [[], null, /expected an object, got null/],
  ])('R-1 throws for options at fault: %j %j', (source, options, message) => {
    const { runtime } = simRuntime();
    expect(() => runtime.map(action, source as never, options as never)).toThrow(message);
    expect(() => runtime.map(action, source as never, options as never)).toThrow(HeddleError);
  });
});
