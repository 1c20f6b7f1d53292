import type { Coroutine } from '@heddle/core';
import type { Runtime } from '@heddle/worker-pool';
import { type ThreadHeap, weighsThread } from '../work/echo-action.ts';

/** A coroutine that weighs the heap of its own thread. */
export type Scout = Coroutine<ThreadHeap, void, unknown>;

/** What is held. Bytes. */
export interface Weight {
  readonly host: number;
  /** All threads together. */
  readonly threads: number;
  /** Of the whole process. */
  readonly resident: number;
}

/** Sends a scout to each of a runtime's stateful threads. */
export async function sendScouts(runtime: Runtime, threads: number): Promise<readonly Scout[]> {
  const scouts = new Map<number, Scout>();
  while (scouts.size < threads) {
    const scout = runtime.coroutine(weighsThread, {});
    const step = await scout.next();
    if (step.kind !== 'suspended') throw new Error(`a scout ended with ${step.kind}`);
    const { threadId } = step.value;
    if (!scouts.has(threadId)) scouts.set(threadId, scout);
  }
  return [...scouts.values()];
}

/** Weighs everything after a full collection. Needs `--expose-gc`. */
export async function weigh(scouts: readonly Scout[]): Promise<Weight> {
  let threads = 0;
  for (const scout of scouts) {
    const step = await scout.next();
    if (step.kind === 'suspended') threads += step.value.bytes;
  }
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { host: heapUsed + external, threads, resident: rss };
}

/** What something gave and how long it took. Milliseconds. */
export async function timed<T>(run: () => Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const begun = performance.now();
  const value = await run();
  return { value, ms: performance.now() - begun };
}
