import { Worker } from 'node:worker_threads';
import { pairedRatio } from '@heddle/measure';
import type { Runtime } from '@heddle/worker-pool';
import { type Order, orderAt } from '../work/order.ts';
import { priceOrderChecked } from '../work/order-action.ts';

const ROUNDS = 12;
/** Of those: the first find new lanes, whose code is not hot, and what was started before still ending. */
const ROUNDS_TO_WARM = 4;
const CALLS = 4000;
const IN_FLIGHT = 64;

/** What a call costs. */
export interface Probed {
  /** CPU time of the process, all threads. Microseconds. */
  readonly us: number;
  /** The same, by what a message to a bare thread and back costs in the same moment: whatever else makes the machine slow is in both. */
  readonly ratio: number;
}

/** Measures one call out of many alike, with nothing else under way, beside messages to a bare thread: in turns, by CPU time. */
export class Probe {
  readonly #echo = new Worker(new URL('./echo-thread.js', import.meta.url));

  async take(runtime: Runtime): Promise<Probed> {
    const calls: number[] = [];
    const messages: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const call = await costOf((order) => runtime.run(priceOrderChecked, order));
      const message = await this.#messages();
      if (round < ROUNDS_TO_WARM) continue;
      calls.push(call);
      messages.push(message);
    }
    return { us: [...calls].sort((one, two) => one - two)[1] ?? Number.NaN, ratio: pairedRatio(calls, messages).median };
  }

  /** Answers come in the order of the messages. */
  async #messages(): Promise<number> {
    const waiting: (() => void)[] = [];
    const heard = (): void => waiting.shift()?.();
    this.#echo.on('message', heard);
    const cost = await costOf((order) => {
      this.#echo.postMessage(order);
      return new Promise<void>((resolve) => waiting.push(resolve));
    });
    this.#echo.off('message', heard);
    return cost;
  }

  async close(): Promise<void> {
    await this.#echo.terminate();
  }
}

/** Microseconds of CPU time a call. */
async function costOf(call: (order: Order) => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async (_, caller) => {
      for (let number = caller; number < CALLS; number += IN_FLIGHT) await call(orderAt(number));
    }),
  );
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CALLS;
}
