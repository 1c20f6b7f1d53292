import type { Schedulable, WaitLine } from './ports.ts';
import { TaskQueue } from './queue.ts';

/** The two lines, where they are no plain queues. */
export interface WaitLines<T> {
  readonly shared: WaitLine<T>;
  readonly isolated: WaitLine<T>;
}

/** All that wait for a lane: those that may share one, and those that want one alone. */
export class WaitingTasks<T extends Schedulable> implements Iterable<T> {
  readonly shared: WaitLine<T>;
  readonly isolated: WaitLine<T>;

  constructor({ shared, isolated }: WaitLines<T> = { shared: new TaskQueue<T>(), isolated: new TaskQueue<T>() }) {
    this.shared = shared;
    this.isolated = isolated;
  }

  get size(): number {
    return this.ready + this.shared.held + this.isolated.held;
  }

  /** Those that may go out now. */
  get ready(): number {
    return this.shared.size + this.isolated.size;
  }

  /** The line a task stands in. */
  lineOf({ isolate }: T): WaitLine<T> {
    return isolate ? this.isolated : this.shared;
  }

  /** Who goes when the queue drops its oldest; nothing that belongs to a task which has begun. */
  oldest(): T | undefined {
    const oldest = this.shared.oldest();
    return oldest === undefined || oldest.nested ? this.isolated.oldest() : oldest;
  }

  *[Symbol.iterator](): Iterator<T> {
    yield* this.shared;
    yield* this.isolated;
  }
}
