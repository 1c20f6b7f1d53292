import { SLOTS } from '../lane/claims.ts';
import type { TaskContext } from './task-context.ts';

const LOADING = Symbol('loading');

/**
 * What has begun on a lane and has no outcome yet, by slot. An array: a Map that is set and cleared for every task costs a tenth of what a
 * lane does for a tiny one (`bench/dispatch`).
 */
export class RunningTasks {
  // Invariant: `#size` counts what is not `undefined`.
  readonly #bySlot: (TaskContext | typeof LOADING | undefined)[] = new Array<undefined>(SLOTS).fill(undefined);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The context in a slot; `undefined` also while the task's module is loading. */
  get(slot: number): TaskContext | undefined {
    const found = this.#bySlot[slot];
    return found === LOADING ? undefined : found;
  }

  isLoading(slot: number): boolean {
    return this.#bySlot[slot] === LOADING;
  }

  load(slot: number): void {
    this.#put(slot, LOADING);
  }

  run(slot: number, ctx: TaskContext): void {
    this.#put(slot, ctx);
  }

  #put(slot: number, what: TaskContext | typeof LOADING): void {
    if (this.#bySlot[slot] === undefined) this.#size++;
    this.#bySlot[slot] = what;
  }

  end(slot: number): void {
    if (this.#bySlot[slot] === undefined) return;
    this.#bySlot[slot] = undefined;
    this.#size--;
  }
}
