import { HeddleError } from '@heddle/core';
import { kindOf } from '@heddle/core/engine';

/** The `invalid_input` error that names every fault of some options. `what` says whose they are. */
export function optionsError(faults: readonly string[], what = 'options'): HeddleError {
  return new HeddleError('invalid_input', `Invalid ${what}: ${faults.join('; ')}`, { details: { faults } });
}

/** The fault of an option that takes an abort signal, if any. */
export function signalFaults(name: string, value: unknown): string[] {
  if (value === undefined || value instanceof AbortSignal) return [];
  return [`\`${name}\` must be an AbortSignal; got ${kindOf(value)}`];
}
