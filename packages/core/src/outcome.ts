import type { HeddleError } from './error.ts';
import { toHeddleError } from './thrown.ts';

// Registered and on the prototype: an outcome is known by its brand, so that a user's own `{ ok: true }` is no outcome,
// two copies of this package agree, and no outcome pays for a property of its own.
const OUTCOME: unique symbol = Symbol.for('heddle.outcome') as never;

/** A task that ended well. `directive` is whatever the action gave beside its value. */
export interface Success<V> {
  readonly ok: true;
  readonly value: V;
  readonly directive?: unknown;
}

/** A task that ended badly. The directive survives, as on every path. */
export interface Failure {
  readonly ok: false;
  readonly error: HeddleError;
  readonly directive?: unknown;
}

/** How a task ended. Source: SEMANTICS R-1. */
export type Outcome<V = unknown> = Success<V> | Failure;

class SuccessOutcome<V> implements Success<V> {
  readonly ok = true;
  readonly value: V;
  declare readonly directive?: unknown;
  constructor(value: V, directive?: unknown) {
    this.value = value;
    if (directive !== undefined) this.directive = directive;
  }
}

class FailureOutcome implements Failure {
  readonly ok = false;
  readonly error: HeddleError;
  declare readonly directive?: unknown;
  constructor(error: HeddleError, directive?: unknown) {
    this.error = error;
    if (directive !== undefined) this.directive = directive;
  }
}

for (const { prototype } of [SuccessOutcome, FailureOutcome]) Object.defineProperty(prototype, OUTCOME, { value: true });

/**
 * An outcome with a value; what `run` may return instead of the bare value, to add a directive.
 *
 * @example
 * ```ts
 * run: ({ id }) => ok({ id }, { next: 'notify' })
 * ```
 */
export function ok<V>(value: V, directive?: unknown): Success<V> {
  return new SuccessOutcome(value, directive);
}

/**
 * An outcome with an error; what `run` may return instead of throwing.
 * A string becomes the message of an `execution_error`; an object with a `code` such as `ECONNRESET` carries `retryable`.
 * Source: SEMANTICS A-6.
 *
 * @example
 * ```ts
 * run: ({ sku }) => stock.has(sku) ? stock.get(sku) : fail(`no stock of ${sku}`)
 * ```
 */
export function fail(error: unknown, directive?: unknown): Failure {
  return new FailureOutcome(toHeddleError(error, 'returned'), directive);
}

/** Whether a value is an outcome made by Heddle. A look-alike is not. Never throws. */
export function isOutcome(value: unknown): value is Outcome {
  try {
    return typeof value === 'object' && value !== null && OUTCOME in value;
  } catch {
    return false;
  }
}

/**
 * The value of a good outcome.
 *
 * @throws the outcome's {@link HeddleError} when it is not ok.
 */
export function unwrap<V>(outcome: Outcome<V>): V {
  if (outcome.ok) return outcome.value;
  throw outcome.error;
}
