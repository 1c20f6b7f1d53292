import { HeddleError } from '@heddle/core';
import type { ThreadEnd } from './lane/thread-pool.ts';
import type { ParsedTaskOptions } from './task-options.ts';

/** The error of a cancelled task. */
export function cancelledError(action: string, reason: string): HeddleError {
  const why = reason === 'cancelled' ? '' : `: ${reason}`;
  const limit = Error.stackTraceLimit;
  // Its stack would tell of nothing but this library, and costs more than all else of a cancel (`bench/cancel`).
  Error.stackTraceLimit = 0;
  const error = new HeddleError('cancelled', `Action ${action} was cancelled${why}`, { details: { action, reason } });
  Error.stackTraceLimit = limit;
  return error;
}

/** Which of a task's four clocks ran out. */
type TimeoutClock = 'attempt' | 'total' | 'queue' | 'deadline';

/** The error of an attempt that ran out of time. Holds no params and no context. Source: SEMANTICS R-4. */
export function timeoutError(action: string, timeoutMs: number): HeddleError {
  const message = `Action ${action} timed out after ${timeoutMs}ms; raise \`timeoutMs\` in the call's options or in the action's \`defaults\` if it needs longer`;
  return new HeddleError('timeout', message, { details: { action, timeoutMs, clock: 'attempt' satisfies TimeoutClock } });
}

/** The error of a task that ran out of all its time; `cause` is the failure it was retrying after, if any. */
export function totalTimeoutError(action: string, totalTimeoutMs: number, cause: HeddleError | undefined): HeddleError {
  const message = `Action ${action} timed out after ${totalTimeoutMs}ms in all, waiting, retries and backoff included; raise \`totalTimeoutMs\` if it needs longer`;
  return lateError(message, { action, totalTimeoutMs, clock: 'total' }, cause);
}

/** The error of a task that was not done by its deadline. */
export function deadlineError(
  action: string,
  { deadline, deadlineInherited = false }: Pick<ParsedTaskOptions, 'deadline' | 'deadlineInherited'>,
  cause: HeddleError | undefined,
): HeddleError {
  const message = deadlineInherited
    ? `Action ${action} was not done in the time that the task which started it had left`
    : `Action ${action} was not done by its \`deadline\`, ${new Date(deadline).toISOString()}`;
  return lateError(message, { action, deadline, clock: 'deadline', ...(deadlineInherited ? { inherited: true } : {}) }, cause);
}

/** The error of a task that found no thread in time. It never ran, so trying again can do no harm. */
export function queueTimeoutError(action: string, queueTimeoutMs: number, cause: HeddleError | undefined): HeddleError {
  const message = `Action ${action} waited ${queueTimeoutMs}ms for a thread and did not begin; raise \`queueTimeoutMs\` or \`threads.max\`, or send less at once`;
  return lateError(message, { action, queueTimeoutMs, clock: 'queue' }, cause);
}

function lateError(
  message: string,
  details: Readonly<Record<string, unknown>> & { readonly clock: TimeoutClock },
  cause: HeddleError | undefined,
): HeddleError {
  return new HeddleError('timeout', message, { details, ...(cause === undefined ? {} : { cause }) });
}

/** The error of a wait that ran out of time. Source: SEMANTICS E-3. */
export function awaitTimeoutError(timeoutMs: number): HeddleError {
  return new HeddleError('timeout', `Async action timed out after ${timeoutMs}ms`, { details: { timeoutMs } });
}

/** The error of a module that never finishes loading. */
export function loadTimeoutError(action: string, module: string, loadTimeoutMs: number): HeddleError {
  const message = `Action ${action}: its module ${module} did not finish loading within ${loadTimeoutMs}ms; look for a top-level \`await\` or a loop that never ends, or raise \`loadTimeoutMs\` of the runtime`;
  return new HeddleError('load_error', message, { details: { action, module, loadTimeoutMs } });
}

/** The error of a task whose thread ended under it, or whose process did. */
export function workerLostError(action: string, { exitCode, error, process: lost }: ThreadEnd): HeddleError {
  const code = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined;
  const outOfMemory = code === 'ERR_WORKER_OUT_OF_MEMORY';
  const signal = lost?.signal;
  const why = outOfMemory
    ? 'it ran out of memory (see `resourceLimits`)'
    : error instanceof Error
      ? error.message
      : signal !== undefined
        ? `it was ended by ${signal}${SIGNAL_HINTS[signal] ?? ''}`
        : `it exited with code ${exitCode ?? 'unknown'}`;
  return new HeddleError('worker_lost', `Action ${action} lost its ${lost === undefined ? 'thread' : 'process'}: ${why}`, {
    cause: error,
    details: { action, exitCode, ...(outOfMemory ? { outOfMemory } : {}), ...(lost === undefined ? {} : { pid: lost.pid, signal }) },
  });
}

/** What a signal mostly means of a process that nobody else has sent one. */
const SIGNAL_HINTS: Readonly<Record<string, string>> = {
  SIGABRT: ', as when native code gives up or memory runs out (see `resourceLimits`)',
  SIGKILL: ', as when the system runs out of memory',
  SIGSEGV: ', a fault in native code',
};

/** The error of a full queue. */
export function overloadedError(reason: string): HeddleError {
  return new HeddleError('overloaded', reason);
}

/** The error of a runtime that takes no more work. */
export function closedError(name: string): HeddleError {
  return new HeddleError('closed', `Runtime ${name} is closed; create a new one to run more`);
}

/** The error of a scope that takes no more work. */
export function disposedError(name: string): HeddleError {
  return new HeddleError('closed', `Scope ${name} is disposed; open a new one with \`scope()\` to run more`);
}

/** The same error, marked as enforced: the task did not end in its grace and its thread was terminated. */
export function forcedError(error: HeddleError, zombie: boolean): HeddleError {
  const details = { ...error.details, forced: true, ...(zombie ? { zombie } : {}) };
  return new HeddleError(error.type, error.message, { details, cause: error.cause, retryable: error.retryable });
}
