import type { LaneBooks } from './lane-books.ts';
import type { LaneState } from './lane-load.ts';
import type { LaneSupply } from './lane-supply.ts';
import type { Schedulable, WaitLine } from './ports.ts';

/** What isolated tasks need of the scheduler. */
export interface IsolationEffects<T> {
  send(state: LaneState<T>, task: T): void;
  /** Closes a lane that has nothing on it. */
  close(state: LaneState<T>): void;
}

/**
 * Tasks that want a fresh lane each, and nobody beside them there. A lane that is fresh is given to them; where no more may be opened, one
 * that is idle is replaced, and where none is ever idle, one is emptied first. Source: SEMANTICS R-3.
 */
export class Isolation<T extends Schedulable> {
  readonly #queue: WaitLine<T>;
  readonly #books: LaneBooks<T>;
  readonly #supply: LaneSupply;
  readonly #effects: IsolationEffects<T>;
  #emptying: LaneState<T> | undefined;

  constructor(queue: WaitLine<T>, books: LaneBooks<T>, supply: LaneSupply, effects: IsolationEffects<T>) {
    this.#queue = queue;
    this.#books = books;
    this.#supply = supply;
    this.#effects = effects;
  }

  /** Whether anything is to be done. */
  get active(): boolean {
    return this.#queue.size > 0 || this.#emptying !== undefined;
  }

  /** Whether a lane gets nothing that has not to go on there, because it is to be replaced. */
  empties(state: LaneState<T>): boolean {
    return state === this.#emptying;
  }

  /** The lane is idle, or gone. */
  emptied(state: LaneState<T>): void {
    if (state === this.#emptying) this.#emptying = undefined;
  }

  /** A lane has nothing on it: it is given to who waits, or replaced for them. Answers whether it was. */
  serve(state: LaneState<T>): boolean {
    if (state.fresh) {
      const task = this.#queue.shift(false);
      if (task === undefined) return false;
      this.#effects.send(state, task);
      // Nothing comes after it, or beside it.
      this.#books.retires(state);
      return true;
    }
    if (!this.#wantsReplacement()) return false;
    this.#supply.replace(() => this.#effects.close(state));
    return true;
  }

  /** Gives idle lanes to those who wait. */
  flush(): void {
    for (const state of this.#books) {
      if (!state.idle || !state.fresh || this.#queue.size === 0) continue;
      this.#books.take(state);
      this.serve(state);
    }
    this.#supply.openFor(this.#queue.size);
    while (this.#wantsReplacement()) {
      const state = this.#books.takeIdle();
      if (state === undefined) break;
      this.serve(state);
    }
    // A lane that always has something to do would never be replaced.
    if (!this.#wantsReplacement()) this.#emptying = undefined;
    else this.#emptying ??= this.#leastBusy();
  }

  #wantsReplacement(): boolean {
    return this.#supply.opening < this.#queue.size && !this.#supply.canGrow;
  }

  #leastBusy(): LaneState<T> | undefined {
    let least: LaneState<T> | undefined;
    for (const state of this.#books)
      if (!state.retiring && (least === undefined || state.lane.inFlight < least.lane.inFlight)) least = state;
    return least;
  }
}
