import { type Handle, ok } from '@heddle/core';
import { type End, type GroupOutcome, parseGroup, waitForGroup } from './group.ts';
import type { CompletionOf } from './target.ts';
import { DEFAULT_WAIT_MS, type WaitOptions } from './wait-options.ts';

/**
 * Waits until every target has completed, failed ones included, under one deadline. Of none: an empty map.
 * The first that cannot be waited for ends the wait at once, and is the failure's `target`; all of them go on running.
 * Never rejects. Source: SEMANTICS W-4.
 *
 * @returns the completions by target, in the order given
 * @example
 * ```ts
 * const done = await all(rows.map((row) => runtime.start(parse, row)), 30_000)
 * if (done.ok) for (const [ref, { status, result }] of done.value) report(ref.id, status, result)
 * ```
 */
export async function all<T extends Handle>(
  targets: Iterable<T>,
  timeoutMs: number = DEFAULT_WAIT_MS,
  options: WaitOptions = {},
): Promise<GroupOutcome<Map<T, CompletionOf<T>>, T>> {
  const group = parseGroup(targets, timeoutMs, options);
  if (!group.ok) return group;
  const ended = await waitForGroup(group.value, timeoutMs, options, everyEnd);
  if (!ended.ok) return ended;
  const completions = new Map<T, CompletionOf<T>>();
  for (const { target, done } of ended.value) if (done.ok) completions.set(target, done.value);
  return ok(completions);
}

/** Every end, in order; or at once the first that is no completion. */
async function everyEnd<T>(waits: readonly Promise<End<T>>[]): Promise<readonly End<T>[]> {
  const firstFailure = new Promise<readonly End<T>[]>((resolve) => {
    // Not awaited: a wait never rejects, and after the first failure the others have nobody to tell.
    for (const wait of waits) void wait.then((end) => (end.done.ok ? undefined : resolve([end])));
  });
  return Promise.race([firstFailure, Promise.all(waits)]);
}
