import type { Task } from '../task.ts';
import type { TimeLimit } from './explanation.ts';
import type { RuntimeView } from './view.ts';

/** A limit that holds, or none: `Infinity` is no limit. */
export function limit(option: TimeLimit['option'], limitMs: number, spentMs: number): TimeLimit[] {
  return limitMs === Number.POSITIVE_INFINITY ? [] : [{ option, limitMs, leftMs: limitMs - spentMs }];
}

/** The limits of a whole task, whatever it does. */
export function wholeLimits({ options, deadlineMs, startedMs }: Task, { clock }: RuntimeView): TimeLimit[] {
  if (deadlineMs === Number.POSITIVE_INFINITY) return [];
  const isTotal = startedMs + options.totalTimeoutMs <= deadlineMs;
  const limitMs = deadlineMs - startedMs;
  return [{ option: isTotal ? 'totalTimeoutMs' : 'deadline', limitMs, leftMs: deadlineMs - clock.now() }];
}

/** Of a task that waits for a lane. */
export function queueLimit(task: Task, waitsSinceMs: number | undefined, { clock }: RuntimeView): TimeLimit[] {
  const { queueTimeoutMs } = task.options;
  const sinceMs = task.attempts === 0 && task.startedMs > 0 ? task.startedMs : waitsSinceMs;
  return sinceMs === undefined ? [] : limit('queueTimeoutMs', queueTimeoutMs, clock.now() - sinceMs);
}

/** The one that ends soonest first. */
export function soonestFirst(limits: readonly TimeLimit[]): TimeLimit[] {
  return [...limits].sort((a, b) => a.leftMs - b.leftMs);
}
