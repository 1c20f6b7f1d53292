import { HeddleError } from '@heddle/core';
import type { ValidationFault } from '@heddle/core/validation';

const HINT = 'it goes on: wait again, raise `timeoutMs`, or cancel it';

/** The error of whoever asks something of an agent that has ended; why it has, is the cause. Source: SEMANTICS W-3. */
export function goneError(id: string, cause: unknown): HeddleError {
  const why = cause instanceof Error ? `: ${cause.message}` : '';
  return new HeddleError('not_found', `Agent ${id} has ended${why}`, {
    details: { target: id },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The error of an agent that is not there. */
export function unknownAgentError(id: string): HeddleError {
  return new HeddleError('not_found', `No agent has the id ${id}`, { details: { target: id } });
}

/** The error of a wait for an agent's completion, or for a child, that ran out of time. Source: SEMANTICS W-3. */
export function waitTimeoutError(
  what: string,
  { id, status, queueLength }: { readonly id: string; readonly status: string; readonly queueLength: number },
  timeoutMs: number,
  waitedMs: number,
): HeddleError {
  const message = `Agent ${id} (${status}, ${queueLength} signals waiting) ${what} within ${timeoutMs}ms; ${HINT}`;
  return new HeddleError('timeout', message, { details: { target: id, status, queueLength, timeoutMs, waitedMs, hint: HINT } });
}

/** The error of a call that nobody answered in time. */
export function callTimeoutError(id: string, signal: string, timeoutMs: number, begun: boolean): HeddleError {
  const what = begun ? 'was not answered' : 'had not begun';
  const message = `The call of \`${signal}\` ${what} within ${timeoutMs}ms; raise \`timeoutMs\` of the call`;
  return new HeddleError('timeout', message, { details: { target: id, signal, timeoutMs, begun } });
}

/** The error of a handler that ran out of time; `details` say whether its thread had to be ended for it. */
export function handlerTimeoutError(agent: string, what: string, timeoutMs: number, { details, cause }: HeddleError): HeddleError {
  const message = `Agent ${agent}: its handler of \`${what}\` timed out after ${timeoutMs}ms; raise \`timeoutMs\` of the agent if it needs longer`;
  return new HeddleError('timeout', message, { details: { ...details, agent, signal: what, timeoutMs }, cause });
}

/** The error of a sender who finds the mailbox full. */
export function mailboxFullError(id: string, limit: number): HeddleError {
  return new HeddleError('overloaded', `The mailbox of agent ${id} is full: ${limit} signals wait (\`mailboxLimit\`)`, {
    details: { target: id, limit },
  });
}

/** The error of an agent that failed once more than it may. */
export function restartLimitError(agent: string, max: number, withinMs: number, cause: HeddleError): HeddleError {
  const message = `Agent ${agent} was restarted ${max} times within ${withinMs}ms and failed again: ${cause.message}`;
  return new HeddleError(cause.type, message, { cause, details: { ...cause.details, restarts: max, withinMs } });
}

/** The error of data or a state that its schema refuses. */
export function schemaError(what: string, agent: string, faults: readonly ValidationFault[]): HeddleError {
  const list = faults.map(({ path, expected, received }) => `\`${path === '' ? '/' : path}\` expected ${expected}, got ${received}`);
  return new HeddleError('validation_error', `Invalid ${what} of agent ${agent}: ${list.join('; ')}`, { details: { agent, faults } });
}
