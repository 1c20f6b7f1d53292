import type { Estimate } from './estimate.ts';
import type { Queueable } from './queue.ts';

/** What the scheduler needs to know of a task. */
export interface Schedulable extends Queueable {
  /** Whose share of the lanes it takes, where that is asked. */
  readonly tenant?: string | undefined;
  /** The tenants' own note, while it is out: what is to be given back for it. */
  seat?: object | undefined;
  readonly estimate: Estimate;
  /** About how many values its params hold. */
  readonly size: number;
  /** Must not wait on a lane: it carries what was transferred. */
  readonly alone: boolean;
  /** Must have a fresh lane, and nobody beside it there. */
  readonly isolate: boolean;
  /** The scheduler's own note: it waits on its lane for a child, and its place there is free. */
  parked: boolean;
  /** The scheduler's own note, from sending to leaving: the estimate it was sent with, or −1 when it was not known to be tiny. */
  weight: number;
}

/** Tasks that wait for a lane, in the order they go out. `nestedOnly`: the next of those that belong to a task which has begun. */
export interface WaitLine<T> extends Iterable<T> {
  /** Those that may go out now. */
  readonly size: number;
  /** Those that may not. */
  readonly held: number;
  push(task: T): void;
  /** Puts a task back before all others that it may stand beside: it was out already. */
  unshift(task: T): void;
  /** Others of the same kind take the place of a task that waits. */
  replace(task: T, others: readonly T[]): void;
  /** The next task, left where it is; with `nestedOnly` it may be one that is not, where such go first anyway. */
  peek(nestedOnly: boolean): T | undefined;
  shift(nestedOnly: boolean): T | undefined;
  /** Says that a task no longer waits; its `waiting` must be false by now. */
  withdrawn(task: T): void;
  /** Who goes when the queue drops its oldest. */
  oldest(): T | undefined;
}

/** What the scheduler needs of a lane: a way to send to it and to take back. Answers are immediate; nothing here waits for a thread. */
export interface SchedulerLane<T> {
  /** Steps of coroutines and other tasks do not go together. */
  send(tasks: readonly T[]): void;
  /** Takes back tasks that have not begun, newest first, at most `limit`; they wait again. */
  recall(limit: number): readonly T[];
  /** Whether one of its tasks has begun and does not wait for a child. */
  readonly hasBegun: boolean;
  /** Tasks on it that have not settled. Kept by the lane. */
  readonly inFlight: number;
  readonly capacity: number;
}

/** What the scheduler asks of its surroundings. */
export interface SchedulerEffects<T> {
  /** Have {@link Scheduler.flush} called once the caller's current work is done. */
  requestFlush(): void;
  /** Open one more lane. */
  openLane(): void;
  /** Close a lane that has nothing on it: a fresh one is needed in its place. */
  replaceLane(lane: SchedulerLane<T>): void;
  /** Have {@link Scheduler.tick} called in a little while. */
  requestTick(): void;
  now(): number;
}

/** What the scheduler is told once. */
export interface SchedulerOptions {
  readonly maxLanes: number;
  /** Tasks that may run on a lane at once. */
  readonly concurrency: number;
  /** Lanes that can really run at once. */
  readonly cores: number;
}

/** Who decides which task goes to which lane, as the rest of the runtime knows it. */
export interface LaneScheduler<T extends Schedulable> {
  /** Tasks that wait. */
  readonly queued: number;
  readonly waiting: Iterable<T>;
  readonly lanes: number;
  readonly opening: number;
  /** Lanes with nothing on them. */
  readonly idle: number;
  readonly maxLanes: number;
  /** Whether one more lane may be opened. */
  readonly canGrow: boolean;
  /** Whether what waits would never begin. */
  readonly stuck: boolean;
  /** Tasks that wait on their lanes for children. */
  readonly parked: number;
  submit(task: T): void;
  /** Tasks come back that were out: before all others. The newest is the first of them. */
  resubmit(tasks: readonly T[]): void;
  /** Others take the place of a task that waits. */
  replace(task: T, others: readonly T[]): void;
  withdrawn(task: T): void;
  oldest(): T | undefined;
  flush(): void;
  tick(): void;
  laneOpening(): void;
  laneOpened(lane: SchedulerLane<T>): void;
  laneFailed(): void;
  laneClosed(lane: SchedulerLane<T>): void;
  /** The lane gets nothing new; answers how many tasks came back. */
  retire(lane: SchedulerLane<T>): number;
  /** Whether a lane is one of its own: a spare is not yet, one that is being ended no longer. */
  knows(lane: SchedulerLane<T>): boolean;
  /** Whether a lane gets nothing new, so that it may end once it is idle. */
  retires(lane: SchedulerLane<T>): boolean;
  reserve(count: number): void;
  taskLeft(lane: SchedulerLane<T>, task: T): void;
  progressed(lane: SchedulerLane<T>): void;
  park(lane: SchedulerLane<T>, task: T): void;
  unpark(lane: SchedulerLane<T>, task: T): void;
}
