import { type Failure, fail, isOutcome } from '@heddle/core';
import { validationError } from '@heddle/core/engine';
import type { ActionEntry } from './action-table.ts';
import { inputFault } from './input-fault.ts';

/** Params and context as they will be sent. */
export interface Admitted {
  readonly params: unknown;
  /** `undefined` stands for `{}`. */
  readonly context: unknown;
}

/**
 * Looks at what a caller gave, before any thread is used: unwraps an outcome, refuses what is no params, checks it by the schema.
 * What is sent is what was given, not what validation made of it: the worker validates again, after its hooks.
 * Source: SEMANTICS.
 */
export function admit(entry: ActionEntry, params: unknown, context: unknown): Admitted | Failure {
  if (isOutcome(params)) return params.ok ? admit(entry, params.value, context) : fail(params.error, params.directive);
  const given = params === undefined && entry.objectParams ? {} : params;
  const fault = inputFault(entry.action.name, entry.objectParams, given, context);
  if (fault !== undefined) return fail(fault);
  if (entry.params !== undefined) {
    const checked = entry.params.validate(given);
    if (!checked.ok) return fail(validationError(entry.action.name, 'params', checked.faults));
  }
  return { params: given, context };
}
