import type { Machine, Quantity } from '@heddle/measure';
import type { VerdictKind } from './verdict.ts';

/** All that was found of an action; plain data, printed by `--json`. Durations are in milliseconds. */
export interface ActionReport {
  readonly action: string;
  /** As it was given. */
  readonly module: string;
  readonly machine: Machine;
  /** What the first row gave, as JSON, cut where it is long. */
  readonly params: string;
  /** The rows that calls drew their params from. */
  readonly rows: number;
  readonly inFlight: number;
  /** Rounds that are whole. */
  readonly rounds: number;
  readonly quick: boolean;
  readonly end: 'done' | 'signal';
  /** Calls made, warm-up included. */
  readonly calls: number;
  /** Calls that failed while it was measured, and the first failure. */
  readonly failed: number;
  readonly firstFailure: { readonly type: string; readonly message: string } | null;
  /** The contender that ratios refer to. */
  readonly base: string;
  readonly throughput: Quantity;
  readonly gains: readonly ThreadGain[];
  /** One call at a time. */
  readonly single: Latencies;
  /** With `inFlight` calls under way. */
  readonly saturated: Latencies;
  /** How late timers of the main thread were, p99. */
  readonly loopDelay: Quantity;
  readonly cpu: Quantity;
  readonly mainThread: Quantity;
  readonly costs: Costs;
  readonly verdict: { readonly kind: VerdictKind; readonly breakEvenMs: number | null; readonly sentences: readonly string[] };
  readonly notes: readonly string[];
}

/** What a number of threads gives. */
export interface ThreadGain {
  readonly threads: number;
  readonly callsPerSecond: number;
  /** By the base. */
  readonly speedUp: number;
  /** By as many times one thread. */
  readonly efficiency: number;
}

/** Percentiles of the time from call to answer. */
export interface Latencies {
  readonly p50: Quantity;
  readonly p90: Quantity;
  readonly p99: Quantity;
}

/** What a call costs: the lowest of all slices, since whatever else is at work on the machine only adds to it. */
export interface Costs {
  /** Of one call inline; `null` where the action does not run inline. */
  readonly inlineMs: number | null;
  /** The part of it in which something is computed, on the main thread or another, 0 to 1. */
  readonly workShare: number;
  /** Of the main thread, for a call on a thread. */
  readonly hostMs: number;
  /** Of the thread, beside the action itself. */
  readonly threadMs: number;
}
