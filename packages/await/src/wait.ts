import { type Completable, type Completion, fail, type Handle, HeddleError, isHeddleError, type Outcome, ok } from '@heddle/core';
import { isCompletable } from './target.ts';
import { timeoutError } from './timeout-error.ts';
import type { WaitOptions } from './wait-options.ts';

/**
 * Waits for one handle: by its state where it completes by that, else by its own `outcome` alone. Never cancels it, never rejects.
 *
 * An error that comes back may be the wait's own (it timed out, or its signal aborted) or the task's, and the two look alike: a task may
 * itself have timed out. The handle's status tells them apart; once it is settled its outcome stands, and is asked for again, because
 * it may have settled just after the wait had given up. With an agent there is no such doubt: its failure is a completion.
 */
export async function waitFor(target: Handle, timeoutMs: number, options: WaitOptions): Promise<Outcome<Completion<unknown, unknown>>> {
  const startedMs = performance.now();
  try {
    const ended = isCompletable(target) ? await stateOf(target, timeoutMs, options) : await endOf(target, timeoutMs, options.signal);
    if (ended.ok || ended.error.type !== 'timeout') return ended;
    return fail(timeoutError(target, timeoutMs, performance.now() - startedMs));
  } catch (thrown) {
    // A handle never rejects, so this one is not of our making.
    return fail(
      isHeddleError(thrown) ? thrown : new HeddleError('internal_error', 'A handle threw when asked for its outcome', { cause: thrown }),
    );
  }
}

function stateOf(target: Completable, timeoutMs: number, options: WaitOptions): Promise<Outcome<Completion<unknown, unknown>>> {
  return target.completion({ timeoutMs, ...options });
}

async function endOf(target: Handle, timeoutMs: number, signal: AbortSignal | undefined): Promise<Outcome<Completion>> {
  const outcome = await target.outcome({ timeoutMs, onTimeout: 'leave', ...(signal === undefined ? {} : { signal }) });
  if (outcome.ok) return ok(completionOf(outcome));
  if (target.status === 'settled') return ok(completionOf(await target.outcome({ timeoutMs: 0, onTimeout: 'leave' })));
  return outcome;
}

function completionOf(outcome: Outcome): Completion {
  return outcome.ok ? { status: 'completed', result: outcome.value } : { status: 'failed', result: outcome.error };
}
