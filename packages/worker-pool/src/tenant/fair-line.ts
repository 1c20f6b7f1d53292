import type { Schedulable } from '../scheduler/ports.ts';
import { TaskQueue } from '../scheduler/queue.ts';
import type { Account } from './account.ts';
import type { Heap, Heaped } from './heap.ts';

/** The tasks of one tenant in one queue, and where it stands beside the others. */
export class FairLine<T extends Schedulable> implements Heaped {
  readonly account: Account;
  readonly order: number;
  /** Nested ones first, then by priority, then in order: within a tenant all is as in a queue without tenants. */
  readonly tasks: TaskQueue<T> = new TaskQueue<T>();
  // Invariant: those of its own that wait here. What others have started is kept by itself: a task that has settled no longer says that it was.
  own = 0;
  readonly #nested = new Set<T>();
  /** Those of them that may go out now, as it was last told. */
  ready = 0;
  /** Its tasks that are on lanes. */
  out = 0;
  /** The virtual time at which its next task starts: what it has used, by its weight. Microseconds. */
  start: number;
  place = -1;
  /** The heap it stands in, if any. */
  heap: Heap<FairLine<T>> | undefined = undefined;

  constructor(account: Account, order: number, start: number) {
    this.account = account;
    this.order = order;
    this.start = start;
  }

  get nested(): number {
    return this.#nested.size;
  }

  get waiting(): number {
    return this.own + this.nested;
  }

  /** Counts a task that has come to wait here; answers whether another has started it. */
  came(task: T): boolean {
    if (task.nested) this.#nested.add(task);
    else this.own++;
    return task.nested;
  }

  /** Counts a task that no longer waits here; answers as {@link came}. */
  went(task: T): boolean {
    if (this.#nested.delete(task)) return true;
    this.own--;
    return false;
  }

  /** How many may go out now: what others have started always, its own as far as the tenant's concurrency allows. */
  countReady(): number {
    return this.nested + Math.min(this.own, this.account.free);
  }

  charge(us: number): void {
    this.start += us / this.account.limits.weight;
    this.heap?.moved(this);
  }

  enter(heap: Heap<FairLine<T>>): void {
    if (this.heap === heap) return;
    this.leave();
    this.heap = heap;
    heap.add(this);
  }

  leave(): void {
    this.heap?.remove(this);
    this.heap = undefined;
  }
}

/** What says whose turn it is. */
interface Ranked {
  readonly start: number;
  readonly order: number;
}

/** Who has used less goes first; equal ones in the order they came. */
export function goesBefore(a: Ranked, b: Ranked): boolean {
  return a.start < b.start || (a.start === b.start && a.order < b.order);
}
