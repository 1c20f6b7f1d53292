import { HeddleError } from '@heddle/core';
import { toHeddleError } from '@heddle/core/engine';
import { uncloneableError } from '../protocol/uncloneable.ts';

const ARGUMENT_HINT =
  'a service takes copies of plain data, and no callbacks: what the caller is to hear meanwhile, tell it by `ctx.progress`, and answer the rest as the result';
const RESULT_HINT = 'a service answers copies of plain data';

/** The error of arguments that a structured clone refuses; names the path from the service on. Source: SEMANTICS R-8. */
export function argumentsError(action: string, service: string, method: string, args: readonly unknown[], cause: unknown): HeddleError {
  const error = uncloneableError(action, `${service}.${method}.arguments`, args, cause, ARGUMENT_HINT);
  return named(error, service, method, cause);
}

/** The error of a result that a structured clone refuses. */
export function resultError(action: string, service: string, method: string, result: unknown, cause: unknown): HeddleError {
  return named(uncloneableError(action, `${service}.${method}.result`, result, cause, RESULT_HINT), service, method, cause);
}

function named(error: HeddleError, service: string, method: string, cause: unknown): HeddleError {
  return new HeddleError('uncloneable', error.message, { cause, details: { ...error.details, service, method } });
}

/** What a method threw, as an error: an Error as it is, anything else in words. */
export function thrownError(service: string, method: string, thrown: unknown): unknown {
  if (isError(thrown)) return thrown;
  const { message, retryable } = toHeddleError(thrown);
  const said = typeof thrown === 'string' && thrown !== '' ? `: ${message}` : ', which is no Error';
  const what = typeof thrown === 'object' && thrown !== null ? 'an object' : typeof thrown === 'string' ? 'a string' : describe(thrown);
  return new HeddleError('execution_error', `\`${service}.${method}\` threw ${what}${said}`, {
    cause: thrown,
    retryable,
    details: { service, method },
  });
}

function isError(thrown: unknown): boolean {
  try {
    return thrown instanceof Error;
  } catch {
    return false; // a proxy that does not tell
  }
}

function describe(thrown: unknown): string {
  return typeof thrown === 'function' || typeof thrown === 'symbol' ? `a ${typeof thrown}` : `\`${String(thrown)}\``;
}

/** The error of a call whose caller is not running on its lane, or not any more. */
export function callerGoneError(): HeddleError {
  return new HeddleError('cancelled', 'The attempt that called a service is over, or has not begun');
}

/** The error of something on the service port that is no call. */
export function malformedCallError(): HeddleError {
  return new HeddleError('invalid_input', 'Expected a call of a service, made through `ctx.services`');
}

/** The error of a call that was still pending when its attempt ended. */
export function unfinishedCallError(action: string, service: string, method: string): HeddleError {
  return new HeddleError(
    'cancelled',
    `Action ${action} ended before \`${service}.${method}\` had answered; await what \`ctx.services\` gives`,
    {
      details: { action, service, method },
    },
  );
}

/** The error of a call by an attempt that is over. */
export function lateCallError(action: string, service: string, method: string): HeddleError {
  return new HeddleError('invalid_input', `\`ctx.services.${service}.${method}\` was called after the attempt of ${action} had ended`, {
    details: { action, service, method },
  });
}

/** The error of a call where there are no services at all. */
export function noServicesError(action: string, service: string, method: string): HeddleError {
  const message = `Action ${action} called \`${service}.${method}\`, and its runtime has no services: give them as the option \`services\`, \`createRuntime({ services: { ${service} } })\``;
  return new HeddleError('not_found', message, { details: { action, service, method, services: [] } });
}

/** The error of a call whose host is gone. */
export function hostLostError(action: string, service: string, method: string): HeddleError {
  return new HeddleError('worker_lost', `Action ${action} lost its host while it called \`${service}.${method}\``, {
    details: { action, service, method },
  });
}

/** The error of an argument that would cross as something else than it is: what comlink has marked to stay, and functions. */
export function refusedArgument(action: string, service: string, method: string, args: readonly unknown[]): HeddleError | undefined {
  const at = args.findIndex(isCallback);
  if (at === -1) return undefined;
  const what = typeof args[at] === 'function' ? 'a function' : 'a proxy of comlink';
  const path = `${service}.${method}.arguments[${at}]`;
  const message = `Action ${action}: \`${path}\` is ${what}, which cannot be called from another thread; ${ARGUMENT_HINT}`;
  return new HeddleError('uncloneable', message, { details: { action, path, service, method } });
}

function isCallback(value: unknown): boolean {
  if (typeof value === 'function') return true;
  if (typeof value !== 'object' || value === null) return false;
  try {
    const prototype: unknown = Object.getPrototypeOf(value);
    // Marked or not, plain objects with functions do not clone; listing the symbols of a large one takes milliseconds.
    if (prototype === Object.prototype || prototype === Array.prototype || prototype === null) return false;
    return Object.getOwnPropertySymbols(value).some(({ description }) => description === 'Comlink.proxy');
  } catch {
    return false; // the clone will tell
  }
}
