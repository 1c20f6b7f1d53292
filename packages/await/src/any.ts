import { fail, type Handle, HeddleError, ok } from '@heddle/core';
import { type End, type GroupOutcome, parseGroup, waitForGroup } from './group.ts';
import type { CompletionOf } from './target.ts';
import { DEFAULT_WAIT_MS, type WaitOptions } from './wait-options.ts';

/** The first of several to complete. */
export interface Winner<T> {
  readonly target: T;
  readonly completion: CompletionOf<T>;
}

/**
 * Waits until one of the targets has completed, a failed one included. Of those that already have, the first in the list wins.
 * The losers run on, and no later call hears of this one. Of none: a timeout at once. Never rejects. Source: SEMANTICS W-4.
 *
 * @example
 * ```ts
 * const first = await any(mirrors.map((url) => runtime.start(fetchPage, { url })), 5_000)
 * if (first.ok) first.value.completion.status
 * ```
 */
export async function any<T extends Handle>(
  targets: Iterable<T>,
  timeoutMs: number = DEFAULT_WAIT_MS,
  options: WaitOptions = {},
): Promise<GroupOutcome<Winner<T>, T>> {
  const group = parseGroup(targets, timeoutMs, options);
  if (!group.ok) return group;
  // What is already there must not be decided by which promise happens to be quicker.
  const settled = group.value.find(({ status }) => status === 'settled');
  const ended = await waitForGroup(settled === undefined ? group.value : [settled], timeoutMs, options, firstEnd);
  if (!ended.ok) return ended;
  const [winner] = ended.value;
  return winner?.done.ok ? ok({ target: winner.target, completion: winner.done.value }) : fail(nothingToWaitFor(timeoutMs));
}

async function firstEnd<T>(waits: readonly Promise<End<T>>[]): Promise<readonly End<T>[]> {
  return waits.length === 0 ? [] : [await Promise.race(waits)];
}

function nothingToWaitFor(timeoutMs: number): HeddleError {
  const details = { pending: [], pendingCount: 0, timeoutMs, waitedMs: 0 };
  return new HeddleError('timeout', 'There is no target to wait for: `any` of none times out at once', { details });
}
