import { fail, type Handle, HeddleError, isHeddleError, type Outcome, ok } from '@heddle/core';
import { kindOf } from '@heddle/core/engine';
import { isCompletable, parseTarget, type Target } from './target.ts';
import { optionsError } from './wait-options.ts';

/** How to cancel. */
export interface CancelOptions {
  /** Why; ends up in the `cancelled` error. @defaultValue 'client_cancelled' */
  readonly reason?: string | undefined;
}

/**
 * Asks a target to end. An agent is sent the signal `cancel`, and decides: ok says that the signal was taken, and `completion` when the agent
 * has acted on it; `runtime.cancel` is the forceful one. Anything else is cancelled through its own `cancel`, and ok says that it has ended;
 * one that had ended already keeps its result. Never rejects. Source: SEMANTICS W-5.
 */
export async function cancel(target: Target, options: CancelOptions = {}): Promise<Outcome<undefined>> {
  const fault = cancelFault(options);
  if (fault !== undefined) return fail(fault);
  const handle = parseTarget(target);
  if (!handle.ok) return handle;
  try {
    if (isSignalled(handle.value)) {
      handle.value.send('cancel', { reason: options.reason ?? 'client_cancelled' });
      return ok(undefined);
    }
    const cancelled = await handle.value.cancel(options.reason ?? 'client_cancelled');
    return cancelled.ok ? ok(undefined) : cancelled;
  } catch (thrown) {
    // A handle never rejects, so this one is not of our making.
    return fail(
      isHeddleError(thrown) ? thrown : new HeddleError('internal_error', 'A handle threw when it was cancelled', { cause: thrown }),
    );
  }
}

/** Whether a handle takes signals: an agent's. */
function isSignalled(target: Handle): target is Handle & { send(signal: string, data: unknown): void } {
  return isCompletable(target) && 'send' in target && typeof target.send === 'function';
}

function cancelFault(options: unknown): HeddleError | undefined {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    return new HeddleError('invalid_input', `Invalid options: expected an object, got ${kindOf(options)}`);
  }
  const { reason, ...rest } = options as Readonly<Record<string, unknown>>; // every field is checked below
  const faults = Object.keys(rest).map((key) => `\`${key}\` is not an option`);
  if (reason !== undefined && typeof reason !== 'string') faults.push(`\`reason\` must be a string; got ${kindOf(reason)}`);
  return faults.length === 0 ? undefined : optionsError(faults);
}
