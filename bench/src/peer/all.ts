import { heddle, heddlePlain } from './heddle.ts';
import type { Peer } from './peer.ts';
import { piscina, piscinaTuned } from './piscina.ts';
import { threads, threadsBatched } from './threads.ts';

/** Everything there is to measure, the baseline first. A new peer is one file and one entry here. */
export const PEERS: readonly Peer[] = [piscina, piscinaTuned, threads, threadsBatched, heddlePlain, heddle];

/** What ratios refer to. Always measured. */
export const BASELINE: Peer = piscina;
