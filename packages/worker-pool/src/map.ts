import type { HeddleError, Outcome } from '@heddle/core';
import type { MapHost, MapItem, MapPlan } from './map-options.ts';
import { MapResults } from './map-results.ts';
import { MapSource } from './map-source.ts';
import type { MapPacks } from './pack/map-packs.ts';
import type { PackSink } from './pack/pack.ts';
import type { SettledItems } from './pack/settled-items.ts';
import type { Task, TaskKey } from './task.ts';

/**
 * Runs a source's items through tasks, and gives what they end with.
 * Guarantees: never more in memory than the window, whether the source never ends or the consumer never reads; one failed item is one
 * failed outcome; leaving the loop, an error of the source, and the signal each cancel what runs and close the source.
 */
export class MapRun<P, V> implements AsyncIterableIterator<MapItem<P, V>>, PackSink {
  readonly #host: MapHost<P>;
  readonly #plan: MapPlan;
  readonly #source: MapSource<P>;
  readonly #packs: MapPacks | undefined;
  readonly #running = new Set<Task>();
  readonly #results: MapResults<P, V>;
  readonly #dropping = new Set<Task>();
  readonly #unwatch: () => void;
  // Read, and not yet sent: the next pack. Sent at the latest when what runs now is done.
  #gathered: P[] = [];
  #gatheredFrom = 0;
  #sendAsked = false;
  // Invariant: items that are in packs, and are neither settled nor tasks of their own.
  #packed = 0;
  // As the estimate of the action says; asked for anew when something has settled.
  #window = 0;
  #packSize = 0;
  #started = 0;
  #settled = 0;
  #failed = 0;
  #state: 'reading' | 'drained' | 'ended' = 'reading';
  #error: { readonly thrown: unknown } | undefined;
  #pulling = false;
  #readers: { resolve(result: IteratorResult<MapItem<P, V>>): void; reject(error: unknown): void }[] = [];
  #onUnpacked: (() => void) | undefined;

  constructor(host: MapHost<P>, items: Iterable<P> | AsyncIterable<P>, plan: MapPlan) {
    this.#host = host;
    this.#plan = plan;
    this.#source = new MapSource(items);
    this.#results = new MapResults(plan.ordered);
    this.#packs = host.packs(this);
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
    // Nobody who asked before still waits when something is there.
    const item = this.#results.take();
    if (item !== undefined) {
      this.#pull();
      return Promise.resolve({ done: false, value: item });
    }
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
      this.#serve();
      this.#pull();
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
    this.#sendGathered();
    this.#packs?.dissolve();
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

  /** Reads as far as the window allows: at once what is there at once. */
  #pull(): void {
    if (this.#pulling || !this.#mayRead()) return;
    this.#pulling = true;
    let waits: Promise<IteratorResult<P> | undefined> | undefined;
    try {
      waits = this.#readNow();
    } catch (thrown) {
      waits = Promise.reject(thrown);
    }
    if (waits === undefined) this.#pulling = false;
    else void this.#readLater(waits); // never rejects
  }

  /** Reads what is there at once; answers what has to be waited for, if anything. */
  #readNow(): Promise<IteratorResult<P> | undefined> | undefined {
    while (this.#mayRead()) {
      if (this.#host.mustWait()) return this.#host.room().then(() => undefined);
      const item = this.#source.read();
      if (item instanceof Promise) return item;
      this.#take(item);
    }
    return undefined;
  }

  async #readLater(first: Promise<IteratorResult<P> | undefined>): Promise<void> {
    try {
      for (let waits: Promise<IteratorResult<P> | undefined> | undefined = first; waits !== undefined; waits = this.#readNow()) {
        let item = await waits;
        while (item === undefined && this.#mayRead() && this.#host.lacksRoom()) item = await this.#host.room().then(() => undefined);
        if (item !== undefined) this.#take(item);
        else if (this.#mayRead()) {
          // It was let in, and is not asked to wait again.
          const next = this.#source.read();
          this.#take(next instanceof Promise ? await next : next);
        }
      }
    } catch (thrown) {
      this.#error = { thrown };
      await this.#stop('the source of the map threw');
    } finally {
      this.#pulling = false;
    }
  }

  #take(item: IteratorResult<P>): void {
    // The map may have been left while the source was asked.
    if (this.#state !== 'reading') return;
    if (item.done === true) this.#drained();
    else this.#accept(item.value);
  }

  #mayRead(): boolean {
    if (this.#state !== 'reading') return false;
    if (this.#window === 0) this.#measure();
    return this.#running.size + this.#packed + this.#gathered.length + this.#results.size < this.#window;
  }

  #measure(): void {
    this.#window = this.#plan.concurrency ?? this.#host.window();
    this.#packSize = this.#packs?.size(this.#window) ?? 0;
  }

  /** Packs what may be packed; everything else is a task. */
  #accept(params: P): void {
    const index = this.#started++;
    if (this.#packSize === 0 || this.#packs?.takes(params) !== true) {
      this.#sendGathered();
      this.#start(index, params);
      return;
    }
    if (this.#gathered.length === 0) this.#gatheredFrom = index;
    if (this.#gathered.push(params) >= this.#packSize) this.#sendGathered();
    else if (!this.#sendAsked) {
      this.#sendAsked = true;
      // After the microtasks: what is read in one go shares a pack.
      process.nextTick(this.#sendAskedFor);
    }
  }

  readonly #sendAskedFor = (): void => {
    this.#sendAsked = false;
    try {
      this.#sendGathered();
    } catch (thrown) {
      // The runtime was closed meanwhile.
      this.#error = { thrown };
      void this.#stop('the map could not go on'); // never rejects
    }
  };

  #sendGathered(): void {
    const items = this.#gathered;
    if (items.length === 0) return;
    this.#gathered = [];
    // Somebody may have begun to follow tasks, or ended them, since they were gathered.
    this.#measure();
    if (this.#packs !== undefined && items.length >= this.#packs.fewest && this.#packSize > 0) {
      this.#packed += items.length;
      this.#packs.submit(this.#gatheredFrom, items);
    } else for (const [place, params] of items.entries()) this.#start(this.#gatheredFrom + place, params);
  }

  #start(index: number, params: P): void {
    const task = this.#host.start(params);
    if (task.outcome === undefined) this.#follow(index, params, task);
    else this.#taskSettled(index, params, task, task.outcome);
  }

  #follow(index: number, params: P, task: Task): void {
    this.#running.add(task);
    task.addWaiter((outcome) => {
      this.#running.delete(task);
      if (this.#dropping.delete(task)) this.#results.skip(index);
      else this.#taskSettled(index, params, task, outcome);
    });
  }

  #taskSettled(index: number, params: P, task: Task, outcome: Outcome): void {
    this.#settle(index, params, outcome, task.attempts, task.durationUs, task.threadId, task.key);
    this.told();
  }

  get oneByOne(): boolean {
    return this.#plan.onProgress !== undefined;
  }

  settledAll(items: SettledItems): void {
    this.#packed -= items.count;
    this.#window = 0;
    if (this.#state === 'ended') return;
    this.#settled += items.count;
    this.#results.addAll(items);
  }

  settled(index: number, params: unknown, outcome: Outcome, durationUs: number, threadId: number | undefined, key: TaskKey): void {
    this.#packed--;
    this.#settle(index, params as P, outcome, 1, durationUs, threadId, key); // as this map gave them
  }

  continues(index: number, params: unknown, task: Task): void {
    this.#packed--;
    this.#follow(index, params as P, task); // as this map gave them
  }

  told(): void {
    if (this.#packed === 0) this.#onUnpacked?.();
    this.#serve();
    this.#pull();
  }

  #settle(
    index: number,
    params: P,
    outcome: Outcome,
    attempts: number,
    durationUs: number | undefined,
    threadId: number | undefined,
    key: TaskKey,
  ): void {
    this.#window = 0;
    if (this.#state === 'ended') return;
    this.#settled++;
    if (!outcome.ok) this.#failed++;
    const durationMs = durationUs === undefined ? undefined : durationUs / 1000;
    // The action's value type is the caller's inference; the thread has no types.
    this.#results.add({ index, params, outcome: outcome as Outcome<V>, attempts, durationMs, threadId });
    const { onProgress } = this.#plan;
    if (onProgress === undefined) return;
    const progress = { started: this.#started, settled: this.#settled, failed: this.#failed };
    this.#host.guard('onProgress', key, () => onProgress(progress));
  }

  /** Gives readers what is there, or the end. */
  #serve(): void {
    while (this.#readers.length > 0) {
      const item = this.#results.take();
      if (item !== undefined) this.#readers.shift()?.resolve({ done: false, value: item });
      else if (!this.#finish()) return;
    }
  }

  #finish(): boolean {
    const over = this.#state === 'ended' || (this.#state === 'drained' && this.#running.size + this.#packed + this.#gathered.length === 0);
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
    this.#gathered = [];
    this.#results.clear();
    this.#packs?.dissolve();
    const ended = [...this.#running].map((task) => new Promise((resolve) => task.addWaiter(resolve)));
    for (const task of [...this.#running]) this.#host.cancel(task, reason);
    const closed = this.#closeSource();
    // A source that is being waited for hears of its end when it next answers, which may be never.
    if (!this.#source.asked) await closed;
    await Promise.all(ended);
    // What has ended in its thread is still on its way.
    if (this.#packed > 0) await new Promise<void>((resolve) => (this.#onUnpacked = resolve));
    this.#serve();
  }

  #unlisten(): void {
    this.#unwatch();
    this.#plan.signal?.removeEventListener('abort', this.#onAbort);
    this.#plan.drainSignal?.removeEventListener('abort', this.#onDrain);
  }

  async #closeSource(): Promise<void> {
    // What it throws on the way out has nobody to go to but a reader still waiting.
    try {
      await this.#source.close();
    } catch (thrown) {
      this.#error ??= { thrown };
    }
  }
}
