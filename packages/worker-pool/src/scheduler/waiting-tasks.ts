import type { Schedulable } from './ports.ts';
import { TaskQueue } from './queue.ts';

/** All that wait for a lane: those that may share one, and those that want one alone. */
export class WaitingTasks<T extends Schedulable> implements Iterable<T> {
  readonly shared: TaskQueue<T> = new TaskQueue<T>();
  readonly isolated: TaskQueue<T> = new TaskQueue<T>();

  get size(): number {
    return this.shared.size + this.isolated.size;
  }

  /** The line a task stands in. */
  lineOf({ isolate }: T): TaskQueue<T> {
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
