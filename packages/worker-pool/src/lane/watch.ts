import type { Clock, Timer } from '../clock.ts';
import type { Task } from '../task.ts';
import { LOADING } from './claims.ts';
import type { Lane } from './lane.ts';

/** What a watch found: the attempt's own time is over, its module never finished loading, or it is done and its outcome does not come. */
export type Overdue = 'timeout' | 'loadTimeout' | 'lost';

/** How long a task has, in milliseconds, and what it is when that is over. */
interface Limit {
  readonly leftMs: number;
  readonly what: Overdue;
}

/**
 * How often, and after how many milliseconds each, the outcome of a task is looked for in vain, once its thread has said in shared memory that
 * it is done. Counted, because time alone says nothing: a process that stood still, in a debugger or on a machine that was suspended, finds
 * seconds gone in which no thread has run.
 */
const LOOKS = 10;
const LOOK_EVERY_MS = 500;

/**
 * Watches one lane's tasks for their limits: one timer for the lane, not one a task.
 * A task's time is what its thread says it has run, so that waiting, on the host or on the lane, never counts (SEMANTICS R-4).
 */
export class Watch {
  readonly #lane: Lane;
  readonly #clock: Clock;
  readonly #loadTimeoutMs: number;
  readonly #report: (task: Task, what: Overdue) => void;
  // Invariant: `#timer` fires at `#dueMs`, which is no later than any task on the lane can be overdue; Infinity = no timer.
  #timer: Timer | undefined;
  /** How often an outcome was missed, of which attempt, and when last; hardly ever any. */
  readonly #missed = new WeakMap<Task, { readonly attempt: number; readonly looks: number; readonly lookedMs: number }>();
  #dueMs = Number.POSITIVE_INFINITY;

  constructor(lane: Lane, clock: Clock, loadTimeoutMs: number, report: (task: Task, what: Overdue) => void) {
    this.#lane = lane;
    this.#clock = clock;
    this.#loadTimeoutMs = loadTimeoutMs;
    this.#report = report;
  }

  /** Tasks were sent: none of them can be overdue before its limit from now. */
  sent(tasks: readonly Task[]): void {
    let limitMs = Number.POSITIVE_INFINITY;
    for (const task of tasks) {
      limitMs = Math.min(limitMs, task.options.timeoutMs);
      if (!this.#lane.hasLoaded(task)) limitMs = Math.min(limitMs, this.#loadTimeoutMs);
    }
    if (limitMs !== Number.POSITIVE_INFINITY) this.#arm(this.#clock.now() + limitMs);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#dueMs = Number.POSITIVE_INFINITY;
  }

  #arm(dueMs: number): void {
    if (dueMs >= this.#dueMs) return;
    this.#timer?.cancel();
    this.#dueMs = dueMs;
    // The lane's port keeps the process alive while anything is in flight; the timer need not. And the loop may have been blocked: an
    // outcome that is already here must win, so the verdict waits one turn.
    this.#timer = this.#clock.after(Math.max(0, dueMs - this.#clock.now()), () => this.#clock.turn(() => this.#check()), true);
  }

  #check(): void {
    this.#timer = undefined;
    this.#dueMs = Number.POSITIVE_INFINITY;
    let nextMs = Number.POSITIVE_INFINITY;
    const overdue: { readonly task: Task; readonly what: Overdue }[] = [];
    for (const task of this.#lane.tasks()) {
      const { leftMs, what } = this.#limit(task);
      if (leftMs <= 0) overdue.push({ task, what });
      // One that is loading may begin at any moment: from then on its own limit counts.
      else if (leftMs !== Number.POSITIVE_INFINITY) nextMs = Math.min(nextMs, leftMs, task.options.timeoutMs);
    }
    if (nextMs !== Number.POSITIVE_INFINITY) this.#arm(this.#clock.now() + nextMs);
    // Last, because a report may end the lane, and take the others off it.
    for (const { task, what } of overdue) {
      if (task.lane !== this.#lane) continue;
      this.#report(task, what);
      // It was done by then, and nobody was asked to end: its outcome is looked for from here on.
      if (this.#isDone(task)) this.#arm(this.#clock.now() + LOOK_EVERY_MS);
    }
  }

  #isDone(task: Task): boolean {
    return task.lane === this.#lane && task.phase === 'sent' && this.#lane.state(task) === 'done';
  }

  /** Code in a thread can break what posts its outcomes; a wait for one must end all the same. */
  #arrivesInMs(task: Task): number {
    const now = this.#clock.now();
    const known = this.#missed.get(task);
    // It may be held back by what runs there now, and comes with the outcome of that.
    const isHeld = this.#lane.tasks().some((other) => this.#lane.state(other) === 'begun');
    if (known?.attempt !== task.attempts || isHeld) {
      this.#missed.set(task, { attempt: task.attempts, looks: 0, lookedMs: now });
      return LOOK_EVERY_MS;
    }
    const sinceMs = now - known.lookedMs;
    if (sinceMs < LOOK_EVERY_MS) return LOOK_EVERY_MS - sinceMs;
    const looks = known.looks + 1;
    this.#missed.set(task, { ...known, looks, lookedMs: now });
    return looks < LOOKS ? LOOK_EVERY_MS : 0;
  }

  /** How long the task has at the least. Each word is read once: the thread goes on meanwhile, and says something else a moment later. */
  #limit(task: Task): Limit {
    const { timeoutMs } = task.options;
    if (task.phase !== 'sent') return { leftMs: Number.POSITIVE_INFINITY, what: 'timeout' };
    const state = this.#lane.state(task);
    if (state === 'done') return { leftMs: this.#arrivesInMs(task), what: 'lost' };
    if (state !== 'begun')
      return { leftMs: this.#lane.hasLoaded(task) ? timeoutMs : Math.min(timeoutMs, this.#loadTimeoutMs), what: 'timeout' };
    const startedMs = this.#lane.startedMs(task);
    const now = this.#clock.now();
    if (startedMs === LOADING) {
      task.loadingSinceMs ??= now;
      return { leftMs: task.loadingSinceMs + this.#loadTimeoutMs - now, what: 'loadTimeout' };
    }
    // Both cut to 32 bits, so that the difference is right across the wrap.
    return { leftMs: timeoutMs - (((now | 0) - startedMs) | 0), what: 'timeout' };
  }
}
