import type { ActionMetadata } from './context.ts';
import type { HeddleError } from './error.ts';
import type { AwaitOptions, Handle } from './handle.ts';
import type { Outcome } from './outcome.ts';

// Registered, so that a `Thrown` of another copy of this package is known.
const THROWN: unique symbol = Symbol.for('heddle.thrown') as never;

/**
 * A domain throw: `throw new Thrown(value)` ends a coroutine with a `thrown` step whose `error` is the very value, for what is no fault but
 * an answer. Source: SEMANTICS C-6.
 *
 * @example
 * ```ts
 * if (taken) throw new Thrown({ reason: 'name_taken', name })
 * ```
 */
export class Thrown<V = unknown> {
  readonly value: V;

  constructor(value: V) {
    this.value = value;
    Object.defineProperty(this, THROWN, { value: true });
  }
}

/** Whether a value is a {@link Thrown}, of this copy of the package or another. Never throws. */
export function isThrown(value: unknown): value is Thrown {
  try {
    return typeof value === 'object' && value !== null && THROWN in value;
  } catch {
    return false;
  }
}

/** What every step has: the coroutine's tag, and its number, from 1. */
interface StepPlace {
  readonly tag: string | undefined;
  readonly seq: number;
}

/** It yielded and waits for a value. `data` holds what active scopes added by `ctx.decorate`, `null` when none did. */
export interface SuspendedStep<Y = unknown> extends StepPlace {
  readonly kind: 'suspended';
  readonly value: Y;
  readonly data: Readonly<Record<string, unknown>> | null;
}

/** It returned. */
export interface CompletedStep<V = unknown> extends StepPlace {
  readonly kind: 'completed';
  readonly value: V;
  readonly directive?: unknown;
}

/** What a coroutine ended by that was no domain throw: an Error, another thrown value, or the end of its thread. */
export type CoroutineFault =
  | { readonly kind: 'error'; readonly payload: Error; readonly stack: string | undefined }
  | { readonly kind: 'throw'; readonly payload: unknown }
  | { readonly kind: 'exit'; readonly payload: HeddleError };

/**
 * It threw. `error` is the bare value of a domain throw ({@link Thrown}), and a {@link CoroutineFault} for everything else; `fault` is the
 * same as a HeddleError, as the outcome has it.
 */
export interface ThrownStep extends StepPlace {
  readonly kind: 'thrown';
  readonly error: unknown;
  readonly fault: HeddleError;
}

/** It was cancelled, and its cleanup is done. */
export interface CancelledStep extends StepPlace {
  readonly kind: 'cancelled';
  readonly reason: string;
}

/** The steps that end a coroutine: the last, and the only one of its kind. */
export type TerminalStep<V = unknown> = CompletedStep<V> | ThrownStep | CancelledStep;

/** What a coroutine says when it stops computing. Source: SEMANTICS C-1. */
export type Step<Y = unknown, V = unknown> = SuspendedStep<Y> | TerminalStep<V>;

/** Where a coroutine stands. */
export type CoroutineState = 'queued' | 'computing' | 'suspended' | 'cancelling' | 'settled';

/** Who hears of the next step. */
export interface ResumeOptions<Y = unknown, V = unknown> {
  /** Given the next step in the place of whoever is told of steps; for that step only. What it throws is reported as an event. */
  readonly replyTo?: (step: Step<Y, V>) => void;
}

/** How long to wait for a step. */
export interface NextOptions {
  /** Milliseconds; the coroutine goes on, and its late step is kept. `Infinity` = no limit. @defaultValue 5000 */
  readonly timeoutMs?: number;
  /** Ends this wait alone; the coroutine goes on. */
  readonly signal?: AbortSignal;
}

/**
 * A generator action that runs in a worker thread and stops at each `yield` until it is resumed from here. While it waits it holds no thread.
 * `Y` is what it yields, `V` what it returns, `N` what resumes it; all inferred from the action. Source: SEMANTICS C-1 … C-10.
 */
export interface Coroutine<Y = unknown, V = unknown, N = unknown> extends Handle<V>, AsyncIterable<Step<Y, V>> {
  readonly tag: string | undefined;
  readonly action: ActionMetadata;
  /** The name of the scope that started it, else of its runtime or instance. */
  readonly owner: string;
  readonly state: CoroutineState;
  /**
   * Resumes it with a value; at once. The next step goes to `replyTo`, else to `onStep`, else it is kept for {@link next}.
   *
   * @throws HeddleError `not_suspended` when it does not wait; `validation_error` for a value that the action's `resumeSchema` refuses
   */
  resume(value: N, options?: ResumeOptions<Y, V>): void;
  /** Resumes it by throwing at its `yield`. As {@link resume} otherwise. */
  throwIn(error: unknown, options?: ResumeOptions<Y, V>): void;
  /**
   * The next step: one that nobody has been given at once, else it is resumed with the value and waited for. Without a value it is resumed
   * with `undefined`. After the end, the last step again.
   *
   * Rejects with `not_suspended` for a value that it does not wait for, with `timeout` after `timeoutMs`.
   */
  next(value?: N, options?: NextOptions): Promise<Step<Y, V>>;
  /** Asks it to end: cleanup runs, inner first. Settles when it has ended. Of one that has ended, nothing. */
  cancel(reason?: string): Promise<Outcome<undefined>>;
  /** Cancels it, waits until its cleanup is done, and gives the last step. Rejects with `timeout`; the end comes all the same. */
  stop(options?: NextOptions & { readonly reason?: string }): Promise<TerminalStep<V>>;
  outcome(options?: AwaitOptions): Promise<Outcome<V>>;
  /** Each step, the last included; resumes with `undefined` in between. Leaving the loop early cancels it. */
  [Symbol.asyncIterator](): AsyncIterator<Step<Y, V>, undefined>;
  /** Cancels it and waits for its end. */
  [Symbol.asyncDispose](): Promise<void>;
}
