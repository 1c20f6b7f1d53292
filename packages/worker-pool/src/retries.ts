import type { HeddleError } from '@heddle/core';
import type { Clock } from './clock.ts';
import { backoffMs, shouldRetry } from './retry.ts';
import type { Task } from './task.ts';

/** What is asked of the dispatcher. */
export interface RetryEffects {
  /** The backoff is over. */
  again(task: Task): void;
  /** Calls the task's `retryIf`; `undefined` when it threw. */
  guard(callback: string, task: Task, call: () => boolean): boolean | undefined;
}

/** Failed tasks that are tried again: whether, and when. On the host alone, so that a backoff holds no lane. Source: SEMANTICS R-6. */
export class Retries implements Iterable<Task> {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #effects: RetryEffects;
  // Invariant: holds exactly the tasks whose phase is `retrying`.
  readonly #waiting = new Set<Task>();

  constructor(clock: Clock, random: () => number, effects: RetryEffects) {
    this.#clock = clock;
    this.#random = random;
    this.#effects = effects;
  }

  get size(): number {
    return this.#waiting.size;
  }

  [Symbol.iterator](): Iterator<Task> {
    return this.#waiting.values();
  }

  /** Takes over a task whose attempt failed, if it is to be tried again; answers whether it did. */
  begin(task: Task, error: HeddleError): boolean {
    const waitMs = backoffMs(task.attempts, task.options, this.#random);
    // A retry that could not begin in time is no retry: the failure is told now.
    const nowMs = this.#clock.now();
    if (nowMs + waitMs >= task.deadlineMs || !this.#wants(task, error)) return false;
    task.timer?.cancel();
    task.phase = 'retrying';
    task.lastError = error;
    task.mark = { sinceMs: nowMs, dueMs: nowMs + waitMs };
    task.ending = undefined;
    task.loadingSinceMs = undefined;
    this.#waiting.add(task);
    task.timer = this.#clock.after(waitMs, () => {
      this.#waiting.delete(task);
      task.timer = undefined;
      task.mark = { sinceMs: this.#clock.now(), dueMs: undefined };
      task.trace?.ready();
      task.phase = 'queued';
      this.#effects.again(task);
    });
    return true;
  }

  /** A retry that waited no longer does. */
  left(task: Task): void {
    this.#waiting.delete(task);
  }

  #wants(task: Task, error: HeddleError): boolean {
    if (task.lastAttempt) return false;
    const wants = this.#effects.guard('retryIf', task, () => shouldRetry(error, task.attempts, task.options)) ?? false;
    // Asked again: a `retryIf` may itself cancel.
    return wants && !task.lastAttempt;
  }
}
