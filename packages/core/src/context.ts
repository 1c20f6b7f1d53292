import type { NestedWork } from './nested.ts';
import type { RemoteServices } from './services.ts';

/** What an action is, without what it does: the plain data that crosses threads, goes to logs, and answers `describe`. */
export interface ActionMetadata {
  readonly name: string;
  /** The file that exports the action, as a `file:` URL. */
  readonly module: string;
  readonly description?: string;
  readonly category?: string;
  readonly tags: readonly string[];
  readonly vsn?: string;
}

/** Writes one log record: a message, or fields and a message. Reaches the host's logger with action, task id, attempt and thread id. */
export interface LogMethod {
  (message: string): void;
  (fields: Readonly<Record<string, unknown>>, message?: string): void;
}

/** The log of a running task. Records keep their order with progress and the outcome. */
export interface TaskLog {
  readonly trace: LogMethod;
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  readonly fatal: LogMethod;
}

/**
 * What an action's `run` and hooks are given beside their value. Lives in the worker thread, for one attempt.
 * Source: SEMANTICS A-9.
 */
export interface ActionContext extends NestedWork {
  /** Aborts when the task is cancelled or timed out. Seen by code that awaits; a tight loop uses {@link throwIfCancelled}. */
  readonly signal: AbortSignal;
  /**
   * Throws the `cancelled` or `timeout` error once the task is to end; else returns. About ten nanoseconds, so call it in the innermost loop.
   *
   * @throws HeddleError `cancelled` or `timeout`
   */
  throwIfCancelled(): void;
  /** When this attempt runs out of time, in milliseconds since the epoch; `Infinity` without a limit. */
  readonly deadline: number;
  /** Milliseconds left to {@link deadline}, never below 0. */
  remainingMs(): number;
  /** 1 for the first run, 2 for the first retry, … */
  readonly attempt: number;
  readonly taskId: string;
  readonly action: ActionMetadata;
  /** The caller's context map. */
  readonly context: Readonly<Record<string, unknown>>;
  readonly log: TaskLog;
  /** Reports progress: any cloneable details. Reaches the ref's `onProgress`, in order with log records and the outcome. */
  progress(details: unknown): void;
  /**
   * Of a coroutine: adds `key` to the `data` of every step it suspends with, computed afresh each time, until the function that is given
   * back is called. Source: SEMANTICS C-7.
   *
   * @throws HeddleError `invalid_input` in an action that is no coroutine
   */
  decorate(key: string, value: () => unknown): () => void;
  /** Registers a cleanup, run last in first out when the attempt ends in whatever way short of a kill. May be asynchronous. */
  defer(cleanup: () => unknown): void;
  /**
   * Moves these with the result, instead of copying what they hold: ArrayBuffers (a view stands for its buffer), ports, streams. They are
   * gone from here once the action has returned; where it fails they stay. Called again, it adds to what is moved.
   *
   * @throws HeddleError `invalid_input` for what is no object, for shared memory, which is never copied, and in a coroutine
   */
  transfer(...objects: readonly object[]): void;
  /**
   * The host objects that the runtime was given as `services`, to be called from here: `await ctx.services.prices.lookup(id)`. Arguments and
   * results are copied; what a method throws is thrown here. A call that is pending when the task is cancelled or timed out rejects with that
   * error, and one that is pending when the attempt ends with a `cancelled` one. See `docs/services.md`.
   */
  readonly services: RemoteServices;
}
