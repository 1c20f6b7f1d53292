import { HeddleError } from '@heddle/core';
import { kindOf } from '@heddle/core/engine';
import { isPlainObject } from '../plain-object.ts';
import { DEFAULT_TASK_OPTIONS, parseTaskOptions, type TaskOptions } from '../task-options.ts';

/** The options of a chain or a plan: those of every step's task. A step's own go before them, but for the `deadline`: there the earlier counts. */
export type ComposeOptions = Omit<TaskOptions, 'transfer'>;

/**
 * Checks the options of a chain or a plan.
 *
 * @throws HeddleError `invalid_input` naming every option at fault
 */
export function parseComposeOptions(options: unknown = {}): TaskOptions {
  if (!isPlainObject(options)) throw new HeddleError('invalid_input', `Invalid options: expected an object, got ${kindOf(options)}`);
  if (options['transfer'] !== undefined)
    throw new HeddleError('invalid_input', 'Invalid options: `transfer` moves what one task is given: put it into the options of a step');
  parseTaskOptions(options, DEFAULT_TASK_OPTIONS);
  return options; // checked
}
