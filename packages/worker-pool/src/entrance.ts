import { type Failure, fail, type HeddleError } from '@heddle/core';
import type { ActionEntry } from './action-table.ts';
import type { Clock } from './clock.ts';
import { STUCK } from './lane-losses.ts';
import type { ParsedRuntimeOptions } from './options.ts';
import type { QueueGate } from './queue-gate.ts';
import type { LaneScheduler } from './scheduler/ports.ts';
import { abortReason } from './signal-hub.ts';
import type { Task } from './task.ts';
import { spentError } from './task-clocks.ts';
import { cancelledError, overloadedError } from './task-error.ts';
import type { ParsedTaskOptions } from './task-options.ts';

/** Who is let in, beside the line of those who wait outside: a task that could only fail or wait in vain is refused at once. */
export class Entrance {
  readonly #options: Pick<ParsedRuntimeOptions, 'queueLimit' | 'whenFull'>;
  readonly #clock: Clock;
  readonly #scheduler: Pick<LaneScheduler<Task>, 'stuck' | 'oldest' | 'queued'>;
  readonly #gate: QueueGate;
  readonly #end: (task: Task, error: HeddleError) => void;

  constructor(
    options: ParsedRuntimeOptions,
    clock: Clock,
    scheduler: LaneScheduler<Task>,
    gate: QueueGate,
    end: (task: Task, error: HeddleError) => void,
  ) {
    this.#options = options;
    this.#clock = clock;
    this.#scheduler = scheduler;
    this.#gate = gate;
    this.#end = end;
  }

  /** Why a task may not come in, if so. `entered`: the caller has waited for its place, and is not asked for it again. */
  refusal(entry: ActionEntry, options: ParsedTaskOptions, entered: boolean, nested: boolean): Failure | undefined {
    const { name } = entry.action;
    if (options.signal?.aborted === true) return fail(cancelledError(name, abortReason(options.signal.reason)));
    const spent = spentError(name, options, this.#clock);
    if (spent !== undefined) return fail(spent);
    if (this.#scheduler.stuck) return fail(overloadedError(STUCK));
    // Nested work is let in whatever waits: a place is held for it already, its parent's.
    if (nested || (entered && this.#options.whenFull === 'wait') || this.#gate.hasRoom()) return undefined;
    const full = this.#makeRoom();
    return full === undefined ? undefined : fail(overloadedError(full));
  }

  #makeRoom(): string | undefined {
    const { queueLimit, whenFull } = this.#options;
    if (whenFull !== 'drop-oldest') return `The queue is full: ${queueLimit} tasks wait (\`queue.limit\`)`;
    const oldest = this.#scheduler.oldest();
    if (oldest !== undefined) this.#end(oldest, overloadedError(`The queue is full: dropped as the oldest of ${queueLimit} waiting tasks`));
    if (this.#gate.hasRoom()) return undefined;
    return this.#scheduler.queued === 0
      ? 'The queue takes no tasks: `queue.limit` is 0'
      : 'The queue is full of what belongs to tasks that have begun';
  }
}
