import { existsSync, readdirSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import type { AsyncRef, Logger, Runtime, RuntimeEvent, RuntimeOptions, TaskTrace } from '@heddle/worker-pool';
import { createRuntime, subscribeTelemetry } from '@heddle/worker-pool';
import { expect } from 'vitest';
import { echo, holds } from './fixtures/actions.mjs';

/** Nothing here takes as long: what does hangs. */
export const HANG_MS = 20_000;

const LIMITS = { maxOldGenerationSizeMb: 48 };

/** A neighbour of a fault: begun on a thread of its own, which it holds until it is let go. */
export interface Neighbour {
  readonly ref: AsyncRef;
  letGo(): void;
  /** How it has ended, once it was let go. */
  ended(): Promise<unknown>;
}

/** A runtime on real threads, what it said, and how often each of its tasks has ended. */
export class World {
  readonly runtime: Runtime;
  readonly events: RuntimeEvent[] = [];
  /** Records of actions' logs, counted and not kept: a flood is among them. */
  records = 0;
  readonly #ends = new Map<TaskTrace, number>();
  readonly #stop: () => void;

  constructor(options: RuntimeOptions = {}) {
    this.#stop = subscribeTelemetry({
      taskStart: (task) => void this.#ends.set(task, 0),
      taskEnd: (task) => void this.#ends.set(task, (this.#ends.get(task) ?? 0) + 1),
    });
    this.runtime = createRuntime({
      threads: { min: 2, max: 2 },
      graceMs: 20,
      resourceLimits: LIMITS,
      logger: this.#logger(),
      onEvent: (event) => void this.events.push(event),
      ...options,
    });
  }

  #logger(): Logger {
    const count = (): void => void this.records++;
    return { level: 'info', trace: count, debug: count, info: count, warn: count, error: count, fatal: count };
  }

  /** Starts a neighbour, and waits until it has begun. */
  async neighbour(): Promise<Neighbour> {
    const memory = new SharedArrayBuffer(8);
    const words = new Int32Array(memory);
    const ref = this.runtime.start(holds, { memory }, {}, { timeoutMs: Number.POSITIVE_INFINITY, maxRetries: 0 });
    await until(() => Atomics.load(words, 1) === 1);
    const letGo = (): void => {
      Atomics.store(words, 0, 1);
      Atomics.notify(words, 0);
    };
    return { ref, letGo, ended: () => ref.outcome({ timeoutMs: HANG_MS }) };
  }

  /** A task after the fault, on whatever thread is there. */
  next(): Promise<unknown> {
    return this.runtime.run(echo, { after: 1 }, {}, { totalTimeoutMs: HANG_MS });
  }

  /** Waits until every task has ended, and fails when one has ended twice. */
  async endedOnce(): Promise<void> {
    await until(() => ![...this.#ends.values()].includes(0));
    expect([...this.#ends.values()].filter((count) => count !== 1)).toEqual([]);
  }

  async close(): Promise<void> {
    await this.runtime.close({ graceMs: 0 });
    await this.endedOnce();
    this.#stop();
  }
}

/** Waits, turn by turn of the event loop, until something holds; fails when it does not. */
export async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + HANG_MS;
  while (!holds() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(holds()).toBe(true);
}

/** What of a process keeps growing when something is left behind, by name. */
export function resources(): ReadonlyMap<string, number> {
  const counted = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) counted.set(name, (counted.get(name) ?? 0) + 1);
  for (const name of process.eventNames()) counted.set(`listener of ${String(name)}`, process.listenerCount(name));
  // Where the system tells.
  if (existsSync('/proc/self/task')) counted.set('thread', readdirSync('/proc/self/task').length);
  return counted;
}

/** Waits for what has come since to be gone; fails, naming it, when some stays. In turns of the loop: timers are counted themselves. */
export async function backTo(before: ReadonlyMap<string, number>): Promise<void> {
  const left = (): [string, number][] => [...resources()].filter(([name, count]) => count > (before.get(name) ?? 0));
  const end = performance.now() + HANG_MS;
  while (left().length > 0 && performance.now() < end) await turn();
  expect(left()).toEqual([]);
}
