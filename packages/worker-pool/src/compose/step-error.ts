import { HeddleError } from '@heddle/core';

/** Which step of a chain (by index) or of a plan (by name) an error is about. */
export interface StepPlace {
  readonly step: number | string;
  readonly action: string;
}

/** The error of a step, as the composition's own: the same in everything, with the step's place among its `details`. */
export function stepError(error: HeddleError, place: StepPlace): HeddleError {
  const { type, message, retryable, cause, stack } = error;
  const details = { ...error.details, ...place };
  const placed = new HeddleError(type, message, { details, retryable, ...(cause === undefined ? {} : { cause }) });
  if (stack !== undefined) Object.defineProperty(placed, 'stack', { value: stack, configurable: true, writable: true });
  return placed;
}
