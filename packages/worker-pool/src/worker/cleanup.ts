import { fail, type Outcome } from '@heddle/core';
import { toHeddleError } from '@heddle/core/engine';

/**
 * Runs deferred cleanups, one after the other, in the given order; one that fails does not stop the rest.
 * An error of the use wins over an error of the cleanup; the directive is kept. Source: SEMANTICS C-4.
 */
export async function runCleanups(cleanups: readonly (() => unknown)[], outcome: Outcome): Promise<Outcome> {
  let result = outcome;
  for (const cleanup of cleanups) {
    try {
      await cleanup();
    } catch (thrown) {
      if (result.ok) result = fail(toHeddleError(thrown), result.directive);
    }
  }
  return result;
}
