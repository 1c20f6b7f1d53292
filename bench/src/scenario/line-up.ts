import { type Driven, warmUp } from '../measure/drive.ts';
import type { BenchOptions } from '../options.ts';
import { BASELINE, PEERS } from '../peer/all.ts';
import type { Work } from '../work/work.ts';

/** A second pool of the baseline's, which should measure the same. */
export const AGAIN: string = `${BASELINE.name} again`;

/** Peers that are open and hot, ready to be measured. */
export interface LineUp<P, V> {
  readonly driven: ReadonlyMap<string, Driven<P, V>>;
  close(): Promise<void>;
}

/**
 * Opens the peers that were asked for, and the baseline twice, and makes them hot. The caller closes them.
 * Each round opens its own: a thread keeps the core it was put on, and a call across cores costs several times one that stays, so that
 * threads kept for the whole run would measure the luck of their first moment.
 */
export async function openLineUp<P, V>({ peers, threads }: BenchOptions, work: Work<P, V>, params: readonly P[]): Promise<LineUp<P, V>> {
  const chosen = PEERS.filter((peer) => peer === BASELINE || peers.length === 0 || peers.includes(peer.name));
  const driven = new Map<string, Driven<P, V>>();
  for (const peer of chosen) driven.set(peer.name, { peer: await peer.open(work, threads), work, params });
  driven.set(AGAIN, { peer: await BASELINE.open(work, threads), work, params });
  for (const each of driven.values()) await warmUp(each);
  return {
    driven,
    async close() {
      for (const { peer } of driven.values()) await peer.close();
    },
  };
}
