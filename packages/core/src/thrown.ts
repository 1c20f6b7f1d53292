import { HeddleError, isHeddleError } from './error.ts';

/** Codes of the system and of HTTP clients that mean "try again": the other side was busy or gone for a moment. */
const TRANSIENT_CODES: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EPIPE',
  'EAI_AGAIN',
  'EBUSY',
  'EAGAIN',
  'ENETDOWN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EMFILE',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
]);

/**
 * Turns anything that was thrown or handed to `fail` into a {@link HeddleError}.
 * Guarantees: never throws, whatever it is given (proxies with throwing traps, getters that throw, `null`); a HeddleError comes back as it is.
 * Source: SEMANTICS A-6.
 */
export function toHeddleError(thrown: unknown, how: 'threw' | 'returned' = 'threw'): HeddleError {
  if (isHeddleError(thrown)) return thrown;
  if (typeof thrown === 'string' && thrown !== '') return new HeddleError('execution_error', thrown);
  try {
    if (typeof thrown === 'object' && thrown !== null) return fromObject(thrown, how);
  } catch {
    return new HeddleError('execution_error', `The action ${how} an object that cannot be read`);
  }
  return new HeddleError('execution_error', `The action ${how} ${describeThrown(thrown)}, which is no Error`, cloneableCause(thrown));
}

function fromObject(thrown: object, how: string): HeddleError {
  const { message, code } = thrown as { message?: unknown; code?: unknown };
  const retryable = retryableOf(thrown);
  const text = [message, code].find((part) => typeof part === 'string' && part !== '');
  return new HeddleError('execution_error', typeof text === 'string' ? text : `The action ${how} an error without a message`, {
    cause: thrown,
    ...(retryable === undefined ? {} : { retryable }),
  });
}

/** What an error says of itself: its own `retryable`, else that of its causes (a `false` anywhere wins), else a transient code. */
function retryableOf(error: object): boolean | undefined {
  let transient: true | undefined;
  let current: unknown = error;
  try {
    for (let depth = 0; depth < 16 && typeof current === 'object' && current !== null; depth++) {
      const { retryable, code, cause } = current as { retryable?: unknown; code?: unknown; cause?: unknown };
      if (retryable === false) return false;
      if (retryable === true || (typeof code === 'string' && TRANSIENT_CODES.has(code))) transient = true;
      current = cause;
    }
  } catch {
    // A cause that throws when read says no more; what was read so far holds.
  }
  return transient;
}

function describeThrown(thrown: unknown): string {
  if (typeof thrown === 'function') return 'a function';
  if (typeof thrown === 'symbol') return 'a symbol';
  return typeof thrown === 'string' ? 'an empty string' : `\`${String(thrown)}\``;
}

function cloneableCause(thrown: unknown): { cause?: unknown } {
  return typeof thrown === 'function' || typeof thrown === 'symbol' ? {} : { cause: thrown };
}
