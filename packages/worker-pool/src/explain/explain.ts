import type { PackedItem } from '../pack/pack-host.ts';
import type { Task } from '../task.ts';
import type { TaskExplanation } from './explanation.ts';
import { soonestFirst, wholeLimits } from './limits.ts';
import { type Place, placeOf } from './place.ts';
import type { Standing } from './standing.ts';
import { type RuntimeView, since } from './view.ts';

type Who = Pick<TaskExplanation, 'kind' | 'id' | 'action' | 'tag' | 'parent' | 'children' | 'attempts' | 'maxAttempts'>;

/** Where a task stands, or what it stands for. Looks, and changes nothing. */
export function explainTask(task: Task, view: RuntimeView): TaskExplanation {
  const standing = task.phase === 'hosted' ? task.host?.standing() : undefined;
  return standing === undefined ? explainPlain(task, view) : explainHosted(task, standing, view);
}

function explainPlain(task: Task, view: RuntimeView): TaskExplanation {
  const who = whoIs(task, view);
  const { clock, main } = view;
  const { mark, lastError, outcome } = task;
  switch (task.phase) {
    case 'retrying': {
      const leftMs = (mark?.dueMs ?? 0) - clock.now();
      const reason = `attempt ${task.attempts} failed, and its backoff is not over: ${lastError?.message}`;
      const backoff = { option: 'backoffMs', limitMs: (mark?.dueMs ?? 0) - (mark?.sinceMs ?? 0), leftMs } as const;
      const limits = soonestFirst([...wholeLimits(task, view), backoff]);
      // It came to `retrying` with the failure that it is retried after.
      const error = lastError as NonNullable<typeof lastError>;
      return { ...who, state: 'retrying', lastError: error, nextAt: clock.wall() + leftMs, reason, ...since(view, mark?.sinceMs), limits };
    }
    case 'compensating': {
      const run = main.compensationOf(task);
      const compensation = run === undefined ? undefined : explainPlain(run, view);
      const reason = 'it failed for good, and the `onError` of its action makes it good';
      return { ...who, state: 'compensating', compensation, reason, ...since(view, mark?.sinceMs), limits: [] };
    }
    case 'settled':
    case 'hosted':
      // It has just ended, where nothing of it is left to ask.
      return settled(who, outcome, view);
    default:
      return at(who, placeOf(task, main, view), wholeLimits(task, view));
  }
}

function settled(who: Who, outcome: Task['outcome'], view: RuntimeView): TaskExplanation {
  const reason = outcome === undefined ? 'it is ending' : outcome.ok ? 'it has ended well' : outcome.error.message;
  if (outcome === undefined)
    return { ...who, state: 'cancelling', lane: undefined, error: undefined, reason, ...since(view, undefined), limits: [] };
  return { ...who, state: 'settled', outcome, reason, ...since(view, undefined), limits: [] };
}

function explainHosted(task: Task, standing: Standing, view: RuntimeView): TaskExplanation {
  const { kind, step, reason, stoppedMs, ending, restLimitMs } = standing;
  const own = whoIs(task, view);
  const parent = standing.parent ?? own.parent;
  const started = [...(step?.children?.values() ?? [])].map((child) => view.idOf(child.task));
  const who: Who = { ...own, kind, parent, children: [...standing.children, ...started], attempts: Math.max(own.attempts, begunOf(step)) };
  const whole = wholeLimits(task, view);
  if (step !== undefined && view.stateful !== undefined) {
    const place = placeOf(step, view.stateful, view);
    const what = place.state === 'running' ? `${place.reason}; ${reason}` : place.reason;
    const asked = standing.state === 'cancelling' && place.state !== 'cancelling';
    if (asked) return cancellingOf(who, place, ending, whole);
    return at(who, { ...place, reason: what }, whole);
  }
  const rest = restLimitMs === Number.POSITIVE_INFINITY || stoppedMs === undefined ? [] : restLimit(restLimitMs, stoppedMs, view);
  const lane = task.threadId;
  const limits = soonestFirst([...whole, ...rest]);
  if (standing.state === 'suspended') return { ...who, state: 'suspended', lane, reason, ...since(view, stoppedMs), limits };
  const why = ending === undefined ? reason : `it is to end: ${ending.message}`;
  return { ...who, state: 'cancelling', lane, error: ending, reason: why, ...since(view, undefined), limits };
}

function restLimit(limitMs: number, stoppedMs: number, { clock }: RuntimeView): TaskExplanation['limits'] {
  return [{ option: 'suspendTimeoutMs', limitMs, leftMs: stoppedMs + limitMs - clock.now() }];
}

/** It cleans up after somebody has asked for its end. */
function cancellingOf(
  who: Who,
  { sinceMs, since: from, limits, lane }: Place,
  error: Standing['ending'],
  whole: TaskExplanation['limits'],
): TaskExplanation {
  const reason = `it is to end, and cleans up: ${error?.message}`;
  return { ...who, state: 'cancelling', lane, error, reason, sinceMs, since: from, limits: soonestFirst([...whole, ...limits]) };
}

function at(who: Who, place: Place, whole: TaskExplanation['limits']): TaskExplanation {
  return { ...who, ...place, limits: soonestFirst([...whole, ...place.limits]) };
}

function whoIs(task: Task, view: RuntimeView): Who {
  return {
    kind: 'task',
    id: view.idOf(task),
    action: task.entry.action.name,
    tag: task.options.tag,
    parent: task.parent === undefined ? undefined : view.idOf(task.parent),
    children: [...(task.children?.values() ?? [])].map((child) => view.idOf(child.task)),
    attempts: begunOf(task),
    maxAttempts: task.options.maxRetries + 1,
  };
}

/** Attempts that began: one that was sent ahead is counted by its task, and may be taken back. */
function begunOf(task: Task | undefined): number {
  if (task === undefined) return 0;
  return task.lane?.state(task) === 'sent' ? task.attempts - 1 : task.attempts;
}

/** Where an item of a map stands that travels with others. */
export function explainItem({ pack, item }: PackedItem, view: RuntimeView): TaskExplanation {
  const { task, plan, firstKey } = pack;
  const { claimed, ended } = pack.frame?.progress ?? { claimed: 0, ended: 0 };
  const begins = task.phase === 'sent' && item < claimed;
  const own: Who = { ...whoIs(task, view), id: view.idPrefix + (firstKey + item), attempts: begins ? 1 : 0 };
  const whole = wholeLimits(task, view);
  const place = placeOf(task, view.main, view);
  if (place.state === 'queued') return at(own, { ...place, ahead: place.ahead + item }, whole);
  if (place.state !== 'running') return at(own, place, whole);
  const { lane } = place;
  if (item < ended) return at(own, { ...place, reason: `it has ended on lane ${lane}, and its outcome is on its way` }, whole);
  if (begins) return at(own, place, whole);
  const reason = `lane ${lane} runs \`${plan.entry.action.name}\`, item after item; ${item - claimed} are before it`;
  const { sinceMs, since: from } = since(view, undefined);
  return at(
    own,
    { state: 'queued', place: 'lane', lane, ahead: item - claimed, behind: [], reason, sinceMs, since: from, limits: [] },
    whole,
  );
}
