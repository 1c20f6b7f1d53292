import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createRuntime } from '@heddle/worker-pool';
import { orderAt } from '../work/order.ts';
import { priceOrderChecked } from '../work/order-action.ts';
import { quiet } from './quiet.ts';

const THREADS = '/proc/self/task';

/** The threads of this process, or `NaN` where the system does not tell. */
export function threadCount(): number {
  return existsSync(THREADS) ? readdirSync(THREADS).length : Number.NaN;
}

/** Processes that this one has started and that have not ended; 0 where the system does not tell. */
export function childCount(): number {
  try {
    const lists = readdirSync(THREADS).map((thread) => readFileSync(`${THREADS}/${thread}/children`, 'utf8').trim());
    return lists.flatMap((list) => (list === '' ? [] : list.split(' '))).length;
  } catch {
    return 0;
  }
}

/** Threads of this process while no runtime is open, but one has been: Node starts some of its own when they are first needed, and keeps them. */
export async function baseThreads(): Promise<number> {
  await Promise.all(Array.from({ length: 16 }, () => readdir(import.meta.dirname)));
  const runtime = createRuntime({ logger: quiet });
  await runtime.run(priceOrderChecked, orderAt(0));
  await runtime.close();
  return threadCount();
}
