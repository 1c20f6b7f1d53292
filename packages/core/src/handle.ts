import type { Outcome } from './outcome.ts';

/** What a wait may be told. */
export interface AwaitOptions {
  /** Milliseconds to wait; `0` = only what is already there, `Infinity` = no limit. @defaultValue 5000 */
  readonly timeoutMs?: number;
  /** What a timeout does to the task: cancel it, or leave it running. @defaultValue 'cancel' */
  readonly onTimeout?: 'cancel' | 'leave';
  /** Ends this wait alone, with a `cancelled` outcome; the task goes on. */
  readonly signal?: AbortSignal;
}

/** Where a task stands. One field, one lifecycle: see `docs/lifecycle.md`. */
export type TaskStatus = 'queued' | 'running' | 'suspended' | 'retrying' | 'compensating' | 'cancelling' | 'settled';

/**
 * Anything whose end can be waited for: the seam between what runs work and what waits for it.
 * Has no `then`, so that an `await` on it by mistake gives the handle back instead of waiting unseen.
 */
export interface Handle<V = unknown> {
  readonly id: string;
  readonly status: TaskStatus;
  /** How it ended. Never rejects. */
  outcome(options?: AwaitOptions): Promise<Outcome<V>>;
  /** Asks it to end, then forces it; settles when it has ended. */
  cancel(reason?: string): Promise<Outcome<unknown>>;
}
