import type { TaskStatus } from '@heddle/core';
import { AgentRun } from '../agent/agent-run.ts';
import type { Clock } from '../clock.ts';
import { CoroutineRun } from '../coroutine/coroutine-run.ts';
import type { Dispatcher } from '../dispatcher.ts';
import { LOADING } from '../lane/claims.ts';
import type { Lane } from '../lane/lane.ts';
import { actionEntryOf, packOf } from '../pack/pack.ts';
import type { Task } from '../task.ts';
import { statusOf } from '../task-ref.ts';
import type { InspectedLane, InspectedTask, TaskKind } from './inspection.ts';

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

/** The lanes of a dispatcher, and what runs on them. */
export function lanesOf(dispatcher: Dispatcher, stateful: boolean, clock: Clock): InspectedLane[] {
  const { idPrefix, keeper, packs } = dispatcher;
  const nowMs = clock.now();
  return [...keeper].map((lane) => ({
    threadId: lane.threadId,
    stateful,
    inFlight: lane.inFlight + packs.uncountedOn(lane),
    settled: lane.settled,
    running: runningOn(lane).map((task) => viewOf(task, idPrefix, nowMs)),
  }));
}

function runningOn(lane: Lane): Task[] {
  return lane.tasks().filter((task) => lane.state(task) === 'begun' || packOf(task) !== undefined);
}

/** As its thread says in shared memory. */
function runningMs(task: Task, nowMs: number): number | undefined {
  const { lane } = task;
  if (lane === undefined || lane.state(task) !== 'begun') return undefined;
  const startedMs = lane.startedMs(task);
  // Both cut to 32 bits, so that the difference is right across the wrap.
  return startedMs === LOADING ? undefined : Math.max(0, ((nowMs | 0) - startedMs) | 0);
}
