import { describe, expect, test } from 'vitest';
import { blocks, echo, flaky, loops } from './fixtures/plain.ts';
import { openRuntime, until } from './support/threads.ts';

function* numbers(count: number): Generator<{ n: number }> {
  for (let n = 0; n < count; n++) yield { n };
}

describe('map', () => {
  test('gives every item once, with its index and its params', async () => {
    const { runtime } = openRuntime({ threads: { max: 2 } });
    const seen = new Map<number, unknown>();
    for await (const { index, outcome, params } of runtime.map(echo, numbers(5000))) {
      expect(params).toEqual({ n: index });
      seen.set(index, outcome.ok && outcome.value);
    }
    expect(seen.size).toBe(5000);
    expect(seen.get(4999)).toEqual({ n: 4999 });
  });

  test('keeps the order when asked, from an async source too', async () => {
    const { runtime } = openRuntime({ threads: { max: 2 } });
    async function* source(): AsyncGenerator<{ n: number }> {
      yield* numbers(1000);
    }
    const order: number[] = [];
    for await (const { index } of runtime.map(echo, source(), { ordered: true })) order.push(index);
    expect(order).toEqual(Array.from({ length: 1000 }, (_, index) => index));
  });

  test('a failed item is a failed outcome and never the end of the stream; a faulty one among them too', async () => {
    const { runtime } = openRuntime();
    const params = [{ succeedsAt: 1 }, { succeedsAt: 2 }, { succeedsAt: 1, fn: () => 1 }, { succeedsAt: 1 }];
    const results: string[] = [];
    for await (const { outcome } of runtime.map(flaky, params, { ordered: true })) results.push(outcome.ok ? 'ok' : outcome.error.type);
    expect(results).toEqual(['ok', 'execution_error', 'uncloneable', 'ok']);
  });

  test('reads no more of an endless source than its window while nobody takes the results', async () => {
    const { runtime } = openRuntime();
    let taken = 0;
    function* endless(): Generator<{ n: number }> {
      for (;;) yield { n: taken++ };
    }
    const items = runtime.map(echo, endless(), { concurrency: 8 });
    await items.next();
    await until(() => runtime.stats().completed >= 8);
    expect(taken).toBeLessThanOrEqual(9);
    await items.return?.();
  });

  test('leaving the loop cancels what runs and closes the source', async () => {
    const { runtime } = openRuntime();
    let closed = false;
    function* source(): Generator<Readonly<Record<string, unknown>>> {
      try {
        for (;;) yield {};
      } finally {
        closed = true;
      }
    }
    const items = runtime.map(loops, source(), { concurrency: 2 });
    const first = items.next();
    await until(() => runtime.stats().running === 1);
    await items.return?.();
    expect(await first).toEqual({ done: true, value: undefined });
    expect(closed).toBe(true);
    expect(runtime.stats()).toMatchObject({ running: 0, queued: 0, cancelled: 2 });
  });

  test('an error of the source ends the map with it, after what runs was cancelled', async () => {
    const { runtime } = openRuntime();
    function* source(): Generator<Readonly<Record<string, unknown>>> {
      yield {};
      throw new Error('the source broke');
    }
    const items = runtime.map(loops, source(), { concurrency: 2 });
    await expect(items.next()).rejects.toThrow('the source broke');
    expect(await items.next()).toEqual({ done: true, value: undefined });
    expect(runtime.stats()).toMatchObject({ running: 0, queued: 0 });
  });

  test('its signal cancels what runs, gives those outcomes, and ends', async () => {
    const { runtime } = openRuntime();
    const controller = new AbortController();
    const types: string[] = [];
    const items = runtime.map(loops, [{}, {}, {}, {}], { concurrency: 2, signal: controller.signal });
    const reading = (async () => {
      for await (const { outcome } of items) types.push(outcome.ok ? 'ok' : outcome.error.type);
    })();
    await until(() => runtime.stats().running === 1);
    controller.abort();
    await reading;
    expect(types).toEqual(['cancelled', 'cancelled']);
  });

  test('E-13 a queue that waits holds the source back instead of refusing items', async () => {
    const { runtime } = openRuntime({ queue: { limit: 2, whenFull: 'wait' } });
    let fine = 0;
    for await (const { outcome } of runtime.map(echo, numbers(500))) if (outcome.ok) fine++;
    expect(fine).toBe(500);
    const many = await Promise.all(Array.from({ length: 100 }, (_, n) => runtime.run(echo, { n })));
    expect(many.every(({ ok }) => ok)).toBe(true);
  });

  test('its own options at fault throw at the call', () => {
    const { runtime } = openRuntime();
    expect(() => runtime.map(echo, [], { concurrency: 0 })).toThrow(/`concurrency`/);
    expect(() => runtime.map(echo, 7 as never)).toThrow(/takes an iterable/);
    expect(() => runtime.map((() => 1) as never, [])).toThrow(/Functions cannot be sent/);
  });
});

test('its drain signal lets go of what has not begun, and finishes and gives what has', async () => {
  const { runtime } = openRuntime();
  const gate = new SharedArrayBuffer(8);
  const words = new Int32Array(gate);
  const controller = new AbortController();
  let read = 0;
  function* source(): Generator<{ gate: SharedArrayBuffer; value: number }> {
    for (;;) yield { gate, value: read++ };
  }
  const given: unknown[] = [];
  const items = runtime.map(blocks, source(), { ordered: true, concurrency: 10, drainSignal: controller.signal });
  const reading = (async () => {
    for await (const { index, outcome } of items) given.push([index, outcome.ok && outcome.value]);
  })();
  await until(() => read === 10 && Atomics.load(words, 1) === 1);
  controller.abort();
  Atomics.store(words, 0, 1);
  Atomics.notify(words, 0);
  await reading;
  expect(given).toEqual([[0, 0]]);
  expect(read).toBe(10);
  expect(runtime.stats()).toMatchObject({ running: 0, queued: 0, completed: 1 });
});

test('leaving a map whose source waits for its next item ends at once', async () => {
  const { runtime } = openRuntime();
  async function* live(): AsyncGenerator<{ n: number }> {
    yield { n: 1 };
    await new Promise(() => {});
  }
  for await (const { outcome } of runtime.map(echo, live())) {
    expect(outcome.ok).toBe(true);
    break;
  }
  expect(runtime.stats()).toMatchObject({ running: 0, queued: 0, completed: 1 });
});

test('an item that comes after the map was left is not run', async () => {
  const { runtime } = openRuntime();
  let give = (_item: { n: number }): void => {};
  const late = new Promise<{ n: number }>((resolve) => {
    give = resolve;
  });
  const items = runtime.map(echo, [{ n: 1 }, late as never]);
  await items.next();
  await items.return?.();
  give({ n: 2 });
  expect(await runtime.run(echo, { n: 3 })).toMatchObject({ ok: true });
  expect(runtime.stats()).toMatchObject({ completed: 2 });
});

test('E-13 whoever waits for room is never refused, however many come at once', async () => {
  const { runtime } = openRuntime({ queue: { limit: 1, whenFull: 'wait' } });
  const loops = Array.from({ length: 12 }, async () => {
    const types: string[] = [];
    for (let n = 0; n < 40; n++) {
      const outcome = await runtime.run(echo, { n });
      types.push(outcome.ok ? 'ok' : outcome.error.type);
    }
    return types;
  });
  expect(new Set((await Promise.all(loops)).flat())).toEqual(new Set(['ok']));
});
