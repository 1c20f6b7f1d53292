import { type Failure, fail, HeddleError, isOutcome } from '@heddle/core';
import { validationError } from '@heddle/core/engine';
import type { ActionEntry } from './action-table.ts';
import { describeKind, isPlainObject } from './plain-object.ts';

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
  if (entry.objectParams && !isPlainObject(given)) {
    return fail(
      new HeddleError('invalid_input', `Invalid params type: action ${entry.action.name} takes a plain object, got ${describeKind(given)}`),
    );
  }
  if (context !== undefined && !isPlainObject(context)) {
    return fail(new HeddleError('invalid_input', `Invalid context type: expected a plain object, got ${describeKind(context)}`));
  }
  if (entry.params !== undefined) {
    const checked = entry.params.validate(given);
    if (!checked.ok) return fail(validationError(entry.action.name, 'params', checked.faults));
  }
  return { params: given, context };
}
