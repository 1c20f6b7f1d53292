import { getEventListeners } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { createRuntime, type Logger } from '@heddle/worker-pool';
import { expect, test } from 'vitest';
import { heapOfLane } from './fixtures/heap.ts';
import { add, describe as describeContext, flaky, waits } from './fixtures/plain.ts';
import { heldBytes } from './support/heap.ts';
import { Load, type LoadSize } from './support/load.ts';
import { openRuntime } from './support/threads.ts';

/** Bytes for each task that a load may leave, to be no leak: a map's entry, a listener or a promise is more. */
const MAX_BYTES_A_TASK = 16;

const ignore = (): void => {};
const logger: Logger = { level: 'silent', trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore, fatal: ignore };

/** What of a process keeps growing when something is left behind, by name. */
function resources(): ReadonlyMap<string, number> {
  const counted = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) counted.set(name, (counted.get(name) ?? 0) + 1);
  for (const name of process.eventNames()) counted.set(`listener of ${String(name)}`, process.listenerCount(name));
  // Where the system tells.
  if (existsSync('/proc/self/task')) counted.set('thread', readdirSync('/proc/self/task').length);
  return counted;
}

/** How long threads and ports may take to be gone: a thread that nobody wants any more has to start before it can end. */
const GONE_WITHIN_MS = 60_000;

/** Waits for threads and ports to be gone, which takes turns of the loop; fails, naming them, when some stay. */
async function backTo(before: ReadonlyMap<string, number>): Promise<void> {
  const left = (): [string, number][] => [...resources()].filter(([name, count]) => count > (before.get(name) ?? 0));
  // Looked at in turns of the loop, not in timers, which are counted themselves.
  const end = performance.now() + GONE_WITHIN_MS;
  while (left().length > 0 && performance.now() < end) await new Promise((resolve) => setImmediate(resolve));
  expect(left()).toEqual([]);
}

test('E-8 a hundred thousand mixed tasks leave no listener, timer, port, thread or byte behind, and a closed runtime nothing', {
  timeout: 300_000,
}, async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on('warning', onWarning);
  const before = resources();

  const samples = await loadThrice();
  await backTo(before);
  await heldBytes();
  expect(samples.filter((sample) => sample.deref() !== undefined)).toEqual([]);
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
});

/** A load to warm up, then the same load twice. What the second leaves is what a thousandth would. */
async function loadThrice(): Promise<readonly WeakRef<object>[]> {
  const runtime = createRuntime({ threads: { min: 2, max: 2 }, graceMs: 30, logger });
  const load = new Load(runtime);
  const size = { rounds: 500, timeouts: 120, cancels: 150, crashes: 12 };
  const run = async (of: LoadSize): Promise<void> => {
    await load.run(of);
    // Its last crashes are made good again: what is there is what was there before.
    await runtime.ready(2);
  };
  await run({ rounds: 50, timeouts: 20, cancels: 20, crashes: 6 });
  await heldBytes();
  const base = resources();
  await run(size);
  const first = await heldBytes();
  const before = load.started;
  await run(size);
  await backTo(base);
  const second = await heldBytes();
  const bytesATask = (second - first) / (load.started - before);

  const { queued, running, retrying, completed, failed, cancelled, lanes, zombies } = runtime.stats();
  expect(load.unexpected).toEqual([]);
  expect({ queued, running, retrying, zombies, settled: completed + failed + cancelled, lanes: lanes.length }).toEqual({
    queued: 0,
    running: 0,
    retrying: 0,
    zombies: 0,
    settled: load.started,
    lanes: 2,
  });
  expect(load.started).toBeGreaterThan(100_000);
  expect(getEventListeners(load.shared.signal, 'abort')).toEqual([]);
  // The runtime is open still, and holds nothing of what it was given or gave.
  expect(load.samples.length).toBeGreaterThan(1000);
  expect(load.samples.filter((sample) => sample.deref() !== undefined)).toEqual([]);
  expect(bytesATask).toBeLessThan(MAX_BYTES_A_TASK);
  await runtime.close();
  return [new WeakRef(runtime), ...load.samples];
}

test('E-8 a lane holds nothing of the tasks it has run', { timeout: 60_000 }, async () => {
  const { runtime } = openRuntime({ logger });
  const heap = async (): Promise<number> => {
    const outcome = await runtime.run(heapOfLane, {}, {}, { timeoutMs: 60_000 });
    if (!outcome.ok) throw outcome.error;
    return outcome.value.bytes;
  };
  const work = async (): Promise<void> => {
    for (let round = 0; round < 100; round++) {
      const tiny = Array.from({ length: 96 }, (_, index) => runtime.run(add, { a: index }, { round }));
      const failed = runtime.run(flaky, { succeedsAt: 9 }, {}, { maxRetries: 0 });
      const cancelled = runtime.start(waits, {}, {}, { onProgress: () => void cancelled.cancel() });
      await Promise.all([...tiny, failed, runtime.run(describeContext), cancelled.outcome()]);
    }
  };
  await work();
  await heap();
  await work();
  const first = await heap();
  await work();
  const second = await heap();
  expect(runtime.stats().lanes).toHaveLength(1);
  expect(runtime.stats()).toMatchObject({ lanesLost: 0, lanesKilled: 0 });
  expect((second - first) / 9900).toBeLessThan(MAX_BYTES_A_TASK);
});
