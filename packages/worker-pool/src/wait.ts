import { type AwaitOptions, fail, HeddleError, type Outcome } from '@heddle/core';
import { durationFaults, kindOf } from '@heddle/core/engine';
import type { Clock } from './clock.ts';
import { optionsError, signalFaults } from './option-faults.ts';
import { type SignalHub, waitAbortedError } from './signal-hub.ts';
import type { Task } from './task.ts';
import { awaitTimeoutError } from './task-error.ts';

interface ParsedAwaitOptions {
  readonly timeoutMs: number;
  readonly leave: boolean;
  readonly signal: AbortSignal | undefined;
}

const DEFAULT_AWAIT_MS = 5000;

/**
 * Checks the options of a wait.
 *
 * @throws HeddleError `invalid_input` naming the option
 */
export function parseAwaitOptions(options: unknown): ParsedAwaitOptions {
  if (typeof options === 'number' || options === undefined) return parseAwaitOptions({ timeoutMs: options });
  if (typeof options !== 'object' || options === null)
    throw new HeddleError('invalid_input', `Invalid await options: expected milliseconds or an object, got ${kindOf(options)}`);
  const { timeoutMs, onTimeout = 'cancel', signal, ...rest } = options as AwaitOptions; // every field is checked below
  const faults = durationFaults('timeoutMs', timeoutMs);
  if (onTimeout !== 'cancel' && onTimeout !== 'leave') faults.push("`onTimeout` must be 'cancel' or 'leave'");
  faults.push(...signalFaults('signal', signal));
  for (const key of Object.keys(rest)) faults.push(`\`${key}\` is not an option`);
  if (faults.length > 0) throw optionsError(faults, 'await options');
  return { timeoutMs: timeoutMs ?? DEFAULT_AWAIT_MS, leave: onTimeout === 'leave', signal };
}

/**
 * Waits for one task. A settled one answers at once; a timeout gives a result that is already here its turn, then tells `onTimeout`
 * unless the task is to be left. Leaves no timer and no listener behind. Source: SEMANTICS E-3, E-4.
 */
export function waitFor(
  task: Task,
  options: ParsedAwaitOptions,
  clock: Clock,
  signals: SignalHub<() => void>,
  onTimeout: (task: Task) => void,
): Promise<Outcome> {
  const { timeoutMs, leave, signal } = options;
  if (task.outcome !== undefined) return Promise.resolve(task.outcome);
  return new Promise((resolve) => {
    const done = (outcome: Outcome): void => {
      timer?.cancel();
      if (signal !== undefined) signals.remove(signal, onAbort);
      task.removeWaiter(done);
      resolve(outcome);
    };
    const onAbort = (): void => done(fail(waitAbortedError(signal)));
    const expire = (): void => {
      // It may have settled in the turn of grace; then `done` has run already, and this resolves nothing.
      if (task.outcome !== undefined) return;
      done(fail(awaitTimeoutError(timeoutMs)));
      if (!leave) onTimeout(task);
    };
    task.addWaiter(done);
    const timer = timeoutMs === Number.POSITIVE_INFINITY ? undefined : clock.after(timeoutMs, () => clock.turn(expire));
    if (signal?.aborted === true) onAbort();
    else if (signal !== undefined) signals.add(signal, onAbort);
  });
}
