import { HeddleError, type Outcome } from '@heddle/core';
import { kindOf } from '@heddle/core/engine';
import { optionsError, signalFaults } from './option-faults.ts';
import type { MapPacks } from './pack/map-packs.ts';
import type { PackSink } from './pack/pack.ts';
import type { Task, TaskKey } from './task.ts';
import type { Context, TaskOptions } from './task-options.ts';

/** How a `map` goes. Defaults differ from a single call's: no timeout, no retries. */
export interface MapOptions extends Omit<TaskOptions, 'transfer' | 'tag' | 'onProgress'> {
  /** How many tasks may be under way at once. @defaultValue as many as keep every lane busy */
  readonly concurrency?: number;
  /** Give results in the order of the items instead of as they come. @defaultValue false */
  readonly ordered?: boolean;
  /** The context of every task. */
  readonly context?: Context;
  /**
   * Ends the map early and gently when it aborts: nothing more is read, items that have not begun are let go and not given, those
   * under way are finished and given.
   */
  readonly drainSignal?: AbortSignal;
  /** Called after each settled item. */
  readonly onProgress?: (progress: MapProgress) => void;
}

/** How far a `map` is. */
export interface MapProgress {
  /** Items taken from the source. */
  readonly started: number;
  readonly settled: number;
  /** Of the settled, those not ok. */
  readonly failed: number;
}

/** One settled item of a `map`. */
export interface MapItem<P, V> {
  /** Its place in the source, from 0. */
  readonly index: number;
  readonly params: P;
  readonly outcome: Outcome<V>;
  readonly attempts: number;
  /** Milliseconds the last attempt took in its thread; `undefined` when none began. */
  readonly durationMs: number | undefined;
  /** The thread it last ran on. */
  readonly threadId: number | undefined;
}

/** What a map needs of its runtime. */
export interface MapHost<P> {
  /** Starts one item. */
  start(params: P): Task;
  /** Whether whoever comes now has to wait for {@link room} first. */
  mustWait(): boolean;
  /** Whether there is no room after all for who has waited: another of its tenant was quicker. */
  lacksRoom(): boolean;
  /** Settles when a full queue has room again. */
  room(): Promise<void>;
  /** How items share messages, where they may. */
  packs(sink: PackSink): MapPacks | undefined;
  cancel(task: Task, reason: string): void;
  /** Ends one that has not begun; answers whether it had not. */
  withdraw(task: Task): boolean;
  /** How many tasks keep every lane busy, by what is known of the action now. */
  window(): number;
  /** Calls a callback of the user's; its throw is reported and changes nothing. */
  guard(callback: string, key: TaskKey, call: () => void): void;
  /** Calls back when the scope that the map belongs to ends; answers how to take that back. */
  watch(end: (error: HeddleError) => void): () => void;
}

/** The parts of the options that steer the map itself. */
export interface MapPlan {
  readonly concurrency: number | undefined;
  readonly ordered: boolean;
  readonly signal: AbortSignal | undefined;
  readonly drainSignal: AbortSignal | undefined;
  readonly onProgress: ((progress: MapProgress) => void) | undefined;
}

/** Takes the map's own options out of what a caller gave; the rest are the tasks'. */
export function splitMapOptions(options: MapOptions = {}): {
  readonly plan: MapPlan;
  readonly context: unknown;
  readonly taskOptions: TaskOptions;
} {
  if (typeof options !== 'object' || options === null)
    throw new HeddleError('invalid_input', `Invalid options: expected an object, got ${kindOf(options)}`);
  const { concurrency, ordered = false, context, drainSignal, onProgress, ...taskOptions } = options;
  const faults: string[] = [];
  if (concurrency !== undefined && !(Number.isInteger(concurrency) && concurrency >= 1))
    faults.push('`concurrency` must be an integer ≥ 1');
  if (typeof ordered !== 'boolean') faults.push(`\`ordered\` must be a boolean; got ${kindOf(ordered)}`);
  faults.push(...signalFaults('drainSignal', drainSignal));
  if (onProgress !== undefined && typeof onProgress !== 'function')
    faults.push(`\`onProgress\` must be a function; got ${kindOf(onProgress)}`);
  if (faults.length > 0) throw optionsError(faults);
  return { plan: { concurrency, ordered, signal: options.signal, drainSignal, onProgress }, context, taskOptions };
}
