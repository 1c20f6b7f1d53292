import { HeddleError, type NestedOptions } from '@heddle/core';
import { kindOf } from '@heddle/core/engine';
import { optionsError } from './option-faults.ts';
import { isPlainObject } from './plain-object.ts';
import { DEFAULT_TASK_OPTIONS, definedOf, parseTaskOptions } from './task-options.ts';

/** Options of a task that nested work cannot have, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  retryIf: "functions do not cross threads; put it into the action's `defaults`",
  onProgress: 'functions do not cross threads',
  telemetry: 'the task that starts it says it',
  tenant: 'it belongs to that of the task that starts it',
  transfer: 'nested params are copied',
  instance: 'it runs where the task that starts it does',
  link: 'it ends with the task that starts it; see `onParentDeath` of `ctx.spawn`',
  isolate: 'with every lane waiting there would be none to give; isolate the task that starts it',
};

/**
 * Checks the options of nested work, in the thread that asks for it; those given come back.
 *
 * @throws HeddleError `invalid_input` naming every option at fault
 */
export function parseNestedOptions(options: unknown): NestedOptions {
  if (!isPlainObject(options)) throw new HeddleError('invalid_input', `Invalid options: expected an object, got ${kindOf(options)}`);
  const given = definedOf(options);
  const refused = Object.entries(REFUSED).filter(([key]) => key in given);
  if (refused.length > 0) {
    const faults = refused.map(([key, why]) => `\`${key}\` is not an option of nested work: ${why}`);
    throw optionsError(faults);
  }
  parseTaskOptions(given, DEFAULT_TASK_OPTIONS);
  return given as NestedOptions; // what it may hold was checked
}
