import { HeddleError } from '@heddle/core';
import { kindOf } from '@heddle/core/engine';
import { isPlainObject } from '../plain-object.ts';
import type { TaskOptions } from '../task-options.ts';

/** The options of a task that coroutines and streams have as well. */
export type GeneratorOptions = Pick<
  TaskOptions,
  'totalTimeoutMs' | 'deadline' | 'signal' | 'tag' | 'tenant' | 'link' | 'instance' | 'onProgress'
>;

const TASK_KEYS: ReadonlySet<string> = new Set([
  'totalTimeoutMs',
  'deadline',
  'signal',
  'tag',
  'tenant',
  'link',
  'instance',
  'onProgress',
  'timeoutMs',
] satisfies (keyof GeneratorOptions | 'timeoutMs')[]);

/**
 * The options as an object, to be checked one by one.
 *
 * @throws HeddleError `invalid_input` for anything else
 */
export function givenOptions(options: unknown): Readonly<Record<string, unknown>> {
  const given = options ?? {};
  if (!isPlainObject(given)) throw new HeddleError('invalid_input', `Invalid options: expected an object, got ${kindOf(given)}`);
  return given;
}

/** What is wrong with the names of options that are to be those of a task: one text each. `whose`: `a coroutine`, `a stream`. */
export function strangeOptions(options: Readonly<Record<string, unknown>>, whose: string): string[] {
  return Object.keys(options)
    .filter((key) => !TASK_KEYS.has(key))
    .map((key) => `\`${key}\` is not an option of ${whose}`);
}
