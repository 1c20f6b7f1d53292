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
import type { Tenants } from './tenant/tenants.ts';

/** Who is let in, beside the line of those who wait outside: a task that could only fail or wait in vain is refused at once. */
export class Entrance {
  readonly #options: Pick<ParsedRuntimeOptions, 'queueLimit' | 'whenFull'>;
  readonly #clock: Clock;
  readonly #scheduler: Pick<LaneScheduler<Task>, 'stuck' | 'oldest' | 'queued'>;
  readonly #gate: QueueGate;
  readonly #tenants: Tenants<Task> | undefined;
  readonly #end: (task: Task, error: HeddleError) => void;

  constructor(
    options: ParsedRuntimeOptions,
    clock: Clock,
    scheduler: LaneScheduler<Task>,
    gate: QueueGate,
    tenants: Tenants<Task> | undefined,
    end: (task: Task, error: HeddleError) => void,
  ) {
    this.#options = options;
    this.#clock = clock;
    this.#scheduler = scheduler;
    this.#gate = gate;
    this.#tenants = tenants;
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
    if (nested) return undefined;
    const limited = this.#limited(options.tenant, entered);
    if (limited !== undefined) return fail(limited);
    if (!(entered && this.#options.whenFull === 'wait') && !this.#gate.hasRoom()) {
      const full = this.#makeRoom();
      if (full !== undefined) return fail(overloadedError(full));
    }
    this.#tenants?.admitted(options.tenant);
    return undefined;
  }

  /** What a tenant's own limits have against one more task of it. */
  #limited(tenant: string | undefined, entered: boolean): HeddleError | undefined {
    if (this.#tenants === undefined || tenant === undefined) return undefined;
    const refusal = this.#tenants.refusal(tenant, entered);
    if (refusal?.details['limit'] !== 'queueLimit' || this.#options.whenFull !== 'drop-oldest') return refusal;
    const oldest = this.#tenants.oldestOf(tenant);
    if (oldest === undefined) return refusal;
    this.#end(oldest, refusal);
    return this.#tenants.refusal(tenant, entered);
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
