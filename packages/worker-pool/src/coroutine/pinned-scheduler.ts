import type { LaneScheduler, SchedulerEffects, SchedulerLane } from '../scheduler/ports.ts';
import type { Task } from '../task.ts';
import { WaitingLine } from './waiting-line.ts';

/** What is asked of those whose work lives on lanes. */
export interface PinnedEffects {
  /** The task's lane is gone, and with it what the task was for. */
  orphaned(task: Task): void;
  /** A lane is gone, with everything that lived on it. */
  laneClosed(lane: SchedulerLane<Task>): void;
}

/** Steps that go out together while a lane has enough to do: each message has a price (`bench coroutine`, 4096 resumed at once). */
const SHARED = 128;

/** One lane, and what lives there. */
interface Home {
  readonly lane: SchedulerLane<Task>;
  /** Waiting for a slot on it. */
  readonly line: WaitingLine;
  /** What was sent last was sent alone: the next is likely to be. */
  lockStep: boolean;
  // Invariant: coroutines and streams that live on it, suspended or not, from the first step's being placed here to `left`.
  residents: number;
  retiring: boolean;
}

/**
 * Decides for work that stays on its lane: coroutines and streams. A first step goes to the lane with the fewest residents, and may be
 * moved until it has begun; every later one goes where its coroutine lives, at once, since a suspended one holds no place. Lanes are opened
 * as they get residents. One that is retiring keeps those it has, takes no new ones while another can be had, and counts in no limit until
 * there are as many retiring as may serve.
 * Pure, as the other scheduler: no timers, threads or promises.
 */
export class PinnedScheduler implements LaneScheduler<Task> {
  readonly #effects: SchedulerEffects<Task>;
  readonly #pinned: PinnedEffects;
  readonly #maxLanes: number;
  readonly #homes = new Map<SchedulerLane<Task>, Home>();
  // First steps that wait for a lane to open.
  readonly #unplaced = new WaitingLine();
  #opening = 0;
  #reserved = 0;
  #flushRequested = false;
  #tickRequested = false;
  readonly parked = 0;
  /** Now, read once for all steps that come, or end, together. */
  #nowMs: number | undefined;

  constructor(maxLanes: number, effects: SchedulerEffects<Task>, pinned: PinnedEffects) {
    this.#maxLanes = maxLanes;
    this.#effects = effects;
    this.#pinned = pinned;
  }

  get queued(): number {
    let queued = this.#unplaced.size;
    for (const { line } of this.#homes.values()) queued += line.size;
    return queued;
  }

  get waiting(): Iterable<Task> {
    return [...this.#unplaced, ...[...this.#homes.values()].flatMap(({ line }) => [...line])];
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
    return this.#serving + this.#opening < this.maxLanes && this.#homes.size + this.#opening < 2 * this.maxLanes;
  }

  get stuck(): boolean {
    return this.maxLanes === 0 && this.#homes.size === 0;
  }

  /** Lanes that take new residents. */
  get #serving(): number {
    let serving = 0;
    for (const { retiring } of this.#homes.values()) if (!retiring) serving++;
    return serving;
  }

  resubmit(tasks: readonly Task[]): void {
    for (const task of tasks) this.submit(task);
  }

  submit(task: Task): void {
    task.notedMs = this.#now();
    if (task.home === undefined) this.#place(task);
    else {
      const home = this.#homes.get(task.home);
      if (home === undefined) {
        this.#pinned.orphaned(task);
        return;
      }
      home.line.push(task);
      // In lock-step there is nothing to wait for, and a tick costs a tenth of a round (`bench coroutine`, one at a time).
      if (home.lockStep && home.lane.inFlight === 0 && home.line.size === 1) {
        this.#send(home);
        this.#nowMs = undefined;
        return;
      }
    }
    this.#requestFlush();
  }

  #place(task: Task): void {
    const home = this.#roomiest(false);
    if (home === undefined) this.#unplaced.push(task);
    else this.#house(home, task);
  }

  #house(home: Home, task: Task): void {
    task.home = home.lane;
    home.residents++;
    home.line.push(task);
  }

  #roomiest(retiring: boolean): Home | undefined {
    let best: Home | undefined;
    for (const home of this.#homes.values())
      if (home.retiring === retiring && (best === undefined || home.residents < best.residents)) best = home;
    return best;
  }

  /** A coroutine or stream has ended that lived on this lane. */
  left(lane: SchedulerLane<Task>): void {
    const home = this.#homes.get(lane);
    if (home !== undefined) home.residents--;
  }

  withdrawn(task: Task): void {
    // One whose home is gone waits nowhere.
    if (task.home === undefined) this.#unplaced.withdrawn();
    else this.#homes.get(task.home)?.line.withdrawn();
  }

  oldest(): undefined {
    return undefined;
  }

  /** What was held back for company goes out: the lane may be full of steps that take long. */
  tick(): void {
    this.#tickRequested = false;
    for (const home of this.#homes.values()) this.#send(home, 1);
  }

  /** What waits here takes no place in any case: noted for whoever asks. */
  park(_lane: SchedulerLane<Task>, task: Task): void {
    task.parked = true;
  }

  unpark(_lane: SchedulerLane<Task>, task: Task): void {
    task.parked = false;
  }

  flush(): void {
    this.#flushRequested = false;
    this.#nowMs = undefined;
    for (const home of this.#homes.values()) this.#send(home);
    // One after the other: a thread that starts takes a core from those that work.
    if (this.#opening > 0) return;
    let residents = this.#unplaced.size;
    for (const home of this.#homes.values()) residents += home.retiring ? 0 : home.residents;
    if (residents <= this.#serving) return;
    if (this.canGrow) {
      this.#opening++;
      this.#effects.openLane();
    } else if (this.#unplaced.size > 0) this.#fallBack();
  }

  /** Every lane retires, and there may be no more: a lane that is to be replaced is better than none. */
  #fallBack(): void {
    for (const task of this.#unplaced.takeAll()) {
      const home = this.#roomiest(true);
      if (home === undefined) this.#unplaced.push(task);
      else this.#house(home, task);
    }
    for (const home of this.#homes.values()) this.#send(home);
  }

  #send(home: Home, shared: number = SHARED): void {
    const { lane, line } = home;
    if (line.size === 0) return;
    const room = lane.capacity - lane.inFlight;
    // A lane that is nearly full has much to tell soon: what waits goes out then, together.
    if (room < Math.min(shared, line.size)) {
      this.#requestTick();
      return;
    }
    const firsts: Task[] = [];
    const steps: Task[] = [];
    while (firsts.length + steps.length < room) {
      const task = line.take();
      if (task === undefined) break;
      (task.entry.role === 'resume' ? steps : firsts).push(task);
    }
    home.lockStep = firsts.length + steps.length === 1;
    if (firsts.length > 0) lane.send(firsts);
    if (steps.length > 0) lane.send(steps);
  }

  laneOpening(): void {
    this.#opening++;
  }

  laneFailed(): void {
    this.#opening = Math.max(0, this.#opening - 1);
  }

  laneOpened(lane: SchedulerLane<Task>): void {
    this.laneFailed();
    const home: Home = { lane, line: new WaitingLine(), lockStep: false, residents: 0, retiring: false };
    for (const task of this.#unplaced.takeAll()) this.#house(home, task);
    for (const other of this.#homes.values()) {
      const excess = other.retiring ? Number.POSITIVE_INFINITY : Math.floor((other.residents - home.residents) / 2);
      for (const task of this.#evict(other, excess)) this.#house(home, task);
    }
    this.#homes.set(lane, home);
    this.#requestFlush();
  }

  /** Takes first steps that have not begun out of a home, the newest of them; they live nowhere then. */
  #evict(home: Home, limit: number): Task[] {
    if (limit < 1) return [];
    const waiting = [...[...home.lane.recall(limit)].reverse(), ...home.line.takeAll()];
    const evicted: Task[] = [];
    const kept: Task[] = [];
    for (const task of waiting.reverse()) (goesOn(task) || evicted.length >= limit ? kept : evicted).push(task);
    for (const task of kept.reverse()) home.line.push(task);
    for (const task of evicted) {
      task.home = undefined;
      home.residents--;
    }
    return evicted.reverse();
  }

  laneClosed(lane: SchedulerLane<Task>): void {
    const home = this.#homes.get(lane);
    if (home === undefined) return;
    const first = this.#evict(home, Number.POSITIVE_INFINITY);
    this.#homes.delete(lane);
    for (const task of first) this.#place(task);
    // What was to go on with something that is gone does not.
    for (const task of home.line.takeAll()) this.#pinned.orphaned(task);
    this.#pinned.laneClosed(lane);
    this.#requestFlush();
  }

  /** The lane takes no new residents, and those that have not begun go elsewhere. The others stay until they end. */
  retire(lane: SchedulerLane<Task>): number {
    const home = this.#homes.get(lane);
    if (home === undefined) return 0;
    home.retiring = true;
    const moved = this.#evict(home, Number.POSITIVE_INFINITY);
    for (const task of moved) this.#place(task);
    this.#requestFlush();
    return moved.length;
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

  taskLeft(_lane: SchedulerLane<Task>, task: Task): void {
    task.notedMs = this.#now();
  }

  #now(): number {
    this.#nowMs ??= this.#effects.now();
    return this.#nowMs;
  }

  progressed(lane: SchedulerLane<Task>): void {
    this.#nowMs = undefined;
    const home = this.#homes.get(lane);
    if (home !== undefined) this.#send(home);
  }

  #requestTick(): void {
    if (this.#tickRequested) return;
    this.#tickRequested = true;
    this.#effects.requestTick();
  }

  #requestFlush(): void {
    if (this.#flushRequested) return;
    this.#flushRequested = true;
    this.#effects.requestFlush();
  }
}

/** Whether a task goes on with something that lives on a lane, and so can run nowhere else. */
function goesOn({ entry }: Task): boolean {
  return entry.role === 'resume' || entry.role === 'signal';
}
