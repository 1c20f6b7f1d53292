import type { ActionMetadata, AwaitOptions, Outcome, TaskStatus } from '@heddle/core';
import { metadataOf } from '@heddle/core/engine';
import type { AsyncRef } from './async-ref.ts';
import type { TaskExplanation } from './explain/explanation.ts';
import { type OwnedBy, ownerOf } from './ownership.ts';
import type { Task } from './task.ts';

/** What a ref needs of its runtime, which always acts as the owner. */
export interface RefHost extends OwnedBy {
  readonly idPrefix: string;
  /** Rejects for options at fault. */
  awaitTask(task: Task, options: number | AwaitOptions | undefined): Promise<Outcome>;
  cancelTask(task: Task, reason: string | undefined): Promise<Outcome<undefined>>;
  explain(task: Task): TaskExplanation;
}

/** What is behind a ref. */
export interface OpenedRef {
  readonly task: Task;
  readonly host: RefHost;
}

/** The ref itself. Private fields, so that a forged object is told apart from a real one, and nothing of the host leaks into logs. */
export class TaskRef implements AsyncRef {
  readonly #task: Task;
  readonly #host: RefHost;

  constructor(host: RefHost, task: Task) {
    this.#host = host;
    this.#task = task;
  }

  /** The task of a real ref, with the runtime it belongs to; `undefined` for anything else. Never throws. */
  static open(ref: unknown): OpenedRef | undefined {
    if (typeof ref !== 'object' || ref === null || !(#task in ref)) return undefined;
    return { task: ref.#task, host: ref.#host };
  }

  get id(): string {
    return this.#host.idPrefix + this.#task.key;
  }

  get action(): ActionMetadata {
    return metadataOf(this.#task.entry.action);
  }

  get tag(): string | undefined {
    return this.#task.options.tag;
  }

  get owner(): string {
    return ownerOf(this.#task, this.#host).name;
  }

  get status(): TaskStatus {
    return statusOf(this.#task);
  }

  get threadId(): number | undefined {
    return this.#task.threadId;
  }

  get attempts(): number {
    return this.#task.attempts;
  }

  get durationMs(): number | undefined {
    return this.#task.durationUs === undefined ? undefined : this.#task.durationUs / 1000;
  }

  get progress(): unknown {
    return this.#task.progress;
  }

  outcome(options?: AwaitOptions): Promise<Outcome> {
    return this.#host.awaitTask(this.#task, options);
  }

  cancel(reason?: string): Promise<Outcome<undefined>> {
    return this.#host.cancelTask(this.#task, reason);
  }
}

/** Where a task stands, as its ref says it. */
export function statusOf(task: Task): TaskStatus {
  switch (task.phase) {
    case 'sent':
      // Sent ahead and not begun still waits.
      return task.lane?.state(task) === 'sent' ? 'queued' : 'running';
    case 'ending':
      return 'cancelling';
    case 'hosted':
      return 'running';
    default:
      return task.phase;
  }
}
