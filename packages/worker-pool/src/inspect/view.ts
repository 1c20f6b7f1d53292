import type { TaskStatus } from '@heddle/core';
import { AgentRun } from '../agent/agent-run.ts';
import { CoroutineRun } from '../coroutine/coroutine-run.ts';
import type { Dispatcher } from '../dispatcher.ts';
import { LOADING } from '../lane/claims.ts';
import { actionEntryOf } from '../pack/pack.ts';
import type { Task } from '../task.ts';
import { statusOf } from '../task-ref.ts';
import type { InspectedTask, LanePlace, TaskKind } from './inspection.ts';

/** What a task is. */
export function kindOfTask({ host, entry }: Task): TaskKind {
  if (host instanceof CoroutineRun || entry.role === 'coroutine' || entry.role === 'resume') return 'coroutine';
  if (host instanceof AgentRun || entry.role === 'agent') return 'agent';
  return host === undefined && entry.role !== 'stream' ? 'plain' : 'stream';
}

/** A task as it stands now. */
export function viewOf(task: Task, idPrefix: string, nowMs: number): InspectedTask {
  const { key, options, parent, attempts, threadId } = task;
  return {
    id: idPrefix + key,
    action: actionEntryOf(task).action.name,
    kind: kindOfTask(task),
    tag: options.tag,
    parentId: parent === undefined ? undefined : idPrefix + parent.key,
    status: statusNow(task),
    attempts,
    threadId,
    runningMs: runningMs(task, nowMs),
  };
}

function statusNow(task: Task): TaskStatus {
  if (!(task.host instanceof CoroutineRun)) return statusOf(task);
  const { state } = task.host;
  return state === 'computing' ? 'running' : state;
}

/** Where the threads of a dispatcher's lanes stand. */
export function placesOf(dispatcher: Dispatcher, stateful: boolean): LanePlace[] {
  return [...dispatcher.keeper.kept()].map(({ lane, place }) => ({ threadId: lane.threadId, index: place, stateful }));
}

/** As its thread says in shared memory. */
function runningMs(task: Task, nowMs: number): number | undefined {
  const { lane } = task;
  if (lane === undefined || lane.state(task) !== 'begun') return undefined;
  const startedMs = lane.startedMs(task);
  // Both cut to 32 bits, so that the difference is right across the wrap.
  return startedMs === LOADING ? undefined : Math.max(0, ((nowMs | 0) - startedMs) | 0);
}
