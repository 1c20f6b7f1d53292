import type { Tenants } from '../tenant/tenants.ts';
import { takeBatch } from './batch.ts';
import { Isolation } from './isolation.ts';
import { LaneBooks } from './lane-books.ts';
import { busyOn, holdsTiny, type LaneState } from './lane-load.ts';
import { LaneSupply } from './lane-supply.ts';
import type { LaneScheduler, Schedulable, SchedulerEffects, SchedulerLane, SchedulerOptions, WaitLine } from './ports.ts';
import { WaitingTasks } from './waiting-tasks.ts';

/** A lane is filled up again when it holds less than this. */
const LOW_US = 500;
/** A lane that has settled nothing for so long, with tasks waiting on it, has met a slow one. Milliseconds. */
const STALL_MS = 2;
/** Less work than this is not worth taking from another lane. Microseconds. */
const STEAL_US = 60;

/**
 * Decides which task goes to which lane, and when. Pure: events come in as calls, commands go out through the ports it was given; no
 * timers, threads or promises, so that tests drive it with a simulated transport and clock. Tiny tasks are sent ahead in batches, so that
 * a lane always holds about a millisecond of work; anything else goes one at a time. What was sent ahead can be taken back until it
 * begins: when a lane meets a slow task, and when another runs dry.
 * Source: DESIGN, "Prefetch, and no head-of-line blocking"; guided self-scheduling (Polychronopoulos and Kuck, 1987) for the share.
 */
export class Scheduler<T extends Schedulable> implements LaneScheduler<T> {
  readonly #effects: SchedulerEffects<T>;
  readonly #options: SchedulerOptions;
  /**
   * Lanes at the most that tiny work is spread over: with 64 on one core a call costs as much as with 2, not four times as much
   * (`bench lanes`). What runs beside others on its lane waits most of its time: that needs no core.
   */
  readonly #cores: number;
  readonly #waiting: WaitingTasks<T>;
  readonly #queue: WaitLine<T>;
  readonly #tenants: Tenants<T> | undefined;
  readonly #books: LaneBooks<T>;
  readonly #supply: LaneSupply;
  readonly #isolation: Isolation<T>;
  #flushRequested = false;
  /** Tasks sent since the lanes last had none that ran. */
  #sinceRest = 0;
  #tickRequested = false;

  constructor(options: SchedulerOptions, effects: SchedulerEffects<T>, tenants?: Tenants<T>) {
    this.#options = options;
    this.#waiting = new WaitingTasks(tenants);
    this.#queue = this.#waiting.shared;
    this.#tenants = tenants;
    tenants?.serve(this, () => this.#requestFlush());
    this.#cores = options.concurrency === 1 ? options.cores : Number.POSITIVE_INFINITY;
    this.#effects = effects;
    this.#books = new LaneBooks(options.concurrency);
    this.#supply = new LaneSupply(options.maxLanes, { lanes: () => this.#books.size, open: effects.openLane });
    this.#isolation = new Isolation(this.#waiting.isolated, this.#books, this.#supply, {
      send: (state, task) => this.#send(state, [task]),
      close: ({ lane }) => effects.replaceLane(lane),
    });
  }

  get queued(): number {
    return this.#waiting.size;
  }

  get waiting(): Iterable<T> {
    return this.#waiting;
  }

  /** Tasks that wait on their lanes for children. */
  get parked(): number {
    return this.#books.parked;
  }

  get lanes(): number {
    return this.#books.size;
  }

  get opening(): number {
    return this.#supply.opening;
  }

  /** Lanes with nothing on them. */
  get idle(): number {
    return this.#books.idle;
  }

  /** Whether threads that will not end hold every place, and none serves: what waits would never begin. */
  get stuck(): boolean {
    return this.maxLanes === 0 && this.#books.size === 0;
  }

  /** Whether one more lane may be opened. */
  get canGrow(): boolean {
    return this.#supply.canGrow;
  }

  get maxLanes(): number {
    return this.#supply.maxLanes;
  }

  /** A task has come. It goes out with the others of its tick, so that they share messages; at once where it will have no company. */
  submit(task: T): void {
    this.#waiting.lineOf(task).push(task);
    if (this.#comesAlone()) this.flush();
    else this.#requestFlush();
  }

  /** Nothing is under way, and the last one that was came alone: whoever calls one by one saves a tick (a tenth of a call, `bench/dispatch`). */
  #comesAlone(): boolean {
    const { outstanding, parked } = this.#books;
    return this.#sinceRest === 1 && outstanding === 0 && parked === 0 && this.#queue.size === 1 && !this.#flushRequested;
  }

  /** Tasks come back that were out: before all others. */
  resubmit(tasks: readonly T[]): void {
    for (const task of tasks) this.#waiting.lineOf(task).unshift(task);
    if (tasks.length > 0) this.#requestFlush();
  }

  replace(task: T, others: readonly T[]): void {
    this.#waiting.lineOf(task).replace(task, others);
    this.#requestFlush();
  }

  /** A waiting task has been withdrawn; its `waiting` is false. */
  withdrawn(task: T): void {
    this.#waiting.lineOf(task).withdrawn(task);
    if (task.isolate) this.#requestFlush(); // a lane may have been emptied for it
  }

  /** Who goes when the queue drops its oldest; nothing that belongs to a task which has begun. */
  oldest(): T | undefined {
    return this.#waiting.oldest();
  }

  /** Gives out what waits, and asks for lanes where there are too few. */
  flush(): void {
    this.#flushRequested = false;
    if (this.#isolation.active) {
      this.#serveIdle(true);
      this.#isolation.flush();
    }
    this.#joinBusy();
    this.#serveIdle(false);
    if (this.#queue.size > 0) for (const state of this.#books) this.#refill(state);
    this.#supply.openFor(this.#waiting.ready);
  }

  laneOpened(lane: SchedulerLane<T>): void {
    this.#supply.opened();
    this.#settleDown(this.#books.opened(lane, this.#effects.now()));
    // It may have made room in the queue, which the caller acts upon after a flush.
    this.#requestFlush();
  }

  /** Counts a lane that is being opened for a reason of the caller's own. */
  laneOpening(): void {
    this.#supply.expect();
  }

  laneFailed(): void {
    this.#supply.failed();
    if (this.#queue.size > 0) for (const state of this.#books) this.#refill(state);
  }

  /** The lane takes no more tasks and is forgotten; what is on it is the caller's to settle or to bring back. */
  laneClosed(lane: SchedulerLane<T>): void {
    const state = this.#books.get(lane);
    if (state === undefined) return;
    this.#books.closed(state);
    this.#isolation.emptied(state);
    this.#lanesChanged();
  }

  /** The lane gets nothing new; what has not begun on it comes back. Answers how many that were. */
  retire(lane: SchedulerLane<T>): number {
    const state = this.#books.get(lane);
    if (state === undefined) return 0;
    this.#books.retires(state);
    this.#lanesChanged();
    return this.#recall(state, Number.POSITIVE_INFINITY);
  }

  knows(lane: SchedulerLane<T>): boolean {
    return this.#books.get(lane) !== undefined;
  }

  /** Whether a lane gets nothing new. */
  retires(lane: SchedulerLane<T>): boolean {
    return this.#books.get(lane)?.retiring === true;
  }

  /** A task that has begun waits for a child: its place on the lane is free for others. */
  park(lane: SchedulerLane<T>, task: T): void {
    const state = this.#books.get(lane);
    if (state === undefined || task.parked) return;
    this.#books.park(state, task, true);
    this.#tenants?.parks(task, true);
    state.stalled = false;
    state.progressMs = this.#effects.now();
    this.#requestFlush();
  }

  /** It waits no longer, and runs beside whatever its lane has begun meanwhile. */
  unpark(lane: SchedulerLane<T>, task: T): void {
    const state = this.#books.get(lane);
    if (state === undefined || !task.parked) return;
    this.#books.park(state, task, false);
    this.#tenants?.parks(task, false);
    if (this.#books.ahead > 0) this.#requestTick();
  }

  /** Threads that will not end take the places of `count` lanes. */
  reserve(count: number): void {
    this.#supply.reserve(count);
    this.#lanesChanged();
  }

  /** A task is off its lane: settled, or taken back by the caller. The lane's `inFlight` no longer counts it. */
  taskLeft(lane: SchedulerLane<T>, task: T): void {
    const state = this.#books.get(lane);
    if (state !== undefined) this.#books.left(state, task);
  }

  /** The lane has settled what it will settle for now: give it more. */
  progressed(lane: SchedulerLane<T>): void {
    const state = this.#books.get(lane);
    if (state === undefined) return;
    state.progressMs = this.#effects.now();
    state.stalled = false;
    if (lane.inFlight > 0) this.#refill(state);
    else if (!state.retiring) this.#settleDown(state);
  }

  /** Looks for lanes that have met a slow task, and takes back what waits behind it. */
  tick(): void {
    this.#tickRequested = false;
    if (this.#books.ahead === 0) return;
    const now = this.#effects.now();
    for (const state of this.#books) {
      if (this.#books.aheadOn(state) === 0 || now - state.progressMs <= STALL_MS) continue;
      state.stalled = state.lane.hasBegun ? 'slow' : 'late';
      // Where it has begun nothing, what it can run stays: what is large takes longer to be read than a tick, and would go to and fro for ever.
      this.#recall(state, state.stalled === 'slow' ? Number.POSITIVE_INFINITY : this.#books.aheadOn(state));
    }
    this.#requestTick();
  }

  #settleDown(state: LaneState<T>): void {
    state.loadUs = 0;
    state.long = 0;
    if (this.#isolation.active) {
      this.#isolation.emptied(state);
      if (this.#queue.peek(true)?.nested !== true && this.#isolation.serve(state)) return;
    }
    this.#fill(state);
    if (state.lane.inFlight > 0) return;
    if (this.#books.ahead > 0) this.#steal(state);
    if (state.lane.inFlight === 0) this.#books.rest(state);
  }

  /** Gives idle lanes what waits; nested tasks before isolated ones too, for what has begun is finished first. */
  #serveIdle(nestedOnly: boolean): void {
    for (let task = this.#queue.peek(nestedOnly); task !== undefined && (task.nested || !nestedOnly); task = this.#queue.peek(nestedOnly)) {
      const state = this.#books.takeIdle();
      if (state === undefined) return;
      this.#fill(state);
    }
  }

  /** With more lanes than cores: what is tiny goes where others like it are, as long as those keep the cores busy. */
  #joinBusy(): void {
    if (this.#books.size <= this.#cores || this.#queue.size === 0 || !this.#books.enough(this.#cores)) return;
    for (const state of this.#books) if (holdsTiny(state)) this.#refill(state);
  }

  #refill(state: LaneState<T>): void {
    if (state.stalled === 'slow' || this.#queue.size === 0 || (state.retiring && !this.#isLastResort())) return;
    if (busyOn(state) < this.#options.concurrency || (state.long === 0 && state.loadUs < LOW_US)) this.#fill(state);
  }

  /** Whether lanes that retire are all there is, and none will come: then children go there, for their parents may be there too. */
  #isLastResort(): boolean {
    return this.#books.serving === 0 && this.#supply.exhausted;
  }

  #fill(state: LaneState<T>): void {
    const { concurrency } = this.#options;
    const nestedOnly = state.retiring || this.#isolation.empties(state);
    const batch = takeBatch(this.#queue, state, { concurrency, share: this.#shareOf(state), nestedOnly });
    if (batch.length === 0) return;
    this.#send(state, batch);
    // The share left room for one that could begin at once: it gets more when every lane has had its share.
    if (this.#queue.size > 0 && busyOn(state) < concurrency) this.#requestFlush();
  }

  /**
   * Never more than brings it to an even share of all that is open, so that the last tasks of a job end together; but of as many shares as
   * there are cores, where there are more lanes: small shares cost a wake-up each, and nothing is done sooner.
   */
  #shareOf(state: LaneState<T>): number {
    const places = this.#options.concurrency - busyOn(state);
    if (state.retiring) return places;
    const shares = Math.max(1, Math.min(this.#books.size, this.#cores));
    const even = Math.ceil((this.#queue.size + this.#books.outstanding) / shares);
    return Math.max(places > 0 ? 1 : 0, Math.min(even - busyOn(state), state.stalled === 'late' ? places : Number.POSITIVE_INFINITY));
  }

  #send(state: LaneState<T>, batch: readonly T[]): void {
    const wasEmpty = busyOn(state) === 0;
    const sinceRest = this.#books.outstanding === 0 ? batch.length : this.#sinceRest + batch.length;
    // One that is refused while it is sent may have its follower submitted from inside: that one waits for its tick.
    this.#sinceRest = 0;
    this.#books.sending(state, batch);
    state.lane.send(batch);
    // From here on: writing what is large takes its while, and nothing can begin before.
    if (wasEmpty) state.progressMs = this.#effects.now();
    this.#sinceRest = sinceRest;
    if (this.#books.ahead > 0) this.#requestTick();
  }

  /** An idle lane takes half of what waits on the lane that holds most. */
  #steal(thief: LaneState<T>): void {
    const victim = this.#books.fullest(thief);
    if (victim === undefined || (victim.loadUs < STEAL_US && victim.long === 0)) return;
    this.#recall(victim, Math.ceil(this.#books.aheadOn(victim) / 2));
    this.#fill(thief);
    if (victim.lane.inFlight === 0) this.#books.rest(victim);
  }

  #recall(state: LaneState<T>, limit: number): number {
    const tasks = this.#books.recall(state, limit);
    this.resubmit(tasks);
    return tasks.length;
  }

  /** There are fewer lanes for what waits: more are opened, or those that are left do what they otherwise would not. */
  #lanesChanged(): void {
    this.#supply.openFor(this.#waiting.ready);
    if (this.queued > 0) this.#requestFlush();
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
