import type { HeddleError, Outcome } from '@heddle/core';
import type { ActionEntry } from './action-table.ts';
import type { Timer } from './clock.ts';
import type { Lane } from './lane/lane.ts';
import type { Carried } from './propagation/carrier.ts';
import type { Estimate } from './scheduler/estimate.ts';
import type { Schedulable } from './scheduler/ports.ts';
import type { TaskClocks } from './task-clocks.ts';
import type { ParsedTaskOptions } from './task-options.ts';
import type { TaskTracer } from './telemetry/task-tracer.ts';

/**
 * Where a task stands, as the host knows it.
 *
 * ```
 *            send                    outcome, no retry
 *  queued ─────────▶ sent ───────────────────────────▶ settled
 *    ▲ ▲    recall    │ │ outcome, retry                  ▲
 *    │ └──────────────┘ └────────▶ retrying ──(cancel)────┤
 *    │                     backoff    │                   │
 *    └────────────────────────────────┘                   │
 *  queued ──(cancel)──────────────────────────────────────┤
 *  sent ──(cancel or timeout, begun)──▶ ending ───────────┘
 * ```
 */
export type TaskPhase = 'queued' | 'sent' | 'ending' | 'retrying' | 'settled';

/** Called once with the outcome. Must not throw. */
export type Waiter = (outcome: Outcome) => void;

/** The host's record of one task. A class, because a million of them stand in a queue: one shape, no closures. */
export class Task implements Schedulable {
  readonly number: number;
  readonly entry: ActionEntry;
  readonly options: ParsedTaskOptions;
  /** By reference until the task settles; then let go. */
  params: unknown;
  context: unknown;
  /** What the runtime's propagators captured when it was started; goes with every attempt. */
  carried: Carried | undefined = undefined;
  /** Only when its start was published: then its end is. */
  trace: TaskTracer | undefined = undefined;
  phase: TaskPhase = 'queued';
  weight = 0;
  /** Attempts begun, as far as the host knows: one taken back does not count. */
  attempts = 0;
  /** While `sent` or `ending`. */
  lane: Lane | undefined = undefined;
  slot = -1;
  /** While `ending`: what it will have ended with. */
  ending: HeddleError | undefined = undefined;
  /** It was cancelled when its attempt was over or about to be: it is not tried again, whatever the outcome. */
  lastAttempt = false;
  /** The backoff while `retrying`, the grace while `ending`. */
  timer: Timer | undefined = undefined;
  /** When it was started, on the process-wide clock; kept only where a clock needs it. */
  startedMs = 0;
  /** When it must be done, on the process-wide clock: the earlier of its total time and its deadline. */
  deadlineMs: number = Number.POSITIVE_INFINITY;
  /** The clocks that outlive an attempt; only for tasks that have such limits. */
  clocks: TaskClocks | undefined = undefined;
  /** The failure that it is retrying after. */
  lastError: HeddleError | undefined = undefined;
  /** When the watch first saw its module still loading. */
  loadingSinceMs: number | undefined = undefined;
  outcome: Outcome | undefined = undefined;
  durationUs: number | undefined = undefined;
  threadId: number | undefined = undefined;
  progress: unknown = undefined;
  // One waiter is the rule; a list only where there are more.
  #waiters: Waiter | Waiter[] | undefined = undefined;

  constructor(number: number, entry: ActionEntry, options: ParsedTaskOptions, params: unknown, context: unknown) {
    this.number = number;
    this.entry = entry;
    this.options = options;
    this.params = params;
    this.context = context;
  }

  get priority(): number {
    return this.options.priority;
  }

  get estimate(): Estimate {
    return this.entry.estimate;
  }

  get alone(): boolean {
    return this.options.transfer !== undefined;
  }

  get waiting(): boolean {
    return this.phase === 'queued';
  }

  addWaiter(waiter: Waiter): void {
    if (this.#waiters === undefined) this.#waiters = waiter;
    else if (Array.isArray(this.#waiters)) this.#waiters.push(waiter);
    else this.#waiters = [this.#waiters, waiter];
  }

  removeWaiter(waiter: Waiter): void {
    if (this.#waiters === waiter) this.#waiters = undefined;
    else if (Array.isArray(this.#waiters)) this.#waiters = this.#waiters.filter((other) => other !== waiter);
  }

  /** The one way to the end. Tells every waiter, once, and lets go of what the caller gave. */
  settle(outcome: Outcome): void {
    this.phase = 'settled';
    this.outcome = outcome;
    this.params = undefined;
    this.context = undefined;
    this.carried = undefined;
    this.lane = undefined;
    this.ending = undefined;
    this.lastError = undefined;
    this.timer?.cancel();
    this.timer = undefined;
    this.clocks?.stop();
    this.clocks = undefined;
    const waiters = this.#waiters;
    this.#waiters = undefined;
    if (typeof waiters === 'function') waiters(outcome);
    else for (const waiter of waiters ?? []) waiter(outcome);
  }
}
