import type { Estimate } from './estimate.ts';
import type { Queueable } from './queue.ts';

/** What the scheduler needs to know of a task. */
export interface Schedulable extends Queueable {
  readonly estimate: Estimate;
  /** Must not wait on a lane: it carries what was transferred. */
  readonly alone: boolean;
  /** Must have a fresh lane, and nobody beside it there. */
  readonly isolate: boolean;
  /** The scheduler's own note: it waits on its lane for a child, and its place there is free. */
  parked: boolean;
  /** The scheduler's own note, from sending to leaving: the estimate it was sent with, or −1 when it was not known to be tiny. */
  weight: number;
}

/** What the scheduler needs of a lane: a way to send to it and to take back. Answers are immediate; nothing here waits for a thread. */
export interface SchedulerLane<T> {
  send(tasks: readonly T[]): void;
  /** Takes back tasks that have not begun, newest first, at most `limit`; they wait again. */
  recall(limit: number): readonly T[];
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
}
