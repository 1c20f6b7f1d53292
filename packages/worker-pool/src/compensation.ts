import { fail, HeddleError, type Outcome } from '@heddle/core';
import { encodeError } from './protocol/codec.ts';
import { Task } from './task.ts';
import type { CompensationLimits, ParsedTaskOptions } from './task-options.ts';

/** How a compensation ended; in the error's `details`. */
type CompensationEnding = 'completed' | 'failed' | 'timeout' | 'crashed' | 'invalid' | 'cancelled';

/** What is asked of the dispatcher. */
export interface CompensationEffects {
  /** Sends the compensation out as a task of its own, with retries and limits of its own. */
  submit(task: Task): void;
  /** Ends it before its time. */
  end(task: Task, error: HeddleError): void;
  /** The task that failed ends now. */
  settle(task: Task, outcome: Outcome): void;
}

/** One that runs: the task it runs for, and how often somebody asked for its end. */
interface Running {
  readonly task: Task;
  cancels: number;
}

/**
 * Makes failed tasks good again: runs `onError` once, after the last attempt, as a task of its own on whatever lane is free.
 * The outcome stays an error, which says how the compensation ended, with the original as its cause. Source: SEMANTICS R-7.
 */
export class Compensations {
  readonly #effects: CompensationEffects;
  // Invariant: holds exactly the tasks whose phase is `compensating`.
  readonly #running = new Map<Task, Running>();
  /** The runtime's time is over: nothing new begins. */
  #over: ((task: Task) => HeddleError) | undefined;

  constructor(effects: CompensationEffects) {
    this.#effects = effects;
  }

  get size(): number {
    return this.#running.size;
  }

  /** What makes a task good. */
  of(task: Task): Task | undefined {
    return this.#running.get(task)?.task;
  }

  /** Tasks that are being compensated. */
  tasks(): IterableIterator<Task> {
    return this.#running.keys();
  }

  /** Takes over a task that would end with this outcome, if it is to be compensated first; answers whether it did. */
  begin(task: Task, outcome: Outcome): boolean {
    const { compensation } = task.entry;
    if (compensation === undefined || outcome.ok || !task.ran || task.phase === 'compensating') return false;
    // A task that was told `cancelled` by its own child, say, was not cancelled itself: that is a failure like any other.
    if (task.cancelled && outcome.error.type === 'cancelled') return false;
    const options = withLimits(compensation.options, task.options);
    const params = { params: task.params, error: encodeError(outcome.error), options: plainOptions(task.options) };
    const run = new Task(task.key, compensation, options, params, task.context);
    run.compensates = task;
    run.carried = task.carried;
    task.phase = 'compensating';
    task.timer?.cancel();
    task.clocks?.stop();
    task.lane = undefined;
    this.#running.set(task, { task: run, cancels: 0 });
    run.addWaiter((ended) => {
      this.#running.delete(task);
      this.#effects.settle(task, fail(compensationError(outcome.error, ended, options.timeoutMs), ended.directive ?? outcome.directive));
    });
    if (options.timeoutMs === 0) run.settle(fail(new HeddleError('timeout', 'it had no time')));
    else if (this.#over !== undefined) run.settle(fail(this.#over(run)));
    else this.#effects.submit(run);
    return true;
  }

  /** Somebody asks for the end of a task that is being compensated: heard the second time. */
  cancel(task: Task, error: HeddleError): void {
    const running = this.#running.get(task);
    if (running === undefined) return;
    running.cancels++;
    if (running.cancels > 1) this.#effects.end(running.task, error);
  }

  /** Ends all that run and that would come: their time is over, whoever asked how often. */
  cutShort(error: (task: Task) => HeddleError): void {
    this.#over = error;
    for (const { task } of [...this.#running.values()]) this.#effects.end(task, error(task));
  }
}

function withLimits(own: ParsedTaskOptions, { compensation, priority, tag }: ParsedTaskOptions): ParsedTaskOptions {
  const { timeoutMs = own.timeoutMs, maxRetries = own.maxRetries }: CompensationLimits = compensation ?? {};
  return { ...own, timeoutMs, maxRetries, priority, tag };
}

/** The options that are data, as `onError` is told them. */
function plainOptions(options: ParsedTaskOptions): Readonly<Record<string, unknown>> {
  const { timeoutMs, totalTimeoutMs, queueTimeoutMs, deadline, maxRetries, backoffMs, jitter, priority, tag } = options;
  return { timeoutMs, totalTimeoutMs, queueTimeoutMs, deadline, maxRetries, backoffMs, jitter, priority, tag };
}

/** What a failed task ends with once it was compensated, or could not be. */
function compensationError(original: HeddleError, ended: Outcome, timeoutMs: number): HeddleError {
  const ending = endingOf(ended);
  const facts = { ending, compensated: ending === 'completed', action: original.details['action'] };
  const details = ended.ok ? { ...facts, result: ended.value } : { ...facts, reason: ended.error.message, failure: ended.error.toJSON() };
  return new HeddleError('compensation_error', `${headline(ending, timeoutMs)} for: ${original.message}`, { cause: original, details });
}

function headline(ending: CompensationEnding, timeoutMs: number): string {
  switch (ending) {
    case 'timeout':
      return `Compensation timed out after ${timeoutMs}ms`;
    case 'invalid':
      return 'Invalid compensation result';
    default:
      return `Compensation ${ending}`;
  }
}

function endingOf(ended: Outcome): CompensationEnding {
  if (ended.ok) return 'completed';
  const { type, details } = ended.error;
  switch (type) {
    case 'timeout':
      return 'timeout';
    case 'cancelled':
      return 'cancelled';
    case 'uncloneable':
      // Its own params do not clone again where they were transferred; that is no fault of its result.
      return String(details['path']).startsWith('params') ? 'crashed' : 'invalid';
    case 'compensation_error':
      return details['ending'] === 'failed' || details['ending'] === 'invalid' ? details['ending'] : 'crashed';
    default:
      return 'crashed';
  }
}
