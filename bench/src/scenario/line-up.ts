import { type Driven, warmUp } from '../measure/drive.ts';
import type { BenchOptions } from '../options.ts';
import { BASELINE, PEERS } from '../peer/all.ts';
import type { Need, OpenPeer, Peer } from '../peer/peer.ts';
import type { Work } from '../work/work.ts';

/** A second pool of the baseline's, which should measure the same. */
export const AGAIN: string = `${BASELINE.name} again`;

/** Who takes part, and what is to be said of those who do not, or do something else. */
export interface Field {
  readonly peers: readonly Peer[];
  readonly notes: readonly string[];
}

/** The peers that were asked for, the baseline always, without those that cannot do what is needed. */
export function fieldOf({ peers }: Pick<BenchOptions, 'peers'>, needs: readonly Need[], all: readonly Peer[] = PEERS): Field {
  const able: Peer[] = [];
  const notes: string[] = [];
  for (const peer of all) {
    if (peer !== BASELINE && peers.length > 0 && !peers.includes(peer.name)) continue;
    const [lack] = needs.flatMap((need) => peer.unsupported?.[need] ?? []);
    if (lack !== undefined) {
      notes.push(`\`${peer.name}\` is not here: it ${lack}.`);
      continue;
    }
    able.push(peer);
    for (const remark of needs.flatMap((need) => peer.remarks?.[need] ?? [])) notes.push(`\`${peer.name}\` ${remark}.`);
  }
  return { peers: able, notes };
}

/** Their names, and that of the second baseline. */
export function namesOf({ peers }: Field): ReadonlySet<string> {
  return new Set([...peers.map(({ name }) => name), AGAIN]);
}

/** Opens peers, one after the other, and closes them together. */
export async function openPeers<P, V>(peers: readonly Peer[], work: Work<P, V>, threads: number): Promise<OpenPeers<P, V>> {
  const open = new Map<string, OpenPeer<P, V>>();
  for (const peer of peers) open.set(peer.name, await peer.open(work, threads));
  return {
    open,
    async close() {
      for (const peer of open.values()) await peer.close();
    },
  };
}

/** Peers that are open, by name. */
export interface OpenPeers<P, V> {
  readonly open: ReadonlyMap<string, OpenPeer<P, V>>;
  close(): Promise<void>;
}

/** Peers that are open and hot, ready to be measured. */
export interface LineUp<P, V> {
  readonly driven: ReadonlyMap<string, Driven<P, V>>;
  close(): Promise<void>;
}

/**
 * Opens these peers, and the baseline twice, and makes them hot. The caller closes them.
 * Each round opens its own: a thread keeps the core it was put on, and a call across cores costs several times one that stays, so that
 * threads kept for the whole run would measure the luck of their first moment.
 */
export async function openLineUp<P, V>(
  { threads, quick }: BenchOptions,
  peers: readonly Peer[],
  work: Work<P, V>,
  params: readonly P[],
): Promise<LineUp<P, V>> {
  const again: Peer = { ...BASELINE, name: AGAIN };
  const { open, close } = await openPeers([...peers, again], work, threads);
  const driven = new Map([...open].map(([name, peer]) => [name, { peer, work, params, returned: [] as P[] }]));
  for (const each of driven.values()) await warmUp(each, quick ? 500 : 1200);
  return { driven, close };
}
