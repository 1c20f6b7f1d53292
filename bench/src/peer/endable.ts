import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Action } from '@heddle/core';
import { createRuntime } from '@heddle/worker-pool';
import { Piscina } from 'piscina';
import { Tinypool } from 'tinypool';
import workerpool from 'workerpool';
import { askingAction, endlessAction, waitingAction } from '../work/endless-action.ts';
import { orderAt } from '../work/order.ts';
import { priceOrderChecked } from '../work/order-action.ts';

/** What has to be ended: it awaits and listens, it loops and asks, or it loops and is deaf. */
export type Endless = 'waiting' | 'asking' | 'deaf';

/** One thread that runs what does not end by itself. */
export interface Endable {
  readonly name: string;
  /** Milliseconds from ending it until the next task had been served. */
  endAndServe(kind: Endless): Promise<number>;
  close(): Promise<void>;
}

/** Waits until the thread is in the task for sure; nothing can tell from outside. */
const BEGIN_MS = 15;
const ORDER = orderAt(1);
const ENDLESS = new URL('../work/endless.js', import.meta.url).href;
const SERVED = { filename: new URL('../work/order.js', import.meta.url).href, name: 'priceOrder' };
const ACTIONS: Readonly<Record<Endless, Action<Readonly<Record<string, never>>, unknown>>> = {
  waiting: waitingAction,
  asking: askingAction,
  deaf: endlessAction,
};

/** Heddle. `graceMs`: how long a task that is asked to end may take; what is deaf is killed after it. */
export function endableHeddle(name: string, graceMs: number): Endable {
  const runtime = createRuntime({ threads: { min: 1, max: 1 }, graceMs });
  return {
    name,
    async endAndServe(kind) {
      await runtime.run(priceOrderChecked, ORDER);
      const ref = runtime.start(ACTIONS[kind], {}, {}, { timeoutMs: Number.POSITIVE_INFINITY, maxRetries: 0 });
      await sleep(BEGIN_MS);
      const begun = performance.now();
      const cancelled = runtime.cancel(ref);
      const next = await runtime.run(priceOrderChecked, ORDER);
      const tookMs = performance.now() - begun;
      if (!next.ok) throw next.error;
      await cancelled;
      return tookMs;
    },
    close: () => runtime.close(),
  };
}

/** Piscina: an abort ends the thread, whatever the task would do. */
export function endablePiscina(name: string): Endable {
  const pool = new Piscina({ minThreads: 1, maxThreads: 1 });
  return endableByAbort(name, pool, () => pool.destroy());
}

/** Tinypool: the same. */
export function endableTinypool(name: string): Endable {
  const pool = new Tinypool({ filename: ENDLESS, minThreads: 1, maxThreads: 1 });
  return endableByAbort(name, pool, () => pool.destroy());
}

/** What both pools take. */
interface AbortablePool {
  run(params: unknown, options: { readonly filename: string; readonly name: string; readonly signal?: AbortSignal }): Promise<unknown>;
}

function endableByAbort(name: string, pool: AbortablePool, close: () => Promise<void>): Endable {
  return {
    name,
    async endAndServe(kind) {
      await pool.run(ORDER, SERVED);
      const controller = new AbortController();
      const task = { filename: ENDLESS, name: kind === 'waiting' ? 'waiting' : 'endless', signal: controller.signal };
      const aborted = pool.run({}, task).catch(() => {}); // that it ended is what was wanted
      await sleep(BEGIN_MS);
      const begun = performance.now();
      controller.abort();
      await pool.run(ORDER, SERVED);
      const tookMs = performance.now() - begun;
      await aborted;
      return tookMs;
    },
    close,
  };
}

/** Workerpool: `cancel()` asks listeners in the thread, which may save it; without any it ends the thread. */
export function endableWorkerpool(name: string): Endable {
  const entry = fileURLToPath(new URL('./endable-thread.js', import.meta.url));
  const pool = workerpool.pool(entry, { minWorkers: 1, maxWorkers: 1, workerType: 'thread' });
  return {
    name,
    async endAndServe(kind) {
      await pool.exec('priceOrder', [ORDER]);
      const task = pool.exec(kind === 'waiting' ? 'waiting' : 'endless', []);
      const ended = task.then(
        () => {},
        () => {}, // that it ended is what was wanted
      );
      await sleep(BEGIN_MS);
      const begun = performance.now();
      task.cancel();
      await pool.exec('priceOrder', [ORDER]);
      const tookMs = performance.now() - begun;
      await ended;
      return tookMs;
    },
    async close() {
      await pool.terminate(true);
    },
  };
}
