import { type ChildWait, HeddleError } from '@heddle/core';
import { durationFaults, kindOf } from '@heddle/core/engine';
import { optionsError, signalFaults } from '../option-faults.ts';

/** A wait for a child, complete. */
export interface ParsedChildWait {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Checks how an action waits for a child.
 *
 * @throws HeddleError `invalid_input` naming every option at fault
 */
export function parseChildWait(wait: unknown): ParsedChildWait {
  if (wait === undefined) return { timeoutMs: Number.POSITIVE_INFINITY, signal: undefined };
  if (typeof wait !== 'object' || wait === null)
    throw new HeddleError('invalid_input', `Invalid wait for a child: expected an object, got ${kindOf(wait)}`);
  const { timeoutMs, signal, ...rest } = wait as ChildWait; // every field is checked below
  const faults = durationFaults('timeoutMs', timeoutMs);
  faults.push(...signalFaults('signal', signal));
  for (const key of Object.keys(rest)) faults.push(`\`${key}\` is not an option`);
  if (faults.length > 0) throw optionsError(faults, 'wait for a child');
  return { timeoutMs: timeoutMs ?? Number.POSITIVE_INFINITY, signal };
}
