import { busyOn, type LaneState, weightOf } from './lane-load.ts';
import type { Schedulable, WaitLine } from './ports.ts';

/** About how much work a lane should hold. Microseconds. */
const BUDGET_US = 1000;
/** Tasks that may wait on one lane for their children before nothing but children is begun there. */
export const MAX_PARKED = 64;

/** What bounds one batch, beside the lane's budget and its room. */
export interface BatchLimits {
  readonly concurrency: number;
  /** Tasks at the most. */
  readonly share: number;
  /** The lane is given only what belongs to tasks that have begun. */
  readonly nestedOnly: boolean;
}

/** Takes off the queue what goes to a lane now: what it can begin at once, and beyond that what is tiny, a millisecond of it. */
export function takeBatch<T extends Schedulable>(queue: WaitLine<T>, state: LaneState<T>, limits: BatchLimits): T[] {
  const { concurrency, share } = limits;
  const nestedOnly = limits.nestedOnly || state.parked >= MAX_PARKED;
  const batch: T[] = [];
  let { loadUs, long } = state;
  let count = busyOn(state);
  for (let task = queue.peek(nestedOnly); task !== undefined && batch.length < share; task = queue.peek(nestedOnly)) {
    const weight = weightOf(task);
    if (count + state.parked >= state.lane.capacity || (nestedOnly && !task.nested)) break;
    if (count >= concurrency && (weight < 0 || long > 0 || loadUs + weight > BUDGET_US)) break;
    queue.shift(nestedOnly);
    batch.push(task);
    count++;
    if (weight < 0) long++;
    else loadUs += weight;
  }
  return batch;
}
