import type { HeddleError, HeddleErrorCode, HeddleErrorType } from '@heddle/core';

/** The answer that a client gets who has gone; nobody reads it, but logs do. */
const CLIENT_GONE = 499;

/** The answer to a tenant that asks for more than its share, while the server has room for others. */
const TOO_MANY = 429;

/** What is the caller's fault, or passes by itself. Everything else is a 500. */
const STATUS: { readonly [T in HeddleErrorType]?: number } = {
  overloaded: 503,
  closed: 503,
  timeout: 504,
  cancelled: CLIENT_GONE,
};

/** A failed outcome as an error that Fastify's error handlers understand: `statusCode`, `code`, `headers`. Its `cause` is the HeddleError. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly statusCode: number;
  readonly code: HeddleErrorCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(error: HeddleError, headers: Readonly<Record<string, string>> = {}) {
    super(error.message, { cause: error });
    this.statusCode = statusOf(error);
    this.code = error.code;
    this.headers = headers;
  }
}

/**
 * The HTTP error of a failed outcome: 400 for params that do not fit, 429 with `Retry-After` when a limit of the tenant is full, 503 with it
 * when the runtime is overloaded or closing, 504 for a timeout, 499 when the client has gone, else 500.
 *
 * @param retryAfterSeconds for answers that ask the client to come back and do not know when; whole seconds
 */
export function httpErrorOf(error: HeddleError, retryAfterSeconds: number | (() => number) = 1): HttpError {
  const status = statusOf(error);
  if (status !== 503 && status !== TOO_MANY) return new HttpError(error);
  const { retryAfterMs } = error.details;
  const given = typeof retryAfterSeconds === 'number' ? () => retryAfterSeconds : retryAfterSeconds;
  const seconds = typeof retryAfterMs === 'number' ? retryAfterMs / 1000 : given();
  return new HttpError(error, { 'retry-after': String(Math.max(0, Math.ceil(seconds))) });
}

function statusOf({ type, details }: HeddleError): number {
  if (type === 'overloaded' && details['tenant'] !== undefined) return TOO_MANY;
  // An output that does not fit its schema is the server's fault.
  if (type === 'validation_error') return details['what'] === 'params' ? 400 : 500;
  return STATUS[type] ?? 500;
}
