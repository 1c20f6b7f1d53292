import { setTimeout as sleep } from 'node:timers/promises';
import { quantileOf, quantityOf, type Section } from '@heddle/measure';
import { createRuntime, type Runtime } from '@heddle/worker-pool';
import type { BenchOptions } from '../options.ts';
import { askCostAction, askingAction } from '../work/endless-action.ts';
import { orderAt } from '../work/order.ts';
import { priceOrderChecked } from '../work/order-action.ts';
import type { Scenario } from './scenario.ts';
import { serveAgainSections } from './serve-again.ts';

/** Ending work that does not end by itself. */
export const cancel: Scenario = {
  name: 'cancel',
  summary: 'How soon one thread serves again after a task on it is ended, and what asking for the end costs.',
  async run(options, progress) {
    const served = await serveAgainSections(options, progress);
    progress('asking loops');
    const ask = await measureAsk(options);
    progress('queued tasks');
    const queued = await measureQueued(options);
    return {
      sections: [...served, ask, queued],
      notes: [
        'An abort ends the thread of piscina and tinypool, also where the task would listen; workerpool lets listeners in the thread save it, and otherwise gives the thread a second to go.',
      ],
    };
  },
};

/** Waits until the thread is in the task's loop for sure; nothing can tell from outside. */
const BEGIN_MS = 15;

async function measureAsk({ rounds, quick }: BenchOptions): Promise<Section> {
  const runtime = createRuntime({ threads: { min: 1, max: 1 } });
  const times: number[][] = [];
  const costs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    times.push([]);
    for (let nth = 0; nth < (quick ? 20 : 100); nth++) times[round]?.push(await endAskingLoop(runtime));
    const cost = await runtime.run(askCostAction, {});
    if (cost.ok) costs.push(cost.value);
  }
  await runtime.close();
  const at = (q: number): Map<string, number[]> => new Map([['heddle', times.map((list) => quantileOf(list, q))]]);
  return {
    title: 'a synchronous loop that calls `ctx.throwIfCancelled()`',
    quantities: [
      quantityOf({ name: 'end, p50', unit: 'ms', rounds: at(0.5), targets: [{ contender: 'heddle', atMost: 0.1 }] }),
      quantityOf({ name: 'end, p99', unit: 'ms', rounds: at(0.99), targets: [{ contender: 'heddle', atMost: 1 }] }),
      quantityOf({ name: 'one call', unit: 'ns', rounds: new Map([['heddle', costs]]), targets: [{ contender: 'heddle', atMost: 10 }] }),
    ],
  };
}

async function endAskingLoop(runtime: Runtime): Promise<number> {
  const ref = runtime.start(askingAction, {}, {}, { maxRetries: 0 });
  await sleep(2);
  const begun = performance.now();
  await runtime.cancel(ref);
  return performance.now() - begun;
}

async function measureQueued({ rounds, quick }: BenchOptions): Promise<Section> {
  const count = quick ? 20_000 : 100_000;
  const runtime = createRuntime({ threads: { min: 1, max: 1 } });
  const blocker = runtime.start(askingAction, {}, {}, { timeoutMs: Number.POSITIVE_INFINITY, maxRetries: 0 });
  await sleep(BEGIN_MS);
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const refs = Array.from({ length: count }, (_, index) => runtime.start(priceOrderChecked, orderAt(index)));
    await sleep(1);
    const begun = performance.now();
    const ended = refs.map((ref) => runtime.cancel(ref));
    times.push(performance.now() - begun);
    await Promise.all(ended);
  }
  await runtime.cancel(blocker);
  await runtime.close();
  const targets = [{ contender: 'heddle', atMost: (20 * count) / 100_000 }];
  return {
    title: `${count} queued tasks cancelled, one by one`,
    quantities: [quantityOf({ name: 'main thread', unit: 'ms', rounds: new Map([['heddle', times]]), targets })],
  };
}
