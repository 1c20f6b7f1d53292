import { comlink } from './comlink.ts';
import { heddle, heddlePlain } from './heddle.ts';
import { inline } from './inline.ts';
import { multithreading } from './multithreading.ts';
import type { Peer } from './peer.ts';
import { piscina, piscinaTuned } from './piscina.ts';
import { poolifier } from './poolifier.ts';
import { threads, threadsBatched } from './threads.ts';
import { threadsJs } from './threads-js.ts';
import { tinypool } from './tinypool.ts';
import { workerPool } from './workerpool.ts';

/** Everything there is to measure, the baseline first. A new peer is one file and one entry here. */
export const PEERS: readonly Peer[] = [
  piscina,
  piscinaTuned,
  tinypool,
  workerPool,
  poolifier,
  threadsJs,
  multithreading,
  comlink,
  threads,
  threadsBatched,
  inline,
  heddlePlain,
  heddle,
];

/** What ratios refer to. Always measured. */
export const BASELINE: Peer = piscina;
