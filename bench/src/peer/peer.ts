import type { Work } from '../work/work.ts';

/** One way to run work on threads. */
export interface Peer {
  readonly name: string;
  /** What it is, for somebody who reads the table. */
  readonly summary: string;
  /** Starts `threads` threads and loads the work. The caller closes it. */
  open<P, V>(work: Work<P, V>, threads: number): Promise<OpenPeer<P, V>>;
}

/** A peer with its threads running. */
export interface OpenPeer<P, V> {
  /** One call, as its users write it. */
  run(params: P): Promise<unknown>;
  /** The value of what {@link run} gave: some wrap it. Throws when it says the work failed. */
  valueOf(settled: unknown): V;
  close(): Promise<void>;
}
