import { type Failure, fail, type Handle, HeddleError, type Outcome, ok, type Success } from '@heddle/core';
import { GiveUp } from './give-up.ts';
import { type CompletionOf, parseTarget } from './target.ts';
import { groupTimeoutError } from './timeout-error.ts';
import { waitFor } from './wait.ts';
import { type WaitOptions, waitFault } from './wait-options.ts';

/** What kept a shared wait from its end. `target` is there when one of them was the reason, and absent when it was the wait itself. */
export interface GroupFailure<T> extends Failure {
  readonly target?: T;
}

/** The end of a shared wait. Source: SEMANTICS W-4. */
export type GroupOutcome<V, T> = Success<V> | GroupFailure<T>;

/** The end of the wait for one of several. */
export interface End<T> {
  readonly target: T;
  readonly done: Outcome<CompletionOf<T>>;
}

/** Checks a shared wait whole, before any of it begins: its targets, each once, in the order given. Never throws. */
export function parseGroup<T extends Handle>(targets: Iterable<T>, timeoutMs: number, options: WaitOptions): GroupOutcome<readonly T[], T> {
  const fault = waitFault(timeoutMs, options);
  if (fault !== undefined) return fail(fault);
  let list: readonly T[];
  try {
    // Spread first: a set of `undefined` or `null` would be an empty one.
    list = [...new Set([...targets])];
  } catch (cause) {
    return fail(new HeddleError('invalid_input', '`targets` must be an iterable of handles', { cause }));
  }
  for (const target of list) {
    const handle = parseTarget(target);
    if (!handle.ok) return Object.assign(handle, { target });
  }
  return ok(list);
}

/**
 * Waits for several under one deadline. `choose` says which of the ends to wait for; when it has them, all other waits are given up,
 * and with them their timers and listeners. The targets themselves are left alone.
 */
export async function waitForGroup<T extends Handle>(
  targets: readonly T[],
  timeoutMs: number,
  { signal, ...paths }: WaitOptions,
  choose: (waits: readonly Promise<End<T>>[]) => Promise<readonly End<T>[]>,
): Promise<GroupOutcome<readonly End<T>[], T>> {
  const startedMs = performance.now();
  const done = new Set<Handle>();
  const giveUp = new GiveUp(targets.length);
  const onAbort = (): void => giveUp.abort(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const ends = await choose(targets.map((target, nth) => endOf(target, timeoutMs, { ...paths, signal: giveUp.signalOf(nth) }, done)));
    const failed = ends.find(({ done }) => !done.ok);
    if (failed === undefined || failed.done.ok) return ok(ends);
    const { error } = failed.done;
    // The wait as a whole ran out or was given up: no single target is the reason. A task's own timeout or cancel is a completion.
    if (error.type === 'timeout') return fail(groupTimeoutError(targets, done, timeoutMs, performance.now() - startedMs));
    return signal?.aborted ? fail(error) : Object.assign(fail(error), { target: failed.target });
  } finally {
    signal?.removeEventListener('abort', onAbort);
    giveUp.abort();
  }
}

async function endOf<T extends Handle>(target: T, timeoutMs: number, options: WaitOptions, completed: Set<Handle>): Promise<End<T>> {
  // How a handle of type T completes is by definition its `CompletionOf`; the compiler cannot see through the conditional type.
  const done = (await waitFor(target, timeoutMs, options)) as End<T>['done'];
  if (done.ok) completed.add(target);
  return { target, done };
}
