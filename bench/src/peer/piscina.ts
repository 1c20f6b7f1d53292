import { Piscina } from 'piscina';
import { transferOf, type Work } from '../work/work.ts';
import type { OpenPeer, Peer } from './peer.ts';
import { threadDataOf } from './thread-data.ts';

type PiscinaOptions = ConstructorParameters<typeof Piscina>[0];

/** Default options, but for the number of threads. */
export const piscina: Peer = {
  name: 'piscina',
  summary: 'piscina, default options',
  package: 'piscina',
  open: (work, threads) => openPiscina(work, threads, {}),
};

/**
 * No histograms, and tasks sent ahead: the best for tiny synchronous tasks of what its documentation offers. `atomics` stays at its
 * default, `sync`, which is the fastest.
 */
export const piscinaTuned: Peer = {
  name: 'piscina-tuned',
  summary: 'piscina, `recordTiming: false` and `concurrentTasksPerWorker: 64`',
  package: 'piscina',
  open: (work, threads) => openPiscina(work, threads, { recordTiming: false, concurrentTasksPerWorker: 64 }),
};

/** What is to be moved back has to be marked by the function itself: this file wraps it. */
const MOVES = new URL('./piscina-move-thread.js', import.meta.url).href;

async function openPiscina<P, V>(work: Work<P, V>, threads: number, options: PiscinaOptions): Promise<OpenPeer<P, V>> {
  const task = work.moving === undefined ? { filename: work.file, name: work.name } : { filename: MOVES, name: 'runMoving' };
  const pool = new Piscina<P, V>({ ...task, workerData: threadDataOf(work), minThreads: threads, maxThreads: threads, ...options });
  return {
    run: (params) => {
      const transferList = transferOf(work, params);
      return transferList === undefined ? pool.run(params) : pool.run(params, { transferList });
    },
    valueOf: (settled) => settled as V, // what the work's function gave
    close: () => pool.destroy(),
  };
}
