import { fileURLToPath } from 'node:url';
import workerpool from 'workerpool';
import { transferOf, type Work } from '../work/work.ts';
import type { OpenPeer, Peer } from './peer.ts';
import { threadDataOf } from './thread-data.ts';

const ENTRY = fileURLToPath(new URL('./workerpool-thread.js', import.meta.url));

/** A dedicated worker script, as its documentation advises for anything that is not a toy. */
export const workerPool: Peer = {
  name: 'workerpool',
  summary: 'workerpool, a dedicated worker script, `workerType: thread`',
  package: 'workerpool',
  open: openWorkerPool,
};

async function openWorkerPool<P, V>(work: Work<P, V>, threads: number): Promise<OpenPeer<P, V>> {
  const pool = workerpool.pool(ENTRY, {
    minWorkers: threads,
    maxWorkers: threads,
    workerType: 'thread',
    workerThreadOpts: { workerData: threadDataOf(work) },
  });
  return {
    // Its promises are its own; `then` makes one of Node's.
    run: async (params) => {
      const transfer = transferOf(work, params);
      return transfer === undefined ? pool.exec('run', [params]) : pool.exec('run', [params], { transfer });
    },
    valueOf: (settled) => settled as V, // what the work's function gave
    async close() {
      await pool.terminate(true);
    },
  };
}
