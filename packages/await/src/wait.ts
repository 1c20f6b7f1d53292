import { fail, type Handle, HeddleError, isHeddleError, type Outcome, ok } from '@heddle/core';
import { timeoutError } from './timeout-error.ts';

/** How a target ended. That it failed is a completion too: `result` is then its error. Source: SEMANTICS W-2. */
export type Completion<V = unknown> =
  | { readonly status: 'completed'; readonly result: V }
  | { readonly status: 'failed'; readonly result: HeddleError };

/**
 * Waits for one handle, by its own `outcome` alone. Never cancels it, never rejects.
 *
 * An error that comes back may be the wait's own (it timed out, or its signal aborted) or the task's, and the two look alike: a task may
 * itself have timed out. The handle's status tells them apart; once it is settled its outcome stands, and is asked for again, because
 * it may have settled just after the wait had given up.
 */
export async function waitFor<V>(target: Handle<V>, timeoutMs: number, signal: AbortSignal | undefined): Promise<Outcome<Completion<V>>> {
  const startedMs = performance.now();
  try {
    const outcome = await target.outcome({ timeoutMs, onTimeout: 'leave', ...(signal === undefined ? {} : { signal }) });
    if (outcome.ok) return ok(completionOf(outcome));
    if (target.status === 'settled') return ok(completionOf(await target.outcome({ timeoutMs: 0, onTimeout: 'leave' })));
    return fail(outcome.error.type === 'timeout' ? timeoutError(target, timeoutMs, performance.now() - startedMs) : outcome.error);
  } catch (thrown) {
    // A handle never rejects, so this one is not of our making.
    return fail(
      isHeddleError(thrown) ? thrown : new HeddleError('internal_error', 'A handle threw when asked for its outcome', { cause: thrown }),
    );
  }
}

function completionOf<V>(outcome: Outcome<V>): Completion<V> {
  return outcome.ok ? { status: 'completed', result: outcome.value } : { status: 'failed', result: outcome.error };
}
