import type { HeddleError } from '@heddle/core';
import { cancelledError } from './task-error.ts';

/**
 * The errors of cancelled tasks. Tasks of one action that are cancelled for one reason in one burst, before anything else has its turn,
 * share the error, as all who listen to an abort signal share its reason: made one by one, the errors are most of what it takes to cancel
 * a hundred thousand (`bench cancel`). No later task gets it, whatever its reader has made of it.
 */
export class CancelledErrors {
  #last: { readonly action: string; readonly reason: string; readonly error: HeddleError } | undefined;
  readonly #forget = (): void => {
    this.#last = undefined;
  };

  of(action: string, reason: string): HeddleError {
    const last = this.#last;
    if (last !== undefined && last.action === action && last.reason === reason) return last.error;
    if (last === undefined) queueMicrotask(this.#forget);
    const error = cancelledError(action, reason);
    this.#last = { action, reason, error };
    return error;
  }
}
