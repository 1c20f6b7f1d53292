import { OVERHEAD_US, TINY_US } from './estimate.ts';
import type { Schedulable, SchedulerLane } from './ports.ts';
import { LARGE_SIZE, VALUE_US } from './size.ts';

/** What the scheduler keeps of one lane. Its numbers are kept by `LaneBooks` alone. */
export interface LaneState<T> {
  readonly lane: SchedulerLane<T>;
  /** The estimated work of what is in flight. Microseconds. */
  loadUs: number;
  /** In flight and not known to be tiny. */
  long: number;
  /** When it last settled something, or was last given something while idle. */
  progressMs: number;
  /** On it, waiting for a child: they take none of its places. */
  parked: number;
  retiring: boolean;
  /**
   * Until something settles there. `slow`: it has met a slow task, and is given nothing. `late`: it has begun nothing of what it has, and is
   * given no more than it can run.
   */
  stalled: 'slow' | 'late' | false;
  idle: boolean;
  /** It has been given nothing yet. */
  fresh: boolean;
}

/**
 * What a task weighs while it is on a lane: its estimate and what its params take to be read, or −1 when it is not known to be tiny. What is
 * large keeps its lane busy before it begins, and is not worth being sent twice.
 */
export function weightOf(task: Schedulable): number {
  const { us } = task.estimate;
  return us === undefined || us > TINY_US || task.size > LARGE_SIZE || task.alone ? -1 : us + OVERHEAD_US + task.size * VALUE_US;
}

/** Tasks in flight that hold a place, or wait for one there. */
export function busyOn({ lane, parked }: LaneState<unknown>): number {
  return lane.inFlight - parked;
}

/** Whether something runs on the lane or waits there, all of it is tiny, and the lane serves. */
export function holdsTiny(state: LaneState<unknown>): boolean {
  return state.long === 0 && !state.stalled && !state.retiring && busyOn(state) > 0;
}
