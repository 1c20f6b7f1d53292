import type { Action, HeddleError, Outcome } from '@heddle/core';
import { kindOf } from '@heddle/core/engine';
import { definedOf, type TaskOptions } from '../task-options.ts';

/** What chains and plans need of their runtime. */
export interface ComposeHost {
  /** As `runtime.run`. */
  run(action: Action, params: unknown, context: unknown, options: TaskOptions): Promise<Outcome>;
  /** Why this is nothing that `run` could run, if so. */
  actionFault(action: unknown): HeddleError | undefined;
  /** @throws HeddleError `not_found`, `closed` for an `instance` that cannot be run on */
  checkRoute(options: TaskOptions | undefined): void;
}

/** A step's own options above those of the whole. Of two deadlines the earlier counts, of two signals each. */
export function stepOptions(whole: TaskOptions, own: TaskOptions | undefined): TaskOptions {
  if (own === undefined) return whole;
  const options = { ...whole, ...definedOf(own), ...earlier(whole.deadline, own.deadline) };
  const { signal } = whole;
  if (signal === undefined || own.signal === undefined || own.signal === signal) return options;
  return { ...options, signal: AbortSignal.any([signal, own.signal]) };
}

function earlier(...given: readonly (number | undefined)[]): Pick<TaskOptions, 'deadline'> {
  const deadlines = given.filter((deadline) => deadline !== undefined);
  return deadlines.length === 0 ? {} : { deadline: Math.min(...deadlines) };
}

/** What an action is called that may be none. */
export function nameOfAction(action: unknown): string {
  return typeof action === 'object' && action !== null && 'name' in action ? String(action.name) : kindOf(action);
}
