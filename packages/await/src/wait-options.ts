import { type CompletionPaths, HeddleError } from '@heddle/core';
import { durationFaults, kindOf } from '@heddle/core/engine';

/** Milliseconds that a wait may take unless told otherwise. */
export const DEFAULT_WAIT_MS = 10_000;

/** What a wait may be told beside its time. The paths are for agents; a task completes by its end. */
export interface WaitOptions extends CompletionPaths {
  /** Ends this wait alone, with a `cancelled` error; what was waited for goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** The `invalid_input` error that names every fault of some options. */
export function optionsError(faults: readonly string[]): HeddleError {
  return new HeddleError('invalid_input', `Invalid options: ${faults.join('; ')}`, { details: { faults } });
}

/** The `invalid_input` error naming every option at fault, or nothing when all are right. */
export function waitFault(timeoutMs: unknown, options: unknown): HeddleError | undefined {
  const faults = [...durationFaults('timeoutMs', timeoutMs), ...optionFaults(options)];
  return faults.length === 0 ? undefined : optionsError(faults);
}

function optionFaults(options: unknown): string[] {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return [`expected an object, got ${kindOf(options)}`];
  const { signal, statusPath, resultPath, errorPath, ...rest } = options as Readonly<Record<string, unknown>>; // every field is checked below
  const faults = Object.keys(rest).map((key) => `\`${key}\` is not an option`);
  if (signal !== undefined && !(signal instanceof AbortSignal)) faults.push(`\`signal\` must be an AbortSignal; got ${kindOf(signal)}`);
  for (const [name, path] of Object.entries({ statusPath, resultPath, errorPath }))
    if (path !== undefined && !isPath(path)) faults.push(`\`${name}\` must be an array of keys; got ${kindOf(path)}`);
  return faults;
}

function isPath(path: unknown): boolean {
  return Array.isArray(path) && path.every((key) => typeof key === 'string' || typeof key === 'number');
}
