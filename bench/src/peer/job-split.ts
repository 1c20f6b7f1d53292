import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { RealWork } from '../work/real/real-work.ts';

/** What such a thread is told at its start. */
export interface JobThreadData {
  readonly file: string;
  readonly name: string;
}

/** Somebody who knows all the work beforehand, deals it out to the threads in turn, and sends each its share as one message. */
export interface JobSplit<P, V> {
  runAll(items: readonly P[]): Promise<V[]>;
  close(): Promise<void>;
}

/** Starts the threads. The caller closes it. */
export async function openJobSplit<P, V>({ file, name, transferOf }: RealWork<P, V>, threads: number): Promise<JobSplit<P, V>> {
  const entry = new URL('./job-thread.js', import.meta.url);
  const workers = Array.from({ length: threads }, () => new Worker(entry, { workerData: { file, name } satisfies JobThreadData }));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  return {
    async runAll(items) {
      const values: V[] = [];
      const shares = workers.map(async (worker, thread) => {
        const share = items.filter((_, index) => index % threads === thread);
        worker.postMessage(share, transferOf === undefined ? [] : share.flatMap(transferOf));
        const [list] = (await once(worker, 'message')) as [readonly V[]]; // what the work's function gave
        for (const [index, value] of list.entries()) values[index * threads + thread] = value;
      });
      await Promise.all(shares);
      return values;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
