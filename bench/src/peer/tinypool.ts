import { Tinypool } from 'tinypool';
import { transferOf, type Work } from '../work/work.ts';
import type { OpenPeer, Peer } from './peer.ts';
import { threadDataOf } from './thread-data.ts';

/** Default options, but for the number of threads. */
export const tinypool: Peer = {
  name: 'tinypool',
  summary: 'tinypool, default options',
  package: 'tinypool',
  open: openTinypool,
};

/** What is to be moved back has to be marked by the function itself: this file wraps it. */
const MOVES = new URL('./tinypool-move-thread.js', import.meta.url).href;

async function openTinypool<P, V>(work: Work<P, V>, threads: number): Promise<OpenPeer<P, V>> {
  const task = work.moving === undefined ? { filename: work.file, name: work.name } : { filename: MOVES, name: 'runMoving' };
  const pool = new Tinypool({ ...task, workerData: threadDataOf(work), minThreads: threads, maxThreads: threads });
  return {
    run: (params) => {
      const transferList = transferOf(work, params);
      return transferList === undefined ? pool.run(params) : pool.run(params, { transferList });
    },
    valueOf: (settled) => settled as V, // what the work's function gave
    close: () => pool.destroy(),
  };
}
