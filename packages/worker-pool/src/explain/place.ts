import type { Dispatcher } from '../dispatcher.ts';
import { LOADING } from '../lane/claims.ts';
import type { Lane } from '../lane/lane.ts';
import { actionEntryOf } from '../pack/pack.ts';
import type { Task } from '../task.ts';
import type {
  CancellingExplanation,
  LoadingExplanation,
  ParkedExplanation,
  QueuedExplanation,
  RunningExplanation,
  TaskExplanation,
} from './explanation.ts';
import { begunOn } from './lane-task.ts';
import { limit, queueLimit } from './limits.ts';
import { aheadAtHost, hostReason, laneReason } from './queue-reason.ts';
import { beganMs, counted, type RuntimeView, since } from './view.ts';

/** What a place says of itself; who stands there is told elsewhere. */
type Of<E extends TaskExplanation> = Omit<E, Who>;
type Who = 'kind' | 'id' | 'action' | 'tag' | 'parent' | 'children' | 'attempts' | 'maxAttempts';

/** Where a task stands that waits for a lane or is on one. */
export type Place =
  | Of<QueuedExplanation>
  | Of<LoadingExplanation>
  | Of<RunningExplanation>
  | Of<ParkedExplanation>
  | Of<CancellingExplanation>;

/** Where a task stands among those that a dispatcher carries. Only while it waits, is on a lane, or has just come off one. */
export function placeOf(task: Task, carrier: Dispatcher, view: RuntimeView): Place {
  const { lane } = task;
  if (task.phase === 'ending') return cancelling(task, view);
  if (task.phase === 'queued') return atHost(task, carrier, view);
  if (lane === undefined) {
    const reason = 'its attempt has just ended';
    return { state: 'running', lane: task.threadId ?? 0, reason, ...since(view, undefined), limits: [] };
  }
  const claim = lane.state(task);
  if (claim === 'sent' || claim === 'recalled') return onLane(task, lane, view);
  const word = lane.startedMs(task);
  return word === LOADING ? loading(task, lane, view) : begun(task, lane, beganMs(view, word), view);
}

function atHost(task: Task, carrier: Dispatcher, view: RuntimeView): Place {
  const ahead = aheadAtHost(task, carrier);
  const waits = carrier.waitsSinceMs(task);
  const home = task.home === undefined ? undefined : [...carrier.keeper].find((lane) => lane === task.home);
  const lanes = home === undefined ? [...carrier.keeper] : [home];
  return {
    state: 'queued',
    place: 'host',
    lane: home?.threadId,
    ahead,
    behind: lanes.flatMap((lane) => begunOn(lane, view)),
    reason: home === undefined ? hostReason(task, ahead, carrier) : laneReason(home.threadId, ahead, begunOn(home, view)),
    ...since(view, waits),
    limits: queueLimit(task, waits, view),
  };
}

function onLane(task: Task, lane: Lane, view: RuntimeView): Place {
  const ahead = lane.aheadOf(task);
  const behind = begunOn(lane, view).filter(({ state }) => state !== 'ended');
  const waits = task.mark?.sinceMs ?? task.notedMs;
  return {
    state: 'queued',
    place: 'lane',
    lane: lane.threadId,
    ahead,
    behind,
    reason: laneReason(lane.threadId, ahead, behind),
    ...since(view, waits),
    limits: queueLimit(task, waits, view),
  };
}

function loading(task: Task, lane: Lane, view: RuntimeView): Place {
  const { module, name } = actionEntryOf(task).action;
  const seenMs = task.loadingSinceMs;
  return {
    state: 'loading',
    lane: lane.threadId,
    module,
    reason: `lane ${lane.threadId} is still loading the module of \`${name}\`, ${module}`,
    ...since(view, seenMs),
    limits: seenMs === undefined ? [] : limit('loadTimeoutMs', view.loadTimeoutMs, view.clock.now() - seenMs),
  };
}

function begun(task: Task, lane: Lane, startedMs: number, view: RuntimeView): Place {
  const { threadId } = lane;
  const limits = limit('timeoutMs', task.options.timeoutMs, view.clock.now() - startedMs);
  if (lane.state(task) === 'done') {
    const reason = `it has ended on lane ${threadId}, and its outcome is on its way`;
    return { state: 'running', lane: threadId, reason, ...since(view, startedMs), limits };
  }
  if (!task.parked) return { state: 'running', lane: threadId, reason: `lane ${threadId} runs it`, ...since(view, startedMs), limits };
  const count = task.children?.size ?? 0;
  const reason = count === 0 ? 'it waits for a child that is being started' : `it waits for ${counted(count, 'task')} below it`;
  return { state: 'parked', lane: threadId, reason, ...since(view, task.mark?.sinceMs), limits };
}

function cancelling({ lane, ending, mark }: Task, view: RuntimeView): Place {
  const { graceMs, clock } = view;
  const limits = mark?.dueMs === undefined ? [] : limit('graceMs', graceMs, graceMs - (mark.dueMs - clock.now()));
  const forced = limits.every(({ leftMs }) => leftMs <= 0);
  const where = lane === undefined ? 'it' : `lane ${lane.threadId}`;
  const reason = forced
    ? `${where} did not heed it within its grace, and its thread is being ended`
    : `${where} was asked to end it; its thread is ended when the grace is over`;
  return { state: 'cancelling', lane: lane?.threadId, error: ending, reason, ...since(view, mark?.sinceMs), limits };
}
