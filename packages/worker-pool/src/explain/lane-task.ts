import { LOADING } from '../lane/claims.ts';
import type { Lane } from '../lane/lane.ts';
import { packOf } from '../pack/pack.ts';
import type { Task } from '../task.ts';
import type { LaneTask } from './explanation.ts';
import { beganMs, type RuntimeView, since } from './view.ts';

/** What has begun on a lane and has not left it. */
export function begunOn(lane: Lane, view: RuntimeView): LaneTask[] {
  return lane.tasks().flatMap((task) => {
    const claim = lane.state(task);
    return claim === 'begun' || claim === 'done' ? [laneTask(task, lane, view)] : [];
  });
}

function laneTask(task: Task, lane: Lane, view: RuntimeView): LaneTask {
  const word = lane.startedMs(task);
  const loads = word === LOADING;
  const { sinceMs } = loads ? { sinceMs: undefined } : since(view, beganMs(view, word));
  const pack = packOf(task);
  const { claimed, ended } = pack?.frame?.progress ?? { claimed: 0, ended: 0 };
  const id = pack === undefined ? view.idOf(task) : view.idPrefix + (pack.firstKey + Math.max(0, claimed - 1));
  const state = stateOf(task, lane, loads);
  return { id, action: task.entry.action.name, state, sinceMs, ...(pack === undefined ? {} : { items: pack.end - ended }) };
}

function stateOf(task: Task, lane: Lane, loads: boolean): LaneTask['state'] {
  if (lane.state(task) === 'done') return 'ended';
  if (task.phase === 'ending') return 'cancelling';
  if (loads) return 'loading';
  return task.parked ? 'parked' : 'running';
}
