import type { Action } from './action.ts';
import type { ActionMetadata } from './context.ts';
import type { Outcome } from './outcome.ts';

/** What an action may tell the host about work that it starts. Functions do not cross threads: `retryIf` is the action's own, from its `defaults`. */
export interface NestedOptions {
  /** Milliseconds for one attempt. */
  readonly timeoutMs?: number;
  /** Milliseconds for the whole, waiting and retries included. Never more than the parent has left. */
  readonly totalTimeoutMs?: number;
  /** Milliseconds to wait for a thread. */
  readonly queueTimeoutMs?: number;
  /** Milliseconds since the epoch. Never later than the parent's own. */
  readonly deadline?: number;
  readonly maxRetries?: number;
  readonly backoffMs?: number;
  readonly jitter?: boolean;
  /** @defaultValue the parent's */
  readonly priority?: number;
  readonly tag?: string;
  /** How the child is compensated, above its action's own. */
  readonly compensation?: { readonly timeoutMs?: number; readonly maxRetries?: number };
  /** Cancels the child when it aborts. */
  readonly signal?: AbortSignal;
}

/** What becomes of a spawned child when its parent's attempt ends before it: it is cancelled, it goes on, or it goes on and an event tells so. */
export type ParentDeathPolicy = 'stop' | 'continue' | 'orphan';

/** How a child is spawned. */
export interface SpawnOptions extends Omit<NestedOptions, 'tag'> {
  /** @defaultValue 'stop' */
  readonly onParentDeath?: ParentDeathPolicy;
  /** The child's context map. @defaultValue the parent's */
  readonly context?: Readonly<Record<string, unknown>>;
}

/** What follows the action in a nested call; params may be left out when the action needs none. The context is the parent's unless given. */
export type NestedArguments<P> =
  Record<never, never> extends P
    ? [params?: P | Outcome<P>, context?: Readonly<Record<string, unknown>>, options?: NestedOptions]
    : [params: P | Outcome<P>, context?: Readonly<Record<string, unknown>>, options?: NestedOptions];

/** What follows tag and action where a child is spawned. */
export type SpawnArguments<P> =
  Record<never, never> extends P ? [params?: P | Outcome<P>, options?: SpawnOptions] : [params: P | Outcome<P>, options?: SpawnOptions];

/** How long an action waits for a child. */
export interface ChildWait {
  /** Milliseconds; the child goes on. @defaultValue Infinity: the child's own limits and the parent's count */
  readonly timeoutMs?: number;
  /** Ends this wait alone, with a `cancelled` outcome; the child goes on. */
  readonly signal?: AbortSignal;
}

/**
 * A child as its parent sees it: a task of the same runtime, started from an action. Has no `then`.
 * While its parent waits for it, the parent's place on its lane is free for others. Source: SEMANTICS, W-6.
 */
export interface ChildRef<V = unknown> {
  /** The parent's id, a slash, and the tag or a number. */
  readonly id: string;
  readonly action: ActionMetadata;
  readonly tag: string | undefined;
  /** Whether its outcome is here. */
  readonly settled: boolean;
  /** How it ended. Never rejects. */
  outcome(wait?: ChildWait): Promise<Outcome<V>>;
  /** Asks it to end, then forces it; settles when it has ended. */
  cancel(reason?: string): Promise<Outcome<undefined>>;
}

/** The part of an action's context that starts other actions. */
export interface NestedWork {
  /**
   * Runs another action on a thread of the runtime and waits for its outcome; meanwhile this thread serves others. The child ends with
   * this attempt, at the latest when its time is over. Never rejects for what the child or its input did.
   *
   * @throws HeddleError `invalid_input` for options at fault, or after the attempt has ended
   */
  run<P, V>(action: Action<P, V>, ...rest: NestedArguments<P>): Promise<Outcome<V>>;
  /** Starts another action; at once, never waiting. The child ends with this attempt. Throws as {@link run} rejects. */
  start<P, V>(action: Action<P, V>, ...rest: NestedArguments<P>): ChildRef<V>;
  /**
   * Starts a child under a tag that no other running child of this attempt has, with a policy for the parent's end. Source: SEMANTICS W-6.
   *
   * @throws HeddleError `tag_in_use`; `invalid_input` as for {@link run}
   */
  spawn<P, V>(tag: string, action: Action<P, V>, ...rest: SpawnArguments<P>): ChildRef<V>;
}
