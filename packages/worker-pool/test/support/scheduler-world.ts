import { Estimate } from '../../src/scheduler/estimate.ts';
import type { Schedulable, SchedulerLane } from '../../src/scheduler/ports.ts';
import { Scheduler } from '../../src/scheduler/scheduler.ts';

/** An estimate that stands at the given microseconds; without, one that knows nothing yet. */
export function estimateOf(us?: number): Estimate {
  const estimate = new Estimate();
  if (us !== undefined) estimate.add(us);
  return estimate;
}

/** Where a simulated task is: in one place, always. */
export type Place = 'queue' | 'lane' | 'done';

/** A task that runs nowhere: the test begins and finishes it by hand. */
export class SimTask implements Schedulable {
  readonly number: number;
  readonly priority: number;
  readonly estimate: Estimate;
  readonly alone: boolean;
  /** Refused by its lane when it is sent: it does not clone. */
  readonly faulty: boolean;
  /** Belongs to a task that has begun. */
  readonly nested: boolean;
  /** Wants a fresh lane for itself. */
  readonly isolate: boolean;
  readonly size: number;
  parked = false;
  weight = 0;
  place: Place = 'queue';
  begun = false;
  /** How often a lane began it. */
  runs = 0;
  /** It has been out and came back, so that its place in line is the front, not its number's. */
  returned = false;

  constructor(
    number: number,
    options: Partial<Pick<SimTask, 'priority' | 'estimate' | 'size' | 'alone' | 'faulty' | 'nested' | 'isolate'>> = {},
  ) {
    this.number = number;
    this.priority = options.priority ?? 0;
    this.estimate = options.estimate ?? new Estimate();
    this.alone = options.alone ?? false;
    this.faulty = options.faulty ?? false;
    this.nested = options.nested ?? false;
    this.isolate = options.isolate ?? false;
    this.size = options.size ?? 0;
  }

  get waiting(): boolean {
    return this.place === 'queue';
  }
}

/** A lane whose thread is the test: nothing begins or ends by itself. */
export class SimLane implements SchedulerLane<SimTask> {
  readonly id: number;
  readonly capacity: number;
  /** In the order they were sent. */
  readonly tasks: SimTask[] = [];
  /** Batches as they were sent, by number. */
  readonly sent: number[][] = [];
  retiring = false;
  /** It was sent nothing yet. */
  fresh = true;
  /** A tick took back what waited behind something slow; ends with the next outcome. */
  stalled = false;
  /** The same where it had begun nothing. */
  late = false;
  readonly #world: SchedulerWorld;

  constructor(world: SchedulerWorld, id: number, capacity: number) {
    this.#world = world;
    this.id = id;
    this.capacity = capacity;
  }

  get inFlight(): number {
    return this.tasks.length;
  }

  send(tasks: readonly SimTask[]): void {
    this.sent.push(tasks.map((task) => task.number));
    for (const task of tasks) {
      this.#world.checkSent(this, task);
      task.place = 'lane';
      this.tasks.push(task);
      if (task.isolate) this.retiring = true;
    }
    this.fresh = false;
    for (const task of tasks.filter(({ faulty }) => faulty)) this.#refuse(task);
  }

  #refuse(task: SimTask): void {
    this.remove(task);
    task.place = 'done';
    this.#world.scheduler.taskLeft(this, task);
    this.#world.later(() => this.#world.progressed(this));
  }

  recall(limit: number): readonly SimTask[] {
    const recalled: SimTask[] = [];
    while (recalled.length < limit) {
      const task = this.tasks.at(-1);
      if (task === undefined || task.begun || task.alone) break;
      this.tasks.pop();
      task.place = 'queue';
      task.returned = true;
      recalled.push(task);
    }
    if (this.#world.ticking) this[this.hasBegun ? 'stalled' : 'late'] = true;
    if (this.busy === 0) this.free();
    return recalled;
  }

  /** The thread begins the next task, in order, if it may run one more. */
  begin(): SimTask | undefined {
    const next = this.tasks.find(({ begun }) => !begun);
    const running = this.begun.filter(({ parked }) => !parked).length;
    if (next === undefined || running >= this.#world.concurrency) return undefined;
    next.begun = true;
    next.runs++;
    return next;
  }

  free(): void {
    this.stalled = false;
    this.late = false;
  }

  get hasBegun(): boolean {
    return this.begun.some(({ parked }) => !parked);
  }

  get begun(): SimTask[] {
    return this.tasks.filter(({ begun }) => begun);
  }

  /** Tasks that hold a place, or wait for one. */
  get busy(): number {
    return this.tasks.filter(({ parked }) => !parked).length;
  }

  get parked(): number {
    return this.inFlight - this.busy;
  }

  remove(task: SimTask): void {
    this.tasks.splice(this.tasks.indexOf(task), 1);
    task.begun = false;
  }
}

/** What a world is made with. */
export interface WorldOptions {
  readonly maxLanes?: number;
  readonly concurrency?: number;
  readonly capacity?: number;
  /** As many as anybody wants, when not given. */
  readonly cores?: number;
}

/** A scheduler among simulated lanes and a simulated clock; the test plays the rest of the runtime. */
export class SchedulerWorld {
  readonly scheduler: Scheduler<SimTask>;
  readonly concurrency: number;
  readonly maxLanes: number;
  readonly capacity: number;
  readonly lanes: SimLane[] = [];
  readonly tasks: SimTask[] = [];
  nowMs = 0;
  /** Lanes asked for and not yet there. */
  opening = 0;
  tickRequested = false;
  ticking = false;
  #laneIds = 0;
  #later: (() => void)[] = [];

  constructor({ maxLanes = 2, concurrency = 1, capacity = 1024, cores = Number.POSITIVE_INFINITY }: WorldOptions = {}) {
    this.maxLanes = maxLanes;
    this.concurrency = concurrency;
    this.capacity = capacity;
    this.scheduler = new Scheduler<SimTask>(
      { maxLanes, concurrency, cores },
      {
        requestFlush: () => this.later(() => this.scheduler.flush()),
        openLane: () => void this.opening++,
        replaceLane: (lane) => this.close(lane as SimLane),
        requestTick: () => {
          if (this.tickRequested) throw new Error('a tick was requested twice');
          this.tickRequested = true;
        },
        now: () => this.nowMs,
      },
    );
  }

  /** Runs at the end of the present turn, as a microtask would. */
  later(callback: () => void): void {
    this.#later.push(callback);
  }

  /** Ends the turn: everything put off happens, in order. */
  turn(): void {
    for (let next = this.#later.shift(); next !== undefined; next = this.#later.shift()) next();
  }

  submit(options: ConstructorParameters<typeof SimTask>[1] = {}): SimTask {
    const task = new SimTask(this.tasks.length, options);
    this.tasks.push(task);
    this.scheduler.submit(task);
    return task;
  }

  submitAll(count: number, options: ConstructorParameters<typeof SimTask>[1] = {}): SimTask[] {
    const tasks = Array.from({ length: count }, () => this.submit(options));
    this.turn();
    return tasks;
  }

  /** A thread has started: one that the scheduler asked for, or one more. */
  openLane(): SimLane {
    if (this.opening === 0) this.scheduler.laneOpening();
    else this.opening--;
    const lane = new SimLane(this, this.#laneIds++, this.capacity);
    this.lanes.push(lane);
    this.scheduler.laneOpened(lane);
    this.turn();
    return lane;
  }

  begin(lane: SimLane): SimTask | undefined {
    return lane.begin();
  }

  /** Outcomes of begun tasks arrive in one message. */
  finish(lane: SimLane, ...tasks: readonly SimTask[]): void {
    for (const task of tasks) {
      lane.remove(task);
      task.place = 'done';
      this.scheduler.taskLeft(lane, task);
    }
    this.progressed(lane);
    this.turn();
  }

  /** A begun task waits for a child. */
  park(lane: SimLane, task: SimTask): void {
    lane.free();
    this.scheduler.park(lane, task);
    this.turn();
  }

  unpark(lane: SimLane, task: SimTask): void {
    this.scheduler.unpark(lane, task);
    this.turn();
  }

  progressed(lane: SimLane): void {
    lane.free();
    this.scheduler.progressed(lane);
    if (lane.retiring && lane.inFlight === 0) this.close(lane);
  }

  /** A waiting task is cancelled. */
  withdraw(task: SimTask): void {
    task.place = 'done';
    this.scheduler.withdrawn(task);
    this.turn();
  }

  /** A task that was sent and has not begun is cancelled. */
  takeBack(lane: SimLane, task: SimTask): void {
    lane.remove(task);
    task.place = 'done';
    this.scheduler.taskLeft(lane, task);
    this.progressed(lane);
    this.turn();
  }

  /** A task that was sent and has not begun is taken back by somebody else: it waits again. */
  giveBack(lane: SimLane, task: SimTask): void {
    lane.remove(task);
    task.place = 'queue';
    task.returned = true;
    if (lane.busy === 0) lane.free();
    this.scheduler.taskLeft(lane, task);
    this.scheduler.resubmit([task]);
    if (lane.inFlight === 0) this.progressed(lane);
    this.turn();
  }

  retire(lane: SimLane): number {
    lane.retiring = true;
    const before = lane.inFlight;
    const returned = this.scheduler.retire(lane);
    if (returned !== before - lane.inFlight) throw new Error('a retired lane gave back something else than what it had not begun');
    if (lane.inFlight === 0) this.close(lane);
    this.turn();
    return returned;
  }

  /** The lane is gone; what it had not begun is waiting again. Answers what was lost with it. */
  lose(lane: SimLane): SimTask[] {
    this.scheduler.retire(lane);
    this.close(lane);
    const lost = lane.tasks.splice(0);
    for (const task of lost) {
      task.place = 'done';
      task.begun = false;
    }
    this.turn();
    return lost;
  }

  close(lane: SimLane): void {
    const index = this.lanes.indexOf(lane);
    if (index === -1) return;
    this.lanes.splice(index, 1);
    this.scheduler.laneClosed(lane);
  }

  /** Time passes; the tick comes if it was asked for. */
  advance(ms: number): void {
    this.nowMs += ms;
    if (!this.tickRequested) return;
    this.tickRequested = false;
    this.ticking = true;
    this.scheduler.tick();
    this.ticking = false;
    this.turn();
  }

  /** Called for each task as it is sent; the model adds its checks. */
  checkSent(lane: SimLane, task: SimTask): void {
    if (task.place !== 'queue') throw new Error(`task ${task.number} was sent to lane ${lane.id} from ${task.place}`);
    if (lane.inFlight >= lane.capacity) throw new Error(`lane ${lane.id} was sent more than its ${lane.capacity}`);
    if (task.isolate && !(lane.fresh && lane.inFlight === 0))
      throw new Error(`task ${task.number} was sent to lane ${lane.id}, which is not fresh`);
    if (lane.retiring && !this.lastResort(task)) throw new Error(`task ${task.number} was sent to lane ${lane.id}, which retires`);
  }

  /** Whether a task may go to a lane that retires: it belongs to one that has begun, and no lane serves or will. */
  lastResort(task: SimTask): boolean {
    return task.nested && this.lanes.every(({ retiring }) => retiring) && this.opening === 0;
  }
}
