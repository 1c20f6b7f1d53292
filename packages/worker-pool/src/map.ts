import { HeddleError, type Outcome } from '@heddle/core';
import { kindOf } from '@heddle/core/engine';
import type { Task } from './task.ts';
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
  /** Settles when a full queue has room again. */
  room(): Promise<void>;
  cancel(task: Task, reason: string): void;
  /** Ends one that has not begun; answers whether it had not. */
  withdraw(task: Task): boolean;
  /** How many tasks keep every lane busy, by what is known of the action now. */
  window(): number;
  /** Calls a callback of the user's; its throw is reported and changes nothing. */
  guard(callback: string, task: Task, call: () => void): void;
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
  if (drainSignal !== undefined && !(drainSignal instanceof AbortSignal))
    faults.push(`\`drainSignal\` must be an AbortSignal; got ${kindOf(drainSignal)}`);
  if (onProgress !== undefined && typeof onProgress !== 'function')
    faults.push(`\`onProgress\` must be a function; got ${kindOf(onProgress)}`);
  if (faults.length > 0) throw new HeddleError('invalid_input', `Invalid options: ${faults.join('; ')}`, { details: { faults } });
  return { plan: { concurrency, ordered, signal: options.signal, drainSignal, onProgress }, context, taskOptions };
}

/**
 * Runs a source's items through tasks, and gives what they end with.
 * Guarantees: never more in memory than the window, whether the source never ends or the consumer never reads; one failed item is one
 * failed outcome; leaving the loop, an error of the source, and the signal each cancel what runs and close the source.
 */
export class MapRun<P, V> implements AsyncIterableIterator<MapItem<P, V>> {
  readonly #host: MapHost<P>;
  readonly #plan: MapPlan;
  readonly #source: Iterator<P> | AsyncIterator<P>;
  readonly #running = new Set<Task>();
  // Settled and not yet taken. When ordered, an item waits in `#early` until all before it have been given.
  readonly #ready: MapItem<P, V>[] = [];
  // `undefined` stands for an item that was let go.
  readonly #early = new Map<number, MapItem<P, V> | undefined>();
  readonly #dropping = new Set<Task>();
  #nextOrdered = 0;
  #started = 0;
  #settled = 0;
  #failed = 0;
  #state: 'reading' | 'drained' | 'ended' = 'reading';
  #error: { readonly thrown: unknown } | undefined;
  #pulling = false;
  #readers: { resolve(result: IteratorResult<MapItem<P, V>>): void; reject(error: unknown): void }[] = [];

  constructor(host: MapHost<P>, items: Iterable<P> | AsyncIterable<P>, plan: MapPlan) {
    this.#host = host;
    this.#plan = plan;
    this.#source = iteratorOf(items);
    plan.signal?.addEventListener('abort', this.#onAbort, { once: true });
    plan.drainSignal?.addEventListener('abort', this.#onDrain, { once: true });
    if (plan.signal?.aborted === true) this.#onAbort();
    if (plan.drainSignal?.aborted === true) this.#onDrain();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<MapItem<P, V>>> {
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
      this.#serve();
      void this.#pull(); // never rejects: the source's error goes to a reader
    });
  }

  /** Leaves early: cancels what runs, closes the source. */
  async return(): Promise<IteratorResult<MapItem<P, V>>> {
    await this.#stop('the loop over the map was left');
    return { done: true, value: undefined };
  }

  readonly #onAbort = (): void => {
    // The tasks share the signal and are cancelled by it; the map only stops reading, and gives what it has.
    if (this.#state !== 'reading') return;
    this.#drained();
    void this.#closeSource(); // never rejects
  };

  readonly #onDrain = (): void => {
    this.#onAbort();
    for (const task of [...this.#running]) {
      // Said before it is done: the task settles inside.
      this.#dropping.add(task);
      if (!this.#host.withdraw(task)) this.#dropping.delete(task);
    }
    this.#serve();
  };

  #drained(): void {
    if (this.#state === 'reading') this.#state = 'drained';
    this.#serve();
  }

  async #pull(): Promise<void> {
    if (this.#pulling) return;
    this.#pulling = true;
    try {
      while (this.#state === 'reading' && this.#hasWindow()) {
        await this.#host.room();
        // A synchronous source is read without a turn of the loop for each item.
        const next = this.#source.next();
        const item = next instanceof Promise ? await next : (next as IteratorResult<P>);
        if (this.#state !== 'reading') break;
        if (item.done === true) this.#drained();
        else this.#start(await item.value);
      }
    } catch (thrown) {
      this.#error = { thrown };
      await this.#stop('the source of the map threw');
    } finally {
      this.#pulling = false;
    }
  }

  #hasWindow(): boolean {
    const held = this.#running.size + this.#ready.length + this.#early.size;
    return held < (this.#plan.concurrency ?? this.#host.window());
  }

  #start(params: P): void {
    const index = this.#started++;
    const task = this.#host.start(params);
    if (task.outcome !== undefined) {
      this.#settle(index, params, task, task.outcome);
      return;
    }
    this.#running.add(task);
    task.addWaiter((outcome) => {
      this.#running.delete(task);
      if (this.#dropping.delete(task)) this.#skip(index);
      else this.#settle(index, params, task, outcome);
    });
  }

  #settle(index: number, params: P, task: Task, outcome: Outcome): void {
    if (this.#state === 'ended') return;
    this.#settled++;
    if (!outcome.ok) this.#failed++;
    const durationMs = task.durationUs === undefined ? undefined : task.durationUs / 1000;
    // The action's value type is the caller's inference; the thread has no types.
    const item: MapItem<P, V> = {
      index,
      params,
      outcome: outcome as Outcome<V>,
      attempts: task.attempts,
      durationMs,
      threadId: task.threadId,
    };
    if (this.#plan.ordered) this.#settleOrdered(item);
    else this.#ready.push(item);
    const { onProgress } = this.#plan;
    const progress = { started: this.#started, settled: this.#settled, failed: this.#failed };
    if (onProgress !== undefined) this.#host.guard('onProgress', task, () => onProgress(progress));
    this.#serve();
    void this.#pull(); // never rejects
  }

  #settleOrdered(item: MapItem<P, V>): void {
    this.#early.set(item.index, item);
    this.#giveInOrder();
  }

  #skip(index: number): void {
    if (!this.#plan.ordered) return;
    this.#early.set(index, undefined);
    this.#giveInOrder();
  }

  #giveInOrder(): void {
    for (; this.#early.has(this.#nextOrdered); this.#nextOrdered++) {
      const next = this.#early.get(this.#nextOrdered);
      this.#early.delete(this.#nextOrdered);
      if (next !== undefined) this.#ready.push(next);
    }
  }

  /** Gives readers what is there, or the end. */
  #serve(): void {
    while (this.#readers.length > 0) {
      const item = this.#ready.shift();
      if (item !== undefined) this.#readers.shift()?.resolve({ done: false, value: item });
      else if (!this.#finish()) return;
    }
  }

  #finish(): boolean {
    const over = this.#state === 'ended' || (this.#state === 'drained' && this.#running.size === 0);
    if (!over) return false;
    this.#state = 'ended';
    this.#unlisten();
    const reader = this.#readers.shift();
    const error = this.#error;
    this.#error = undefined;
    if (error === undefined) reader?.resolve({ done: true, value: undefined });
    else reader?.reject(error.thrown);
    return true;
  }

  async #stop(reason: string): Promise<void> {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#unlisten();
    this.#ready.length = 0;
    this.#early.clear();
    const ended = [...this.#running].map((task) => new Promise((resolve) => task.addWaiter(resolve)));
    for (const task of [...this.#running]) this.#host.cancel(task, reason);
    await this.#closeSource();
    await Promise.all(ended);
    this.#serve();
  }

  #unlisten(): void {
    this.#plan.signal?.removeEventListener('abort', this.#onAbort);
    this.#plan.drainSignal?.removeEventListener('abort', this.#onDrain);
  }

  async #closeSource(): Promise<void> {
    // The source's own cleanup; what it throws on the way out has nobody to go to but a reader still waiting.
    try {
      await this.#source.return?.();
    } catch (thrown) {
      this.#error ??= { thrown };
    }
  }
}

function iteratorOf<P>(items: Iterable<P> | AsyncIterable<P>): Iterator<P> | AsyncIterator<P> {
  if (typeof items === 'object' && items !== null) {
    if (Symbol.asyncIterator in items) return items[Symbol.asyncIterator]();
    if (Symbol.iterator in items) return items[Symbol.iterator]();
  }
  throw new HeddleError('invalid_input', `\`map\` takes an iterable or an async iterable of params; got ${kindOf(items)}`);
}
