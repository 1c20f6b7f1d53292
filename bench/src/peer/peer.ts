import type { Work } from '../work/work.ts';

/**
 * What a scenario asks of a peer: calls at all; params and results that are moved instead of copied; more than one thread; tens of
 * thousands of calls at once.
 */
export type Need = 'calls' | 'transfer' | 'threads' | 'crowd';

/** One way to run work on threads. */
export interface Peer {
  readonly name: string;
  /** What it is, for somebody who reads the table. */
  readonly summary: string;
  /** The package it is made of; nothing where it is Node alone. */
  readonly package?: string;
  /** What it cannot do, and why. Where `calls` is among them it cannot run here at all. */
  readonly unsupported?: Readonly<Partial<Record<Need, string>>>;
  /** What it does otherwise than the others, and how. */
  readonly remarks?: Readonly<Partial<Record<Need, string>>>;
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
