import { busyOn, holdsTiny, type LaneState, weightOf } from './lane-load.ts';
import type { Schedulable, SchedulerLane } from './ports.ts';

/**
 * What is on the lanes, in numbers. The scheduler says what happened; the sums are kept here, and nowhere else.
 * A lane counts its tasks itself (`inFlight`), so each entry says whether it is made before or after the lane has counted.
 */
export class LaneBooks<T extends Schedulable> implements Iterable<LaneState<T>> {
  readonly #concurrency: number;
  readonly #lanes = new Map<SchedulerLane<T>, LaneState<T>>();
  // The one asked for last; never one that is closed.
  #last: LaneState<T> | undefined;
  // A stack: the lane that was busy last is the warm one. May hold lanes that are idle no longer; `idle` tells.
  readonly #idle: LaneState<T>[] = [];
  // Invariant: the number of tasks in flight beyond what their lanes can run at once.
  #ahead = 0;
  // Invariant: the number of tasks in flight that are not parked, on all lanes; `#parked` the number of those that are.
  #outstanding = 0;
  #parked = 0;
  // Invariant: the number of lanes that do not retire.
  #serving = 0;
  // Invariant: the number of lanes whose `idle` is true. Not the stack's length: one may stand there twice.
  #resting = 0;

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  get size(): number {
    return this.#lanes.size;
  }

  get ahead(): number {
    return this.#ahead;
  }

  get outstanding(): number {
    return this.#outstanding;
  }

  get parked(): number {
    return this.#parked;
  }

  get serving(): number {
    return this.#serving;
  }

  /** Lanes with nothing on them. */
  get idle(): number {
    return this.#resting;
  }

  /** Whether lanes with nothing but tiny work on them are as many as `cores`: one more awake would only take turns with them. */
  enough(cores: number): boolean {
    if (this.#lanes.size - this.#resting < cores) return false;
    let count = 0;
    for (const state of this.#lanes.values()) if (holdsTiny(state) && ++count >= cores) return true;
    return false;
  }

  [Symbol.iterator](): IterableIterator<LaneState<T>> {
    return this.#lanes.values();
  }

  get(lane: SchedulerLane<T>): LaneState<T> | undefined {
    // Asked for every outcome, and those of a lane come together.
    if (this.#last?.lane !== lane) this.#last = this.#lanes.get(lane);
    return this.#last;
  }

  opened(lane: SchedulerLane<T>, progressMs: number): LaneState<T> {
    const state: LaneState<T> = {
      lane,
      loadUs: 0,
      long: 0,
      progressMs,
      parked: 0,
      retiring: false,
      stalled: false,
      idle: false,
      fresh: true,
    };
    this.#lanes.set(lane, state);
    this.#last = state;
    this.#serving++;
    return state;
  }

  /** The lane is gone, with what is on it. */
  closed(state: LaneState<T>): void {
    this.#lanes.delete(state.lane);
    this.#last = undefined;
    this.#setIdle(state, false);
    if (!state.retiring) this.#serving--;
    this.#ahead -= this.aheadOn(state);
    this.#outstanding -= busyOn(state);
    this.#parked -= state.parked;
  }

  retires(state: LaneState<T>): void {
    if (!state.retiring) this.#serving--;
    state.retiring = true;
    this.#setIdle(state, false);
  }

  /** Tasks are about to be sent: a task that turns out not to clone leaves the lane while it is being sent. */
  sending(state: LaneState<T>, batch: readonly T[]): void {
    this.#setIdle(state, false);
    state.fresh = false;
    for (const task of batch) {
      task.parked = false;
      task.weight = weightOf(task);
      if (task.weight < 0) state.long++;
      else state.loadUs += task.weight;
    }
    this.#ahead += this.aheadOn(state, batch.length) - this.aheadOn(state);
    this.#outstanding += batch.length;
  }

  /** A task has left its lane, settled or taken back. */
  left(state: LaneState<T>, task: T): void {
    const before = this.aheadOn(state, 1);
    unweigh(state, task);
    if (task.parked) this.#setParked(state, task, false);
    else this.#outstanding--;
    this.#lessOn(state, before);
  }

  /** Takes back what has not begun, newest first. */
  recall(state: LaneState<T>, limit: number): readonly T[] {
    const before = this.aheadOn(state);
    const tasks = state.lane.recall(limit);
    for (const task of tasks) unweigh(state, task);
    this.#outstanding -= tasks.length;
    this.#lessOn(state, before);
    return tasks;
  }

  /** Fewer are on a lane, where `before` waited. A slow or late one is free when something settles; where nothing is left that could, at once. */
  #lessOn(state: LaneState<T>, before: number): void {
    this.#ahead += this.aheadOn(state) - before;
    if (busyOn(state) === 0) state.stalled = false;
  }

  /** A task that has begun gives its place up, or takes it again. */
  park(state: LaneState<T>, task: T, parked: boolean): void {
    const before = this.aheadOn(state);
    unweigh(state, task);
    task.weight = parked ? 0 : -1;
    if (!parked) state.long++;
    this.#setParked(state, task, parked);
    this.#outstanding += parked ? -1 : 1;
    this.#ahead += this.aheadOn(state) - before;
  }

  #setParked(state: LaneState<T>, task: T, parked: boolean): void {
    const more = parked ? 1 : -1;
    task.parked = parked;
    state.parked += more;
    this.#parked += more;
  }

  /** Nothing is on the lane and nothing is there for it: it waits to be taken. */
  rest(state: LaneState<T>): void {
    state.stalled = false;
    if (state.idle || state.retiring) return;
    this.#setIdle(state, true);
    this.#idle.push(state);
  }

  /** An idle lane is idle no longer. */
  take(state: LaneState<T>): void {
    this.#setIdle(state, false);
  }

  /** The idle lane that was busy last; it is idle no longer. */
  takeIdle(): LaneState<T> | undefined {
    for (let state = this.#idle.pop(); state !== undefined; state = this.#idle.pop()) {
      if (!state.idle) continue;
      this.take(state);
      return state;
    }
    return undefined;
  }

  #setIdle(state: LaneState<T>, idle: boolean): void {
    if (state.idle === idle) return;
    state.idle = idle;
    this.#resting += idle ? 1 : -1;
  }

  /** The lane with the most work among those where something waits, but one. */
  fullest(other: LaneState<T>): LaneState<T> | undefined {
    let fullest: LaneState<T> | undefined;
    for (const state of this.#lanes.values())
      if (state !== other && this.aheadOn(state) > 0 && (fullest === undefined || state.loadUs > fullest.loadUs)) fullest = state;
    return fullest;
  }

  /** Tasks on a lane beyond what it can run at once; `more` that it has not counted yet. */
  aheadOn(state: LaneState<T>, more = 0): number {
    return Math.max(0, busyOn(state) + more - this.#concurrency);
  }
}

function unweigh(state: LaneState<unknown>, task: Schedulable): void {
  if (task.weight < 0) state.long--;
  else state.loadUs -= task.weight;
}
