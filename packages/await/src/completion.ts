import { type Completable, type Completion, type CompletionPaths, fail, type Handle, type Outcome } from '@heddle/core';
import { parseTarget, type Target } from './target.ts';
import { waitFor } from './wait.ts';
import { DEFAULT_WAIT_MS, type WaitOptions, waitFault } from './wait-options.ts';

/**
 * Waits for one target to complete; at once when it already has. A task completes when it ends. An agent completes when its state says so:
 * `completed` or `failed` at `statusPath`, the result at `resultPath`, the error at `errorPath`.
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
export function completion<R>(
  target: (Handle & Completable<R>) | undefined | null,
  timeoutMs?: number,
  options?: WaitOptions & { readonly [K in keyof CompletionPaths]?: undefined },
): Promise<Outcome<Completion<R, unknown>>>;
export function completion(
  target: (Handle & Completable) | undefined | null,
  timeoutMs: number,
  options: WaitOptions,
): Promise<Outcome<Completion<unknown, unknown>>>;
export function completion<V>(target: Target<V>, timeoutMs?: number, options?: WaitOptions): Promise<Outcome<Completion<V>>>;
export async function completion(
  target: Target,
  timeoutMs: number = DEFAULT_WAIT_MS,
  options: WaitOptions = {},
): Promise<Outcome<Completion<unknown, unknown>>> {
  const fault = waitFault(timeoutMs, options);
  if (fault !== undefined) return fail(fault);
  const handle = parseTarget(target);
  return handle.ok ? waitFor(handle.value, timeoutMs, options) : handle;
}
