import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Work } from '../work/work.ts';
import { type ThreadData, threadDataOf } from './thread-data.ts';
import type { BatchMessage } from './threads.ts';

/**
 * The ideal that a pool is held against: somebody who knows all the work beforehand, cuts it into as many equal parts as there are
 * threads, and sends each part as one message.
 */
export interface StaticSplit<P, V> {
  runAll(items: readonly P[]): Promise<V[]>;
  close(): Promise<void>;
}

/** Starts the threads. The caller closes it. */
export async function openStaticSplit<P, V>(work: Work<P, V>, threads: number): Promise<StaticSplit<P, V>> {
  const entry = new URL('./batch-thread.js', import.meta.url);
  const workers = Array.from({ length: threads }, () => new Worker(entry, { workerData: threadDataOf(work) satisfies ThreadData }));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  return {
    async runAll(items) {
      const size = Math.ceil(items.length / threads);
      const parts = workers.map(async (worker, part) => {
        worker.postMessage({ id: part, list: items.slice(part * size, (part + 1) * size) } satisfies BatchMessage);
        const [{ list }] = (await once(worker, 'message')) as [BatchMessage];
        return list as readonly V[]; // what the work's function gave
      });
      return (await Promise.all(parts)).flat();
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
