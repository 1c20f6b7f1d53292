import { Piscina } from 'piscina';
import type { Work } from '../work/work.ts';
import type { OpenPeer, Peer } from './peer.ts';

type PiscinaOptions = ConstructorParameters<typeof Piscina>[0];

/** Default options, but for the number of threads. */
export const piscina: Peer = {
  name: 'piscina',
  summary: 'piscina, default options',
  open: (work, threads) => openPiscina(work, threads, {}),
};

/**
 * No histograms, and tasks sent ahead: the best for tiny synchronous tasks of what its documentation offers. `atomics` stays at its
 * default, `sync`, which is the fastest.
 */
export const piscinaTuned: Peer = {
  name: 'piscina-tuned',
  summary: 'piscina, `recordTiming: false` and `concurrentTasksPerWorker: 64`',
  open: (work, threads) => openPiscina(work, threads, { recordTiming: false, concurrentTasksPerWorker: 64 }),
};

async function openPiscina<P, V>({ file, name }: Work<P, V>, threads: number, options: PiscinaOptions): Promise<OpenPeer<P, V>> {
  const pool = new Piscina<P, V>({ filename: file, name, minThreads: threads, maxThreads: threads, ...options });
  return {
    run: (params) => pool.run(params),
    valueOf: (settled) => settled as V, // what the work's function gave
    close: () => pool.destroy(),
  };
}
