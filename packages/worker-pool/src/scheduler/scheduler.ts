import { type LaneState, unweigh, weightOf } from './lane-load.ts';
import type { LaneScheduler, Schedulable, SchedulerEffects, SchedulerLane, SchedulerOptions } from './ports.ts';
import { TaskQueue } from './queue.ts';

/** About how much work a lane should hold. Microseconds. */
const BUDGET_US = 1000;
/** A lane is filled up again when it holds less than this. */
const LOW_US = 500;
/** A lane that has settled nothing for so long, with tasks waiting on it, has met a slow one. Milliseconds. */
const STALL_MS = 2;
/** Tasks that may wait on one lane for their children before nothing but children is begun there. */
const MAX_PARKED = 64;
/** Less work than this is not worth taking from another lane. Microseconds. */
const STEAL_US = 60;

/**
 * Decides which task goes to which lane, and when. Pure: events come in as calls, commands go out through the ports it was given;
 * no timers, threads or promises, so that tests drive it with a simulated transport and clock.
 *
 * Tiny tasks are sent ahead in batches, so that a lane always holds about a millisecond of work; anything else goes one at a time.
 * What was sent ahead can be taken back until it begins: when a lane meets a slow task, and when another runs dry.
 * Source: DESIGN, "Prefetch, and no head-of-line blocking"; guided self-scheduling (Polychronopoulos and Kuck, 1987) for the share.
 */
export class Scheduler<T extends Schedulable> implements LaneScheduler<T> {
  readonly #effects: SchedulerEffects<T>;
  readonly #options: SchedulerOptions;
  readonly #queue = new TaskQueue<T>();
  /** Those that want a fresh lane each. */
  readonly #isolated = new TaskQueue<T>();
  readonly #lanes = new Map<SchedulerLane<T>, LaneState<T>>();
  // A stack: the lane that was busy last is the warm one. May hold lanes that are idle no longer; `idle` tells.
  readonly #idle: LaneState<T>[] = [];
  #opening = 0;
  // Invariant: the number of tasks in flight beyond what their lanes can run at once.
  #ahead = 0;
  // Invariant: the number of tasks in flight that are not parked, on all lanes; `#parked` the number of those that are.
  #outstanding = 0;
  #parked = 0;
  #flushRequested = false;
  #tickRequested = false;
  /** Lanes that may not be opened for now: threads that refuse to end stand in their place. */
  #reserved = 0;

  constructor(options: SchedulerOptions, effects: SchedulerEffects<T>) {
    this.#options = options;
    this.#effects = effects;
  }

  get queued(): number {
    return this.#queue.size + this.#isolated.size;
  }

  get waiting(): Iterable<T> {
    return this.#isolated.size === 0 ? this.#queue : [...this.#queue, ...this.#isolated];
  }

  /** Tasks that wait on their lanes for children. */
  get parked(): number {
    return this.#parked;
  }

  get lanes(): number {
    return this.#lanes.size;
  }

  get opening(): number {
    return this.#opening;
  }

  /** Lanes with nothing on them. */
  get idle(): number {
    let count = 0;
    // Not the stack, where one may stand twice.
    for (const { idle } of this.#lanes.values()) if (idle) count++;
    return count;
  }

  /** Whether threads that will not end hold every place, and none serves: what waits would never begin. */
  get stuck(): boolean {
    return this.maxLanes === 0 && this.#lanes.size === 0;
  }

  /** Whether one more lane may be opened. */
  get canGrow(): boolean {
    return this.#lanes.size + this.#opening < this.maxLanes;
  }

  get maxLanes(): number {
    return Math.max(0, this.#options.maxLanes - this.#reserved);
  }

  /** A task has come. It goes out with the others of its tick, so that they share messages. */
  submit(task: T): void {
    this.#queueOf(task).push(task);
    this.#requestFlush();
  }

  /** Tasks come back that were out: before all others. */
  resubmit(tasks: readonly T[]): void {
    for (const task of tasks) this.#queueOf(task).unshift(task);
    if (tasks.length > 0) this.#requestFlush();
  }

  /** A waiting task has been withdrawn; its `waiting` is false. */
  withdrawn(task: T): void {
    this.#queueOf(task).withdrawn();
  }

  oldest(): T | undefined {
    return this.#queue.oldest() ?? this.#isolated.oldest();
  }

  #queueOf({ isolate }: T): TaskQueue<T> {
    return isolate ? this.#isolated : this.#queue;
  }

  /** Gives out what waits, and asks for lanes where there are too few. */
  flush(): void {
    this.#flushRequested = false;
    if (this.#isolated.size > 0) this.#flushIsolated();
    while (this.#queue.size > 0) {
      const lane = this.#takeIdle();
      if (lane === undefined) break;
      this.#fill(lane);
    }
    if (this.#queue.size > 0) for (const lane of this.#lanes.values()) this.#refill(lane);
    this.#openWanted();
  }

  laneOpened(lane: SchedulerLane<T>): void {
    this.#opening = Math.max(0, this.#opening - 1);
    const progressMs = this.#effects.now();
    const state = { lane, loadUs: 0, long: 0, progressMs, parked: 0, retiring: false, stalled: false, idle: false, fresh: true };
    this.#lanes.set(lane, state);
    this.#settleDown(state);
    // It may have made room in the queue, which the caller acts upon after a flush.
    this.#requestFlush();
  }

  /** Counts a lane that is being opened for a reason of the caller's own. */
  laneOpening(): void {
    this.#opening++;
  }

  laneFailed(): void {
    this.#opening = Math.max(0, this.#opening - 1);
  }

  /** The lane takes no more tasks and is forgotten; what is on it is the caller's to settle or to bring back. */
  laneClosed(lane: SchedulerLane<T>): void {
    const state = this.#lanes.get(lane);
    if (state === undefined) return;
    this.#lanes.delete(lane);
    state.idle = false;
    this.#ahead -= this.#aheadOn(state);
    this.#outstanding -= lane.inFlight - state.parked;
    this.#parked -= state.parked;
    this.#openWanted();
  }

  /** The lane gets nothing new; what has not begun on it comes back. Answers how many that were. */
  retire(lane: SchedulerLane<T>): number {
    const state = this.#lanes.get(lane);
    if (state === undefined || state.retiring) return 0;
    state.retiring = true;
    state.idle = false;
    return this.#recall(state, Number.POSITIVE_INFINITY);
  }

  knows(lane: SchedulerLane<T>): boolean {
    return this.#lanes.has(lane);
  }

  /** Whether a lane gets nothing new. */
  retires(lane: SchedulerLane<T>): boolean {
    return this.#lanes.get(lane)?.retiring === true;
  }

  /** A task that has begun waits for a child: its place on the lane is free for others. */
  park(lane: SchedulerLane<T>, task: T): void {
    const state = this.#lanes.get(lane);
    if (state === undefined || task.parked) return;
    const before = this.#aheadOn(state);
    unweigh(state, task);
    task.weight = 0;
    this.#setParked(state, task, true);
    this.#outstanding--;
    this.#ahead += this.#aheadOn(state) - before;
    state.stalled = false;
    state.progressMs = this.#effects.now();
    this.#requestFlush();
  }

  /** It waits no longer, and runs beside whatever its lane has begun meanwhile. */
  unpark(lane: SchedulerLane<T>, task: T): void {
    const state = this.#lanes.get(lane);
    if (state === undefined || !task.parked) return;
    const before = this.#aheadOn(state);
    task.weight = -1;
    state.long++;
    this.#setParked(state, task, false);
    this.#outstanding++;
    this.#ahead += this.#aheadOn(state) - before;
    if (this.#ahead > 0) this.#requestTick();
  }

  #setParked(state: LaneState<T>, task: T, parked: boolean): void {
    const more = parked ? 1 : -1;
    task.parked = parked;
    state.parked += more;
    this.#parked += more;
  }

  /** Threads that will not end take the places of `count` lanes. */
  reserve(count: number): void {
    this.#reserved = count;
    this.#openWanted();
  }

  /** A task is off its lane: settled, or taken back by the caller. The lane's `inFlight` no longer counts it. */
  taskLeft(lane: SchedulerLane<T>, task: T): void {
    const state = this.#lanes.get(lane);
    if (state === undefined) return;
    const before = this.#aheadOn(state, 1);
    unweigh(state, task);
    if (task.parked) this.#setParked(state, task, false);
    else this.#outstanding--;
    this.#ahead += this.#aheadOn(state) - before;
  }

  /** The lane has settled what it will settle for now: give it more. */
  progressed(lane: SchedulerLane<T>): void {
    const state = this.#lanes.get(lane);
    if (state === undefined) return;
    state.progressMs = this.#effects.now();
    state.stalled = false;
    if (state.retiring) return;
    if (lane.inFlight === 0) this.#settleDown(state);
    else this.#refill(state);
  }

  /** Looks for lanes that have met a slow task, and takes back what waits behind it. */
  tick(): void {
    this.#tickRequested = false;
    if (this.#ahead === 0) return;
    const now = this.#effects.now();
    for (const state of this.#lanes.values()) {
      if (this.#aheadOn(state) === 0 || now - state.progressMs <= STALL_MS) continue;
      state.stalled = true;
      this.#recall(state, Number.POSITIVE_INFINITY);
      // It had begun nothing of what it was sent: not slow, only late. Nothing will come from it now that would free it again.
      if (this.#busyOn(state) === 0) state.stalled = false;
      if (state.lane.inFlight === 0) this.#rest(state);
    }
    this.#requestTick();
  }

  #settleDown(state: LaneState<T>): void {
    state.loadUs = 0;
    state.long = 0;
    if (this.#isolated.size > 0 && this.#serveIsolated(state)) return;
    this.#fill(state);
    if (state.lane.inFlight > 0) return;
    if (this.#ahead > 0) this.#steal(state);
    if (state.lane.inFlight === 0) this.#rest(state);
  }

  /** Nothing is on the lane and nothing is there for it: it waits to be taken. */
  #rest(state: LaneState<T>): void {
    state.stalled = false;
    if (state.idle || state.retiring) return;
    state.idle = true;
    this.#idle.push(state);
  }

  /** The lane has nothing on it, and somebody wants one alone: it is given to them if it is fresh, and replaced by one that is if it is not. */
  #serveIsolated(state: LaneState<T>): boolean {
    if (state.fresh) {
      const task = this.#isolated.shift();
      if (task === undefined) return false;
      this.#send(state, [task]);
      // Nothing comes after it, or beside it.
      state.retiring = true;
      return true;
    }
    if (this.#opening >= this.#isolated.size || this.canGrow) return false;
    this.#effects.replaceLane(state.lane);
    return true;
  }

  #flushIsolated(): void {
    for (const state of this.#lanes.values()) {
      if (!state.idle || !state.fresh || this.#isolated.size === 0) continue;
      state.idle = false;
      this.#serveIsolated(state);
    }
    while (this.#opening < this.#isolated.size && !this.canGrow) {
      const state = this.#takeIdle();
      if (state === undefined) return;
      this.#serveIsolated(state);
    }
  }

  #takeIdle(): LaneState<T> | undefined {
    for (let state = this.#idle.pop(); state !== undefined; state = this.#idle.pop()) {
      if (!state.idle) continue;
      state.idle = false;
      return state;
    }
    return undefined;
  }

  #refill(state: LaneState<T>): void {
    if (state.retiring || state.stalled || this.#queue.size === 0) return;
    if (this.#busyOn(state) < this.#options.concurrency || (state.long === 0 && state.loadUs < LOW_US)) this.#fill(state);
  }

  #fill(state: LaneState<T>): void {
    const share = this.#shareOf(state);
    const batch: T[] = [];
    let { loadUs, long } = state;
    for (let task = this.#queue.peek(); task !== undefined && batch.length < share; task = this.#queue.peek()) {
      const count = this.#busyOn(state) + batch.length;
      const weight = weightOf(task);
      if (count + state.parked >= state.lane.capacity || (state.parked >= MAX_PARKED && !task.nested)) break;
      if (count >= this.#options.concurrency && (weight < 0 || long > 0 || loadUs + weight > BUDGET_US)) break;
      this.#queue.shift();
      batch.push(task);
      if (weight < 0) long++;
      else loadUs += weight;
    }
    if (batch.length === 0) return;
    this.#send(state, batch);
    // The share left room for one that could begin at once: it gets more when every lane has had its share.
    if (this.#queue.size > 0 && this.#busyOn(state) < this.#options.concurrency) this.#requestFlush();
  }

  /** Never more than brings it to an even share of all that is open, so that the last tasks of a job end together. */
  #shareOf(state: LaneState<T>): number {
    const even = Math.ceil((this.#queue.size + this.#outstanding) / Math.max(1, this.#lanes.size));
    const busy = this.#busyOn(state);
    return Math.max(busy < this.#options.concurrency ? 1 : 0, even - busy);
  }

  #send(state: LaneState<T>, batch: readonly T[]): void {
    if (state.lane.inFlight === 0) state.progressMs = this.#effects.now();
    state.idle = false;
    state.fresh = false;
    for (const task of batch) {
      task.parked = false;
      task.weight = weightOf(task);
      if (task.weight < 0) state.long++;
      else state.loadUs += task.weight;
    }
    // Counted before it is sent: a task that turns out not to clone leaves the lane inside `send`.
    this.#ahead += this.#aheadOn(state, batch.length) - this.#aheadOn(state);
    this.#outstanding += batch.length;
    state.lane.send(batch);
    if (this.#ahead > 0) this.#requestTick();
  }

  /** An idle lane takes half of what waits on the lane that holds most. */
  #steal(thief: LaneState<T>): void {
    let victim: LaneState<T> | undefined;
    for (const state of this.#lanes.values()) {
      if (state !== thief && this.#aheadOn(state) > 0 && (victim === undefined || state.loadUs > victim.loadUs)) victim = state;
    }
    if (victim === undefined || (victim.loadUs < STEAL_US && victim.long === 0)) return;
    this.#recall(victim, Math.ceil(this.#aheadOn(victim) / 2));
    this.#fill(thief);
    if (victim.lane.inFlight === 0) this.#rest(victim);
  }

  #recall(state: LaneState<T>, limit: number): number {
    const before = this.#aheadOn(state);
    const tasks = state.lane.recall(limit);
    for (const task of tasks) unweigh(state, task);
    this.#outstanding -= tasks.length;
    this.#ahead += this.#aheadOn(state) - before;
    this.resubmit(tasks);
    return tasks.length;
  }

  #aheadOn(state: LaneState<T>, more = 0): number {
    return Math.max(0, this.#busyOn(state) + more - this.#options.concurrency);
  }

  /** Tasks in flight that hold a place, or wait for one there. */
  #busyOn({ lane, parked }: LaneState<T>): number {
    return lane.inFlight - parked;
  }

  #openWanted(): void {
    const room = this.maxLanes - this.#lanes.size - this.#opening;
    const wanted = Math.min(room, this.queued - this.#opening);
    for (let count = 0; count < wanted; count++) {
      this.#opening++;
      this.#effects.openLane();
    }
  }

  #requestFlush(): void {
    if (this.#flushRequested) return;
    this.#flushRequested = true;
    this.#effects.requestFlush();
  }

  #requestTick(): void {
    if (this.#tickRequested) return;
    this.#tickRequested = true;
    this.#effects.requestTick();
  }
}
