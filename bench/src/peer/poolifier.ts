import { fileURLToPath } from 'node:url';
import { FixedThreadPool } from 'poolifier';
import { transferOf, type Work } from '../work/work.ts';
import type { OpenPeer, Peer } from './peer.ts';
import { threadDataOf } from './thread-data.ts';

const ENTRY = fileURLToPath(new URL('./poolifier-thread.js', import.meta.url));

/** Default options: no queue, the least used thread. */
export const poolifier: Peer = {
  name: 'poolifier',
  summary: 'poolifier, a `FixedThreadPool` with default options',
  package: 'poolifier',
  remarks: { transfer: 'copies its answer: it cannot move a result' },
  open: openPoolifier,
};

async function openPoolifier<P, V>(work: Work<P, V>, threads: number): Promise<OpenPeer<P, V>> {
  let running = threads;
  let tellEnd: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    tellEnd = resolve;
  });
  const pool = new FixedThreadPool<P, V>(threads, ENTRY, {
    workerOptions: { workerData: threadDataOf(work) },
    exitHandler: () => {
      if (--running === 0) tellEnd();
    },
  });
  return {
    run: (params) => {
      const transfer = transferOf(work, params);
      return transfer === undefined ? pool.execute(params) : pool.execute(params, undefined, undefined, transfer);
    },
    valueOf: (settled) => settled as V, // what the work's function gave
    async close() {
      // `destroy` never settles where a thread has ended before it begins to wait for that.
      await Promise.race([pool.destroy(), ended]);
    },
  };
}
