import { type Failure, fail, HeddleError, isOutcome } from '@heddle/core';
import { kindOf, validationError } from '@heddle/core/engine';
import type { ActionEntry } from './action-table.ts';

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
      new HeddleError('invalid_input', `Invalid params type: action ${entry.action.name} takes a plain object, got ${describe(given)}`),
    );
  }
  if (context !== undefined && !isPlainObject(context)) {
    return fail(new HeddleError('invalid_input', `Invalid context type: expected a plain object, got ${describe(context)}`));
  }
  if (entry.params !== undefined) {
    const checked = entry.params.validate(given);
    if (!checked.ok) return fail(validationError(entry.action.name, 'params', checked.faults));
  }
  return { params: given, context };
}

function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // The last case is another realm's `Object.prototype`: vm contexts, test runners.
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return kindOf(value);
  const name: unknown = value.constructor?.name;
  return typeof name === 'string' ? `a ${name}` : 'an object';
}
