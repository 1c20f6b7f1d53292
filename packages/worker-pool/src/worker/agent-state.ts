import type { Path } from '../protocol/agent.ts';

/**
 * Freezes a state, so that a handler that fails half-way has changed nothing. Plain objects and arrays alone: what is frozen already is not
 * looked into, so that a state that shares its parts with the one before costs what has changed.
 */
export function freezeState<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || !isPlain(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) freezeState(part);
  return value;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || prototype === Array.prototype;
}

/** What stands at a path; `undefined` where the path leads nowhere. Own properties alone, but for getters of Maps there is no way in. */
export function valueAt(state: unknown, path: Path): unknown {
  let value = state;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}
