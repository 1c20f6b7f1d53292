import { HeddleError } from '@heddle/core';
import { durationFaults, kindOf } from '@heddle/core/engine';

/** Milliseconds that a wait may take unless told otherwise. */
export const DEFAULT_WAIT_MS = 10_000;

/** What a wait may be told beside its time. */
export interface WaitOptions {
  /** Ends this wait alone, with a `cancelled` error; what was waited for goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** The `invalid_input` error naming every option at fault, or nothing when all are right. */
export function waitFault(timeoutMs: unknown, options: unknown): HeddleError | undefined {
  const faults = [...durationFaults('timeoutMs', timeoutMs), ...optionFaults(options)];
  return faults.length === 0
    ? undefined
    : new HeddleError('invalid_input', `Invalid options: ${faults.join('; ')}`, { details: { faults } });
}

function optionFaults(options: unknown): string[] {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return [`expected an object, got ${kindOf(options)}`];
  const { signal, ...rest } = options as Readonly<Record<string, unknown>>; // every field is checked below
  const faults = Object.keys(rest).map((key) => `\`${key}\` is not an option`);
  if (signal !== undefined && !(signal instanceof AbortSignal)) faults.push(`\`signal\` must be an AbortSignal; got ${kindOf(signal)}`);
  return faults;
}
