import { HeddleError } from '@heddle/core';
import { durationFaults, kindOf } from '@heddle/core/engine';
import { isPlainObject } from '../plain-object.ts';
import { DEFAULT_TASK_OPTIONS, parseTaskOptions, type TaskOptions } from '../task-options.ts';

/** The options of a chain or a plan: those of every step's task, and a limit for all of them together. */
export interface ComposeOptions extends Omit<TaskOptions, 'transfer'> {
  /** When all of it is to be done, in milliseconds since the epoch: what runs then is stopped, and nothing more begins. @defaultValue none */
  readonly deadline?: number;
}

/** The options taken apart. */
export interface ParsedComposeOptions {
  readonly task: TaskOptions;
  /** `Infinity` = none. */
  readonly deadline: number;
}

/**
 * Checks the options of a chain or a plan.
 *
 * @throws HeddleError `invalid_input` naming every option at fault
 */
export function parseComposeOptions(options: unknown): ParsedComposeOptions {
  if (options === undefined) return { task: {}, deadline: Number.POSITIVE_INFINITY };
  if (!isPlainObject(options)) throw new HeddleError('invalid_input', `Invalid options: expected an object, got ${kindOf(options)}`);
  const { deadline, ...task } = options;
  const faults = durationFaults('deadline', deadline);
  if (task['transfer'] !== undefined) faults.push('`transfer` moves what one task is given: put it into the options of a step');
  if (faults.length > 0) throw new HeddleError('invalid_input', `Invalid options: ${faults.join('; ')}`, { details: { faults } });
  parseTaskOptions(task, DEFAULT_TASK_OPTIONS);
  return { task, deadline: typeof deadline === 'number' ? deadline : Number.POSITIVE_INFINITY };
}
