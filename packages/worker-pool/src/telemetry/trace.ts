import type { HeddleErrorCode, HeddleErrorType } from '@heddle/core';
import type { RuntimeEvent } from '../event.ts';

/** How a task or an attempt ended, in few words: fit for a metric's label. What kind of `error` it was says {@link TraceError.type}. */
export type TraceOutcome = 'ok' | 'error' | 'timeout' | 'cancelled';

/** What telemetry says of an error: never its message, which may quote params. */
export interface TraceError {
  readonly type: HeddleErrorType;
  readonly code: HeddleErrorCode;
  readonly retryable: boolean;
}

/**
 * The message of one task on the tracing channel `heddle.task`: one object for all its events, so that a subscriber can keep what is its
 * own in a WeakMap. Holds names, ids, counts and durations; never params, context, results or messages of errors.
 * Durations are in milliseconds. Source: SEMANTICS R-9.
 */
export interface TaskTrace {
  /** The name of the runtime. */
  readonly runtime: string;
  /** The name of the action; `(invalid)` where what was passed is none. */
  readonly action: string;
  /** The call's `tag`. */
  readonly tag: string | undefined;
  /** Whose it is: the call's `tenant`, its scope's, or that of the task which started it. */
  readonly tenant: string | undefined;
  /** As on the ref and in log records. */
  readonly taskId: string;
  /** The task that started this one from within an action. */
  readonly parentId: string | undefined;
  /** When it was started, in milliseconds since the epoch. */
  readonly startTime: number;
  /** At the end, and `undefined` before; as all that follows. */
  readonly outcome: TraceOutcome | undefined;
  /** `undefined` also when all went well. */
  readonly error: TraceError | undefined;
  /** Attempts that began. */
  readonly attempts: number | undefined;
  /** Waiting for a lane and for the action's module, all attempts together; backoff is not in it. */
  readonly queuedMs: number | undefined;
  /** Running on threads, all attempts together. */
  readonly runMs: number | undefined;
  /** From start to outcome. */
  readonly totalMs: number | undefined;
  /** The thread it last ran on. */
  readonly threadId: number | undefined;
}

/**
 * The message of one attempt on the tracing channel `heddle.attempt`: one object for all its events. Published when the attempt has
 * ended, since only then the host knows that it began: `startTime` says when that was. Durations are in milliseconds. Source: SEMANTICS R-9.
 */
export interface AttemptTrace {
  /** The message of its task: the key under which a subscriber keeps the task's span. */
  readonly task: TaskTrace;
  readonly runtime: string;
  readonly action: string;
  readonly tag: string | undefined;
  readonly tenant: string | undefined;
  readonly taskId: string;
  readonly parentId: string | undefined;
  /** From 1. */
  readonly attempt: number;
  /** When it began on its thread, in milliseconds since the epoch; exact to a millisecond. */
  readonly startTime: number;
  /** `startTime` and `runMs`: when it ended on its thread. */
  readonly endTime: number;
  readonly outcome: TraceOutcome;
  /** `undefined` when all went well. */
  readonly error: TraceError | undefined;
  /** Whether the task is tried again after it. */
  readonly retried: boolean;
  /** Waiting for a lane and for the action's module before it began. */
  readonly queuedMs: number;
  /** As its thread measured it; as the host did where the thread was lost. */
  readonly runMs: number;
  /** The thread of its lane. */
  readonly threadId: number | undefined;
}

/**
 * The message of the plain channel `heddle.step`: a coroutine has computed to its next `yield` or to its end, an agent has had a turn, or a
 * stream has ended. Published when it is over. Durations are in milliseconds. Source: SEMANTICS R-13.
 */
export interface StepTrace {
  /** The message of the whole. */
  readonly task: TaskTrace;
  /** From 1. */
  readonly step: number;
  /** When it began on its thread, in milliseconds since the epoch; exact to some milliseconds, for its end is known when the host hears of it. */
  readonly startTime: number;
  readonly endTime: number;
  /** As its thread measured it. */
  readonly runMs: number;
  readonly threadId: number | undefined;
}

/** The message of the plain channel `heddle.event`: a {@link RuntimeEvent} without what may quote users' data. */
export interface EventTrace {
  readonly runtime: string;
  readonly kind: RuntimeEvent['kind'];
  readonly threadId: number | undefined;
  readonly taskId: string | undefined;
  readonly action: string | undefined;
  readonly tenant: string | undefined;
  readonly error: TraceError | undefined;
}
