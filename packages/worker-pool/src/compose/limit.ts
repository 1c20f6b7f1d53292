import { HeddleError } from '@heddle/core';
import { abortReason } from '../signal-hub.ts';
import type { TaskOptions } from '../task-options.ts';
import { type StepPlace, stepError } from './step-error.ts';

/** A chain or a plan, with the options of the whole of it. */
export interface Whole {
  readonly kind: 'chain' | 'plan';
  readonly options: TaskOptions;
}

/** Why no further step may begin, if so: the signal of the whole has fired. `what` names the step. */
export function abortedError(
  { kind, options: { signal } }: Whole,
  what: string,
  place: StepPlace,
  more?: Readonly<Record<string, unknown>>,
): HeddleError | undefined {
  if (signal?.aborted !== true) return undefined;
  const details = { ...place, reason: abortReason(signal.reason), ...more };
  return new HeddleError('cancelled', `The ${kind} was cancelled before step ${what}`, { details });
}

/** The error of a step, with its place; one that ran into the deadline of the whole says so. */
export function placedError({ kind, options }: Whole, error: HeddleError, place: StepPlace): HeddleError {
  const { details, retryable, cause } = error;
  // Each step is given the earlier of two deadlines: this one may be its own.
  const isLate = error.type === 'timeout' && details?.['clock'] === 'deadline' && details['deadline'] === options.deadline;
  if (!isLate) return stepError(error, place);
  const late = new HeddleError('timeout', `Action ${place.action} was stopped: the ${kind} ran past its \`deadline\``, {
    retryable,
    details: { ...details, reason: 'deadline' },
    ...(cause === undefined ? {} : { cause }),
  });
  return stepError(late, place);
}
