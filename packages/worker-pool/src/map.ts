import { HeddleError, type Outcome } from '@heddle/core';
import { kindOf } from '@heddle/core/engine';
import type { MapHost, MapItem, MapPlan } from './map-options.ts';
import type { Task } from './task.ts';

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
  readonly #unwatch: () => void;
  #nextOrdered = 0;
  #started = 0;
  #settled = 0;
  #failed = 0;
  #state: 'reading' | 'drained' | 'ended' = 'reading';
  #error: { readonly thrown: unknown } | undefined;
  #pulling = false;
  #awaitsSource = false;
  #readers: { resolve(result: IteratorResult<MapItem<P, V>>): void; reject(error: unknown): void }[] = [];

  constructor(host: MapHost<P>, items: Iterable<P> | AsyncIterable<P>, plan: MapPlan) {
    this.#host = host;
    this.#plan = plan;
    this.#source = iteratorOf(items);
    this.#unwatch = host.watch((error) => this.#onScopeEnd(error));
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

  /** What is read no further is not complete: whoever reads is told. */
  #onScopeEnd(thrown: HeddleError): void {
    if (this.#state !== 'reading') return;
    this.#error = { thrown };
    void this.#stop(thrown.message); // never rejects
  }

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
        if (this.#isOver()) break;
        const item = await this.#read();
        if (this.#isOver()) break;
        if (item.done === true) this.#drained();
        else this.#start(item.value);
      }
    } catch (thrown) {
      this.#error = { thrown };
      await this.#stop('the source of the map threw');
    } finally {
      this.#pulling = false;
    }
  }

  /** The next item, its promise awaited if it is one. A synchronous source is read without a turn of the loop for each item. */
  async #read(): Promise<IteratorResult<P>> {
    this.#awaitsSource = true;
    try {
      const next = this.#source.next();
      const item = next instanceof Promise ? await next : (next as IteratorResult<P>);
      return item.done === true ? item : { done: false, value: await item.value };
    } finally {
      this.#awaitsSource = false;
    }
  }

  /** Asked anew after every wait: the map may have been left meanwhile. */
  #isOver(): boolean {
    return this.#state !== 'reading';
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
    const closed = this.#closeSource();
    // A source that is being waited for hears of its end when it next answers, which may be never.
    if (!this.#awaitsSource) await closed;
    await Promise.all(ended);
    this.#serve();
  }

  #unlisten(): void {
    this.#unwatch();
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
