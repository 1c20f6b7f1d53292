/**
 * What went wrong, in one closed list. Told apart by {@link HeddleError.type}; documented one by one in `docs/errors.md`.
 * Source: SEMANTICS R-8.
 */
export type HeddleErrorType =
  | 'invalid_action'
  | 'invalid_input'
  | 'validation_error'
  | 'config_error'
  | 'execution_error'
  | 'timeout'
  | 'cancelled'
  | 'invalid_async_ref'
  | 'compensation_error'
  | 'worker_lost'
  | 'overloaded'
  | 'closed'
  | 'uncloneable'
  | 'load_error'
  | 'not_owner'
  | 'not_found'
  | 'child_not_found'
  | 'tag_in_use'
  | 'not_suspended'
  | 'limit_exceeded'
  | 'internal_error';

/** The stable code of each type, in the form Node's own errors have. */
export type HeddleErrorCode = `ERR_HEDDLE_${Uppercase<HeddleErrorType>}`;

/**
 * Every type, and whether the default retry policy tries again after it.
 * Only what may go better next time is `true`: the action's own failure, a lost thread, a full queue.
 */
const RETRYABLE: Readonly<Record<HeddleErrorType, boolean>> = Object.freeze({
  invalid_action: false,
  invalid_input: false,
  validation_error: false,
  config_error: false,
  execution_error: true,
  timeout: false,
  cancelled: false,
  invalid_async_ref: false,
  compensation_error: false,
  worker_lost: true,
  overloaded: true,
  closed: false,
  uncloneable: false,
  load_error: false,
  not_owner: false,
  not_found: false,
  child_not_found: false,
  tag_in_use: false,
  not_suspended: false,
  limit_exceeded: false,
  internal_error: false,
});

/** The closed list itself, for tables and tests. */
export const ERROR_TYPES: readonly HeddleErrorType[] = Object.freeze(Object.keys(RETRYABLE) as HeddleErrorType[]);

/** What a {@link HeddleError} may be given beside its type and message. */
export interface HeddleErrorOptions {
  /** The error or value behind this one; any value, kept as it is. */
  readonly cause?: unknown;
  /** Plain facts for programs: names, counts, paths. Never params or context, but for what a stopped chain had. @defaultValue `{}` */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Overrides what the type says. @defaultValue by type */
  readonly retryable?: boolean;
}

/** The plain-data form of a {@link HeddleError}, for logs and JSON. */
export interface HeddleErrorJSON {
  readonly name: 'HeddleError';
  readonly type: HeddleErrorType;
  readonly code: HeddleErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

// A registered symbol, so that two copies of this package in one process know each other's errors.
const HEDDLE_ERROR: unique symbol = Symbol.for('heddle.error') as never;

/**
 * The one error class of Heddle. Guarantees: `type` is of the closed list, `code` follows from it, `details` is plain data.
 * Source: SEMANTICS R-8.
 *
 * @example
 * ```ts
 * if (!outcome.ok && outcome.error.type === 'timeout') retryLater(outcome.error.code) // 'ERR_HEDDLE_TIMEOUT'
 * ```
 */
export class HeddleError extends Error {
  readonly type: HeddleErrorType;
  readonly code: HeddleErrorCode;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(type: HeddleErrorType, message: string, options: HeddleErrorOptions = {}) {
    super(message);
    // Only when given: an error without a cause must not print `[cause]: undefined`.
    if ('cause' in options)
      Object.defineProperty(this, 'cause', { value: options.cause, enumerable: false, configurable: true, writable: true });
    this.type = type;
    this.code = errorCode(type);
    this.retryable = options.retryable ?? RETRYABLE[type];
    this.details = options.details ?? NO_DETAILS;
  }

  /** The plain-data form: type, code, message, retryable, details, and the cause where there is one. */
  toJSON(): HeddleErrorJSON {
    return describeError(this, 0);
  }
}

const MAX_CAUSES = 8;

const NO_DETAILS: Readonly<Record<string, unknown>> = Object.freeze({});
Object.defineProperty(HeddleError.prototype, 'name', { value: 'HeddleError', configurable: true, writable: true });
Object.defineProperty(HeddleError.prototype, HEDDLE_ERROR, { value: true });

/** The code of a type: `timeout` → `ERR_HEDDLE_TIMEOUT`. */
export function errorCode(type: HeddleErrorType): HeddleErrorCode {
  return `ERR_HEDDLE_${type.toUpperCase()}` as HeddleErrorCode; // the template type is exactly this computation
}

/** Whether a value is a {@link HeddleError}, of this copy of the package or another. Never throws, proxies included. */
export function isHeddleError(value: unknown): value is HeddleError {
  try {
    return typeof value === 'object' && value !== null && HEDDLE_ERROR in value && value instanceof Error;
  } catch {
    return false;
  }
}

function describeError(error: HeddleError, depth: number): HeddleErrorJSON {
  const { type, code, message, retryable, details, cause } = error;
  const json = { name: 'HeddleError', type, code, message, retryable, details } as const;
  // The depth also ends a chain that leads back to itself.
  return cause === undefined || depth === MAX_CAUSES ? json : { ...json, cause: describeCause(cause, depth + 1) };
}

/** A cause may be anything at all, one that throws when read included; its JSON must not. */
function describeCause(cause: unknown, depth: number): unknown {
  try {
    if (isHeddleError(cause)) return describeError(cause, depth);
    if (!(cause instanceof Error)) return JSON.stringify(cause) === undefined ? String(cause) : cause;
    const { name, message } = cause;
    const code = (cause as { code?: unknown }).code;
    const next = depth < MAX_CAUSES && cause.cause !== undefined ? { cause: describeCause(cause.cause, depth + 1) } : {};
    return { name, message, ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}), ...next };
  } catch {
    return typeof cause === 'bigint' ? String(cause) : `${typeof cause} without a JSON form`;
  }
}
