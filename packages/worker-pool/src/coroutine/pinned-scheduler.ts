import type { LaneScheduler, SchedulerEffects, SchedulerLane } from '../scheduler/ports.ts';
import type { Task } from '../task.ts';

/** What is asked of those whose work lives on lanes. */
export interface PinnedEffects {
  /** The task's lane is gone, and with it what the task was for. */
  orphaned(task: Task): void;
  /** A lane is gone, with everything that lived on it. */
  laneClosed(lane: SchedulerLane<Task>): void;
}

/** One lane, and what lives there. */
interface Home {
  readonly lane: SchedulerLane<Task>;
  /** Waiting for a slot on it; those with `waiting` false have been withdrawn. */
  queue: Task[];
  /** Coroutines and streams that live on it, suspended or not. */
  residents: number;
  retiring: boolean;
}

/**
 * Decides for work that stays on its lane: coroutines and streams. A first step goes to the lane with the fewest residents; every later one
 * goes where its coroutine lives, at once, since a suspended one holds no place. Lanes are opened as they get residents.
 * Pure, as the other scheduler: no timers, threads or promises.
 */
export class PinnedScheduler implements LaneScheduler<Task> {
  readonly #effects: SchedulerEffects<Task>;
  readonly #pinned: PinnedEffects;
  readonly #maxLanes: number;
  readonly #homes = new Map<SchedulerLane<Task>, Home>();
  // First steps that wait for a lane to open.
  #unplaced: Task[] = [];
  #opening = 0;
  #reserved = 0;
  // Invariant: the number of tasks in `#unplaced` and all queues with `waiting`.
  #queued = 0;
  #flushRequested = false;
  readonly parked = 0;

  constructor(maxLanes: number, effects: SchedulerEffects<Task>, pinned: PinnedEffects) {
    this.#maxLanes = maxLanes;
    this.#effects = effects;
    this.#pinned = pinned;
  }

  get queued(): number {
    return this.#queued;
  }

  get waiting(): Iterable<Task> {
    return [...this.#unplaced, ...[...this.#homes.values()].flatMap(({ queue }) => queue)].filter(({ waiting }) => waiting);
  }

  get lanes(): number {
    return this.#homes.size;
  }

  get opening(): number {
    return this.#opening;
  }

  get idle(): number {
    return [...this.#homes.values()].filter(({ lane }) => lane.inFlight === 0).length;
  }

  get maxLanes(): number {
    return Math.max(0, this.#maxLanes - this.#reserved);
  }

  get canGrow(): boolean {
    return this.#homes.size + this.#opening < this.maxLanes;
  }

  get stuck(): boolean {
    return this.maxLanes === 0 && this.#homes.size === 0;
  }

  submit(task: Task): void {
    this.#queued++;
    const home = task.home === undefined ? this.#roomiest() : this.#homes.get(task.home);
    if (home !== undefined) this.#enqueue(home, task);
    else if (task.home === undefined) this.#unplaced.push(task);
    else {
      this.#queued--;
      this.#pinned.orphaned(task);
      return;
    }
    this.#requestFlush();
  }

  #enqueue(home: Home, task: Task): void {
    if (task.home === undefined) {
      task.home = home.lane;
      home.residents++;
    }
    home.queue.push(task);
  }

  #roomiest(): Home | undefined {
    let best: Home | undefined;
    for (const home of this.#homes.values()) if (!home.retiring && (best === undefined || home.residents < best.residents)) best = home;
    return best;
  }

  /** A coroutine or stream has ended that lived on this lane. */
  left(lane: SchedulerLane<Task>): void {
    const home = this.#homes.get(lane);
    if (home !== undefined) home.residents--;
  }

  withdrawn(task: Task): void {
    this.#queued--;
    const home = task.home === undefined ? undefined : this.#homes.get(task.home);
    if (home === undefined) this.#unplaced = this.#unplaced.filter((other) => other !== task);
  }

  oldest(): undefined {
    return undefined;
  }

  tick(): void {}

  park(): void {}

  unpark(): void {}

  flush(): void {
    this.#flushRequested = false;
    for (const home of this.#homes.values()) this.#send(home);
    let residents = this.#unplaced.length;
    for (const home of this.#homes.values()) residents += home.retiring ? 1 : home.residents;
    // One after the other: a thread that starts takes a core from those that work.
    if (this.#opening > 0 || !this.canGrow || residents <= this.#homes.size) return;
    this.#opening++;
    this.#effects.openLane();
  }

  #send(home: Home): void {
    const { lane } = home;
    if (home.queue.length === 0) return;
    const batch: Task[] = [];
    const room = lane.capacity - lane.inFlight;
    let taken = 0;
    while (taken < home.queue.length && batch.length < room) {
      const task = home.queue[taken++];
      if (task?.waiting === true) batch.push(task);
    }
    home.queue = taken === home.queue.length ? [] : home.queue.slice(taken);
    this.#queued -= batch.length;
    if (batch.length > 0) lane.send(batch);
  }

  laneOpening(): void {
    this.#opening++;
  }

  laneFailed(): void {
    this.#opening = Math.max(0, this.#opening - 1);
  }

  laneOpened(lane: SchedulerLane<Task>): void {
    this.laneFailed();
    const home: Home = { lane, queue: [], residents: 0, retiring: false };
    this.#homes.set(lane, home);
    const unplaced = this.#unplaced;
    this.#unplaced = [];
    for (const task of unplaced) if (task.waiting) this.#enqueue(home, task);
    this.#requestFlush();
  }

  laneClosed(lane: SchedulerLane<Task>): void {
    const home = this.#homes.get(lane);
    if (home === undefined) return;
    const recalled = lane.recall(Number.POSITIVE_INFINITY);
    this.#homes.delete(lane);
    this.#queued -= home.queue.filter(({ waiting }) => waiting).length;
    for (const task of [...recalled, ...home.queue]) this.#move(task);
    this.#pinned.laneClosed(lane);
    this.#requestFlush();
  }

  /** What has not begun goes elsewhere; what was to go on with something that is gone does not. */
  #move(task: Task): void {
    if (!task.waiting) return;
    if (task.entry.role === 'resume' || task.entry.role === 'signal') {
      this.#pinned.orphaned(task);
      return;
    }
    task.home = undefined;
    this.submit(task);
  }

  /** The lane takes no new residents. Those it has stay until they end. */
  retire(lane: SchedulerLane<Task>): number {
    const home = this.#homes.get(lane);
    if (home !== undefined) home.retiring = true;
    return 0;
  }

  knows(lane: SchedulerLane<Task>): boolean {
    return this.#homes.has(lane);
  }

  retires(lane: SchedulerLane<Task>): boolean {
    const { retiring = false, residents = 0 } = this.#homes.get(lane) ?? {};
    return retiring && residents === 0;
  }

  reserve(count: number): void {
    this.#reserved = count;
    this.#requestFlush();
  }

  taskLeft(): void {}

  progressed(lane: SchedulerLane<Task>): void {
    const home = this.#homes.get(lane);
    if (home !== undefined) this.#send(home);
  }

  #requestFlush(): void {
    if (this.#flushRequested) return;
    this.#flushRequested = true;
    this.#effects.requestFlush();
  }
}
