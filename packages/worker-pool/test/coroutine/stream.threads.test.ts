import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, expectTypeOf, it } from 'vitest';
import * as actions from '../fixtures/coroutines.ts';
import { openRuntime, until } from '../support/threads.ts';

describe('a stream', () => {
  it('C-9 gives every value in order, then ends', async () => {
    const { runtime } = openRuntime();
    const values: number[] = [];
    const stream = runtime.stream(actions.counts, { to: 20_000 });
    expectTypeOf(stream).toEqualTypeOf<AsyncIterableIterator<number, string>>();
    for await (const value of stream) values.push(value);
    expect(values).toEqual(Array.from({ length: 20_000 }, (_, n) => n));
    expect(await stream.next()).toMatchObject({ done: true });
    expect(runtime.stats()).toMatchObject({ completed: 1, statefulLanes: [{ inFlight: 0 }] });
  });

  it('C-9 keeps one order with what the action logs', async () => {
    const { runtime, records } = openRuntime();
    for await (const { n } of runtime.stream(actions.countsSlowly, { to: 50 })) expect(records.length).toBeGreaterThan(n);
    expect(records.length).toBe(50);
  });

  it('C-9 stops within its window while nobody reads, and goes on when somebody does', async () => {
    const { runtime, records } = openRuntime();
    const stream = runtime.stream(actions.counts, { to: 1e9 }, {}, { window: 16 });
    expect(await stream.next()).toEqual({ done: false, value: 0 });
    for (let n = 1; n < 100; n++) expect(await stream.next()).toEqual({ done: false, value: n });
    await stream.return?.();
    await until(() => records.length === 1);
    expect(records[0]?.fields['n']).toBeLessThanOrEqual(100 + 16);
    expect(runtime.stats()).toMatchObject({ cancelled: 1 });
  });

  it('C-9 breaking out cancels and cleans up', async () => {
    const { runtime, records } = openRuntime();
    for await (const value of runtime.stream(actions.counts, { to: 1e9 })) if (value === 1000) break;
    expect(records).toMatchObject([{ message: 'cleaned' }]);
    expect(runtime.stats().statefulLanes).toMatchObject([{ inFlight: 0 }]);
  });

  it('C-9 throws its failure after every value before it', async () => {
    const { runtime } = openRuntime();
    const values: number[] = [];
    const read = async (): Promise<void> => {
      for await (const value of runtime.stream(actions.counts, { to: 100, failAt: 37 })) values.push(value);
    };
    await expect(read()).rejects.toMatchObject({ type: 'execution_error', message: 'failed at 37' });
    expect(values.length).toBe(37);
  });

  it('C-9 ends by its signal, its clocks, its scope', async () => {
    const { runtime } = openRuntime();
    const controller = new AbortController();
    const read = async (options: object, scope: Pick<typeof runtime, 'stream'> = runtime): Promise<number> => {
      let last = 0;
      for await (const value of scope.stream(actions.counts, { to: 1e12 }, {}, options)) {
        last = value;
        if (value === 5000) controller.abort('enough');
        if (value === 5000) void (scope as { dispose?(): unknown }).dispose?.();
      }
      return last;
    };
    await expect(read({ signal: controller.signal })).rejects.toMatchObject({
      type: 'cancelled',
      message: expect.stringContaining('enough'),
    });
    await expect(read({ signal: controller.signal })).rejects.toMatchObject({ type: 'cancelled' });
    await expect(read({ totalTimeoutMs: 50 })).rejects.toMatchObject({ type: 'timeout' });
    await expect(read({ timeoutMs: 50 })).rejects.toMatchObject({ type: 'timeout' });
    await expect(read({}, runtime.scope())).rejects.toMatchObject({ type: 'cancelled' });
    expect(runtime.stats()).toMatchObject({ running: 0 });
  });

  it('C-9 is read by Node streams and by web streams through their own adapters', async () => {
    const { runtime } = openRuntime();
    const seen: number[] = [];
    await pipeline(Readable.from(runtime.stream(actions.counts, { to: 1000 })), async (source: AsyncIterable<number>) => {
      for await (const value of source) seen.push(value);
    });
    expect(seen.length).toBe(1000);
    const reader = ReadableStream.from(runtime.stream(actions.counts, { to: 1e9 })).getReader();
    expect(await reader.read()).toEqual({ done: false, value: 0 });
    await reader.cancel();
    await until(() => runtime.stats().cancelled === 1);
  });

  it('C-9 refuses at once what it cannot read, and bad options', () => {
    const { runtime } = openRuntime();
    expect(() => runtime.stream(actions.plainly as never)).toThrow(expect.objectContaining({ type: 'invalid_action' }));
    expect(() => runtime.stream(actions.counts, { to: 1 }, {}, { window: 0 })).toThrow(expect.objectContaining({ type: 'invalid_input' }));
  });

  it('C-9 a stream that is never read starts nothing', async () => {
    const { runtime } = openRuntime();
    const stream = runtime.stream(actions.counts, { to: 10 });
    await stream.return?.();
    expect(await stream.next()).toMatchObject({ done: true });
    expect(runtime.stats()).toMatchObject({ statefulLanes: [], cancelled: 0 });
  });
});
