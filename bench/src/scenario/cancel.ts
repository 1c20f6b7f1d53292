import { setTimeout as sleep } from 'node:timers/promises';
import { quantileOf, quantityOf, type Section } from '@heddle/measure';
import { createRuntime, type Runtime } from '@heddle/worker-pool';
import { Piscina } from 'piscina';
import type { BenchOptions } from '../options.ts';
import { askCostAction, askingAction, endlessAction } from '../work/endless-action.ts';
import { orderAt } from '../work/order.ts';
import { priceOrderChecked } from '../work/order-action.ts';
import type { Scenario } from './scenario.ts';

const GRACE_MS = 100;

/** Ending work that does not end by itself. */
export const cancel: Scenario = {
  name: 'cancel',
  summary: 'How soon one thread serves again after a task on it is ended, and what asking for the end costs.',
  async run(options, progress) {
    progress('killing loops');
    const kill = await measureKill(options);
    progress('asking loops');
    const ask = await measureAsk(options);
    progress('queued tasks');
    const queued = await measureQueued(options);
    return { sections: [kill, ask, queued] };
  },
};

/** Waits until the thread is in the task's loop for sure; nothing can tell from outside. */
const BEGIN_MS = 15;

async function measureKill({ rounds, quick }: BenchOptions): Promise<Section> {
  const runtime = createRuntime({ threads: { min: 1, max: 1 }, graceMs: GRACE_MS });
  const atOnce = createRuntime({ threads: { min: 1, max: 1 }, graceMs: 0 });
  const pool = new Piscina({ minThreads: 1, maxThreads: 1 });
  const results = new Map<string, number[]>();
  const kills = quick ? 5 : 15;
  for (let round = 0; round < rounds; round++) {
    const times = { heddle: [] as number[], atOnce: [] as number[], piscina: [] as number[] };
    for (let nth = 0; nth < kills; nth++) {
      times.heddle.push((await killOnHeddle(runtime)) - GRACE_MS);
      times.atOnce.push(await killOnHeddle(atOnce));
      times.piscina.push(await killOnPiscina(pool));
    }
    note(results, `heddle, beyond a grace of ${GRACE_MS} ms`, quantileOf(times.heddle, 0.5));
    note(results, 'heddle, no grace (no time for a spare)', quantileOf(times.atOnce, 0.5));
    note(results, 'piscina, abort', quantileOf(times.piscina, 0.5));
  }
  await Promise.all([runtime.close(), atOnce.close(), pool.destroy()]);
  const targets = [{ contender: `heddle, beyond a grace of ${GRACE_MS} ms`, atMost: 1 }];
  return {
    title: 'kill of `for(;;)` to the next task served, one thread',
    quantities: [quantityOf({ name: 'p50', unit: 'ms', rounds: results, targets })],
  };
}

async function killOnHeddle(runtime: Runtime): Promise<number> {
  await runtime.run(priceOrderChecked, orderAt(1));
  const ref = runtime.start(endlessAction, {}, {}, { timeoutMs: Number.POSITIVE_INFINITY, maxRetries: 0 });
  await sleep(BEGIN_MS);
  const begun = performance.now();
  const cancelled = runtime.cancel(ref);
  const next = await runtime.run(priceOrderChecked, orderAt(1));
  const tookMs = performance.now() - begun;
  if (!next.ok) throw next.error;
  await cancelled;
  return tookMs;
}

async function killOnPiscina(pool: Piscina): Promise<number> {
  const served = { filename: new URL('../work/order.js', import.meta.url).href, name: 'priceOrder' };
  await pool.run(orderAt(1), served);
  const controller = new AbortController();
  const endless = pool.run(
    {},
    { filename: new URL('../work/endless.js', import.meta.url).href, name: 'endless', signal: controller.signal },
  );
  await sleep(BEGIN_MS);
  const begun = performance.now();
  controller.abort();
  const aborted = endless.catch(() => {}); // that it ended is what was wanted
  await pool.run(orderAt(1), served);
  const tookMs = performance.now() - begun;
  await aborted;
  return tookMs;
}

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

function note(results: Map<string, number[]>, name: string, value: number): void {
  const list = results.get(name);
  if (list === undefined) results.set(name, [value]);
  else list.push(value);
}
