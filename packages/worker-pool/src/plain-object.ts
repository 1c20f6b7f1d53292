import { kindOf } from '@heddle/core/engine';

/** Whether a value is an object of keys alone: what params, contexts and the results that a chain merges have to be. Never throws. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  try {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const prototype: unknown = Object.getPrototypeOf(value);
    // The last case is another realm's `Object.prototype`: vm contexts, test runners.
    return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
  } catch {
    return false; // a proxy that cannot be asked
  }
}

/** How a value that is no plain object is called in messages: `a Map`, `an array`, `null`. Never throws. */
export function describeKind(value: unknown): string {
  try {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return kindOf(value);
    const name: unknown = value.constructor?.name;
    return typeof name === 'string' ? `a ${name}` : 'an object';
  } catch {
    return 'an object that cannot be read';
  }
}
