import type { HeddleError, Outcome, ParentDeathPolicy } from '@heddle/core';
import type { ActionEntry } from './action-table.ts';
import type { Timer } from './clock.ts';
import type { Lane } from './lane/lane.ts';
import type { OwnerNode } from './owner-node.ts';
import type { Carried } from './propagation/carrier.ts';
import type { Estimate } from './scheduler/estimate.ts';
import type { Schedulable, SchedulerLane } from './scheduler/ports.ts';
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
 *
 * One that stands for a coroutine or a stream is `hosted` from start to end: its steps are tasks of their own.
 * A failure for good, of an action that compensates, goes through `compensating` to `settled`, from wherever it was.
 */
export type TaskPhase = 'queued' | 'sent' | 'ending' | 'retrying' | 'compensating' | 'hosted' | 'settled';

/** Called once with the outcome. Must not throw. */
export type Waiter = (outcome: Outcome) => void;

/** What stands behind the runtime's prefix in a task's id: a number, or of a nested task the path below its parent's. */
export type TaskKey = number | string;

/** A task that another one started, and what becomes of it when that one's attempt ends. */
export interface Child {
  readonly task: Task;
  readonly policy: ParentDeathPolicy;
  /** Its parent's end has ended it already: once is enough, for a second cancel would cut its compensation short. */
  asked: boolean;
}

/** The host's record of one task. A class, because a million of them stand in a queue: one shape, no closures. */
export class Task implements Schedulable {
  readonly key: TaskKey;
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
  /** Somebody asked for its end, not only its clocks. */
  cancelled = false;
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
  /** The scheduler's note: it waits on its lane for a child. */
  parked = false;
  /** `run` itself had begun in one of its attempts. Kept only where the action compensates. */
  ran = false;
  /** Where this is no task of a caller's, but the compensation of one: that one. */
  compensates: Task | undefined = undefined;
  /** How many tasks stand above it. */
  depth = 0;
  /** The lane that it must run on: where its coroutine lives, once it does. */
  home: SchedulerLane<Task> | undefined = undefined;
  /** Of a stream: told what it yields. */
  onValues: ((values: readonly unknown[]) => void) | undefined = undefined;
  /** While `hosted`: how it is ended before its time. */
  host: { end(error: HeddleError): void } | undefined = undefined;
  /** The task whose attempt started it. */
  parent: Task | undefined = undefined;
  /** Those that its present attempt started and that have not settled. */
  children: Map<TaskKey, Child> | undefined = undefined;
  /** The scope that started it, if any. Kept when it has settled: it says who may ask for the outcome. */
  owner: OwnerNode | undefined = undefined;
  outcome: Outcome | undefined = undefined;
  durationUs: number | undefined = undefined;
  threadId: number | undefined = undefined;
  progress: unknown = undefined;
  // One waiter is the rule; a list only where there are more.
  #waiters: Waiter | Waiter[] | undefined = undefined;

  constructor(key: TaskKey, entry: ActionEntry, options: ParsedTaskOptions, params: unknown, context: unknown) {
    this.key = key;
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

  get isolate(): boolean {
    return this.options.isolate;
  }

  get nested(): boolean {
    return this.parent !== undefined || this.compensates !== undefined;
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
    this.parent = undefined;
    this.host = undefined;
    this.onValues = undefined;
    this.ending = undefined;
    this.lastError = undefined;
    this.timer?.cancel();
    this.timer = undefined;
    this.clocks?.stop();
    this.clocks = undefined;
    this.owner?.left(this);
    const waiters = this.#waiters;
    this.#waiters = undefined;
    if (typeof waiters === 'function') waiters(outcome);
    else for (const waiter of waiters ?? []) waiter(outcome);
  }
}
