import type { HeddleError } from './error.ts';
import type { Handle } from './handle.ts';
import type { Outcome } from './outcome.ts';

/**
 * How a target ended. That it failed is a completion too: `result` is then its error, of a task a HeddleError, of an agent what its state
 * holds. Source: SEMANTICS W-2.
 */
export type Completion<V = unknown, E = HeddleError> =
  | { readonly status: 'completed'; readonly result: V }
  | { readonly status: 'failed'; readonly result: E };

/** Where a target's state says that it has completed, and with what. Source: SEMANTICS W-2. */
export interface CompletionPaths {
  /** Where `completed` or `failed` comes to stand. @defaultValue `['status']` */
  readonly statusPath?: readonly (string | number)[] | undefined;
  /** Where the result of a completed one stands. @defaultValue `['lastAnswer']` */
  readonly resultPath?: readonly (string | number)[] | undefined;
  /** Where the error of a failed one stands. @defaultValue `['error']` */
  readonly errorPath?: readonly (string | number)[] | undefined;
}

/** How long to wait, and for what. */
export interface CompletionOptions extends CompletionPaths {
  /** Milliseconds; `0` = what is already there, `Infinity` = no limit. @defaultValue 10000 */
  readonly timeoutMs?: number | undefined;
  /** Ends this wait alone, with a `cancelled` error. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * What completes by its state rather than by its end: an agent. The seam to what waits for it. Source: SEMANTICS W-2, W-3.
 */
export interface Completable<R = unknown> {
  /** Signals that wait to be handled. */
  readonly queueLength: number;
  /**
   * Waits until its state says that it has completed; at once when it already does. What was sent before is handled first. Never rejects:
   * not ok is a `timeout`, a `cancelled` by `signal`, a `not_found` when it is dead or dies first, an `invalid_input`.
   */
  completion(options?: CompletionOptions): Promise<Outcome<Completion<R, unknown>>>;
}

/** What has children by tag: an agent. Source: SEMANTICS W-5. */
export interface ChildHolder {
  /** Its children by tag, now; a `not_found` when it is dead. */
  children(): Outcome<ReadonlyMap<string, Handle>>;
  /** Waits until a child of this tag is there. Never rejects: not ok is a `timeout`, a `cancelled`, a `not_found` when it is dead or dies first. */
  whenChild(tag: string, options?: Pick<CompletionOptions, 'timeoutMs' | 'signal'>): Promise<Outcome<Handle>>;
}

/** What can be asked whether its thread answers. */
export interface Responder {
  /** Whether it is there and its thread answers within the time, milliseconds. Never rejects. @defaultValue 1000 */
  responds(timeoutMs?: number): Promise<boolean>;
}
