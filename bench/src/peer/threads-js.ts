import { Pool, spawn, Transfer, Worker } from 'threads';
import { transferOf, type Work } from '../work/work.ts';
import type { OpenPeer, Peer } from './peer.ts';
import { threadDataOf } from './thread-data.ts';

/** Its `Pool`, with default options but for the number of threads. */
export const threadsJs: Peer = {
  name: 'threads.js',
  summary: 'threads.js, a `Pool` with default options',
  package: 'threads',
  unsupported: { crowd: 'tells every call that waits of every event of its pool, so that its time grows with the square of their number' },
  open: openThreadsJs,
};

async function openThreadsJs<P, V>(work: Work<P, V>, threads: number): Promise<OpenPeer<P, V>> {
  const start = () => spawn(new Worker('./threads-js-thread.js', { workerData: threadDataOf(work) }));
  const pool = Pool(start, threads);
  return {
    run: async (params) => {
      const transfer = transferOf(work, params);
      return pool.queue((run) => run(transfer === undefined ? params : Transfer(params, transfer)));
    },
    valueOf: (settled) => settled as V, // what the work's function gave
    close: () => pool.terminate(true),
  };
}
