/** What every object has, and what would make a proxy of a service look like a promise, a class or its own JSON. */
const NEVER_CALLED: ReadonlySet<string> = new Set([...Object.getOwnPropertyNames(Object.prototype), 'prototype', 'then', 'toJSON']);

/** Whether a service may have a method of this name, or be named so itself. */
export function mayBeCalled(name: string): boolean {
  return !NEVER_CALLED.has(name);
}
