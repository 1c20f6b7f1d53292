import type { HeddleError } from '@heddle/core';
import type { ParsedTaskOptions } from './task-options.ts';

const MAX_BACKOFF_MS = 30_000;

/** Types that no policy may try again: trying could not help, or somebody asked for the end. Source: SEMANTICS R-6. */
const FINAL: ReadonlySet<string> = new Set([
  'validation_error',
  'config_error',
  'cancelled',
  'closed',
  'invalid_action',
  'invalid_input',
  'uncloneable',
  'load_error',
]);

/**
 * Whether a failed attempt is tried again. `attempts` have been made. A `retryIf` decides where the type leaves it open; without, the
 * error's own `retryable` does, and a timeout is final.
 */
export function shouldRetry(error: HeddleError, attempts: number, options: ParsedTaskOptions): boolean {
  if (attempts > options.maxRetries || FINAL.has(error.type) || options.transfer !== undefined || isCauseFinal(error)) return false;
  if (options.retryIf !== undefined && (error.retryable || error.type === 'timeout')) return options.retryIf(error, attempts);
  return error.retryable;
}

/** Milliseconds before the next attempt: doubling, capped, with jitter if asked for. `attempts` have been made; `random` is in [0, 1). */
export function backoffMs(attempts: number, options: ParsedTaskOptions, random: () => number): number {
  // The exponent is bounded too: zero times infinity is no number.
  const doublings = Math.min(Math.max(0, attempts - 1), 64);
  const wholeMs = Math.min(options.backoffMs * 2 ** doublings, MAX_BACKOFF_MS);
  // Half of it is certain, so that a retry is never at once.
  return options.jitter ? wholeMs / 2 + random() * (wholeMs / 2) : wholeMs;
}

/** Whether something behind the error says that trying again is of no use. */
function isCauseFinal(error: HeddleError): boolean {
  let { cause } = error;
  try {
    for (let depth = 0; depth < 16 && typeof cause === 'object' && cause !== null; depth++) {
      const { retryable, cause: next } = cause as { readonly retryable?: unknown; readonly cause?: unknown }; // any object may say it
      if (retryable === false) return true;
      cause = next;
    }
  } catch {
    // A cause that throws when read says no more.
  }
  return false;
}
