import type { HeddleError } from '@heddle/core';
import type { Clock, Timer } from './clock.ts';
import type { Task } from './task.ts';
import { deadlineError, queueTimeoutError, timeoutError, totalTimeoutError } from './task-error.ts';
import type { ParsedTaskOptions } from './task-options.ts';

/** What a clock does when it runs out. */
export interface ClockEffects {
  /** Ends a task, wherever it stands, for good. */
  expire(task: Task, error: HeddleError): void;
  /** Ends a task only if its next attempt has not begun. */
  leaveQueue(task: Task, error: HeddleError): void;
}

/**
 * The clocks of one task that outlive an attempt: total time, deadline, time in the queue. The attempt's own is the lane's `Watch`.
 * Made only for tasks that have such limits. Each gives a result that is already here one turn of the loop. Source: SEMANTICS.
 */
export class TaskClocks {
  readonly #clock: Clock;
  readonly #task: Task;
  readonly #effects: ClockEffects;
  #whole: Timer | undefined;
  #queue: Timer | undefined;

  constructor(clock: Clock, task: Task, effects: ClockEffects) {
    this.#clock = clock;
    this.#task = task;
    this.#effects = effects;
    if (task.deadlineMs === Number.POSITIVE_INFINITY) return;
    this.#whole = clock.after(Math.max(0, task.deadlineMs - clock.now()), () => clock.turn(() => this.#expire()));
  }

  /** It waits for a thread from now on. */
  queued(): void {
    const { queueTimeoutMs } = this.#task.options;
    this.#queue?.cancel();
    if (queueTimeoutMs !== Number.POSITIVE_INFINITY)
      this.#queue = this.#clock.after(queueTimeoutMs, () => this.#clock.turn(() => this.#leaveQueue()));
  }

  stop(): void {
    this.#whole?.cancel();
    this.#queue?.cancel();
  }

  #expire(): void {
    if (this.#task.phase !== 'settled') this.#effects.expire(this.#task, wholeError(this.#task));
  }

  #leaveQueue(): void {
    const { phase, entry, options, lastError } = this.#task;
    if (phase === 'queued' || phase === 'sent')
      this.#effects.leaveQueue(this.#task, queueTimeoutError(entry.action.name, options.queueTimeoutMs, lastError));
  }
}

/** Whether a task needs clocks of its own. */
export function hasClocks({ totalTimeoutMs, queueTimeoutMs, deadline }: ParsedTaskOptions): boolean {
  return (
    totalTimeoutMs !== Number.POSITIVE_INFINITY || queueTimeoutMs !== Number.POSITIVE_INFINITY || deadline !== Number.POSITIVE_INFINITY
  );
}

/** When a task must be done, on the process-wide clock. `wallMs` is now, since the epoch. */
export function deadlineOf({ totalTimeoutMs, deadline }: ParsedTaskOptions, nowMs: number, wallMs: number): number {
  return Math.min(nowMs + totalTimeoutMs, nowMs + deadline - wallMs);
}

/** Why a task has no time to begin at all, if so: a limit of 0, a deadline that has passed. */
export function spentError(action: string, options: ParsedTaskOptions, clock: Pick<Clock, 'wall'>): HeddleError | undefined {
  if (options.timeoutMs === 0) return timeoutError(action, 0);
  if (options.totalTimeoutMs === 0) return totalTimeoutError(action, 0, undefined);
  if (options.queueTimeoutMs === 0) return queueTimeoutError(action, 0, undefined);
  // Most have none, and need no look at the clock.
  if (options.deadline === Number.POSITIVE_INFINITY) return undefined;
  return options.deadline <= clock.wall() ? deadlineError(action, options, undefined) : undefined;
}

/** Which of the two ends it: the one that comes first. */
function wholeError({ entry, options, startedMs, deadlineMs, lastError }: Task): HeddleError {
  const { name } = entry.action;
  if (startedMs + options.totalTimeoutMs <= deadlineMs) return totalTimeoutError(name, options.totalTimeoutMs, lastError);
  return deadlineError(name, options, lastError);
}
