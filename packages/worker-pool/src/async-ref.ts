import type { ActionMetadata, AwaitOptions, Handle, Outcome, TaskStatus } from '@heddle/core';

/**
 * The handle of one started task. Not a promise: it has no `then`, so that starting never waits by accident.
 * Source: SEMANTICS E-2.
 */
export interface AsyncRef<V = unknown> extends Handle<V> {
  /** Unique in the process. */
  readonly id: string;
  readonly action: ActionMetadata;
  readonly tag: string | undefined;
  /** The name of the scope that started it, else of its runtime or instance. */
  readonly owner: string;
  readonly status: TaskStatus;
  /** The thread it runs or ran on, once sent to one. */
  readonly threadId: number | undefined;
  /** Attempts begun so far. */
  readonly attempts: number;
  /** Milliseconds the last finished attempt took in its thread. */
  readonly durationMs: number | undefined;
  /** The newest `ctx.progress(details)`, if any. */
  readonly progress: unknown;
  outcome(options?: AwaitOptions): Promise<Outcome<V>>;
  cancel(reason?: string): Promise<Outcome<undefined>>;
}
