import { fail, type Outcome } from '@heddle/core';
import { parseTarget, type Target } from './target.ts';
import { type Completion, waitFor } from './wait.ts';
import { DEFAULT_WAIT_MS, type WaitOptions, waitFault } from './wait-options.ts';

/**
 * Waits for one target to complete; at once when it already has.
 * Guarantees: never rejects, never cancels the target, and leaves nothing behind, neither timer nor listener.
 * Not ok is only what kept the wait from its end: `timeout`, `cancelled` (by `signal`), `not_found`, `invalid_async_ref`, `invalid_input`.
 * Source: SEMANTICS W-2, W-3.
 *
 * @param timeoutMs - `0` = only what is already there, `Infinity` = no limit
 * @example
 * ```ts
 * const done = await completion(runtime.start(resize, { path: 'a.jpg' }), 30_000)
 * if (done.ok && done.value.status === 'completed') done.value.result.bytes
 * ```
 */
export async function completion<V>(
  target: Target<V>,
  timeoutMs: number = DEFAULT_WAIT_MS,
  options: WaitOptions = {},
): Promise<Outcome<Completion<V>>> {
  const fault = waitFault(timeoutMs, options);
  if (fault !== undefined) return fail(fault);
  const handle = parseTarget(target);
  return handle.ok ? waitFor(handle.value, timeoutMs, options.signal) : handle;
}
