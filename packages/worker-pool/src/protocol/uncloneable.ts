import { HeddleError } from '@heddle/core';

const MAX_NODES = 10_000;
const UNREADABLE = 'a value that cannot be read';

/** How values get to the other side. */
export interface Crossing {
  clones(this: void, value: unknown): boolean;
  /** What a value that does not clone cannot be. */
  readonly refused: string;
  readonly hint: string;
}

/** Between threads. */
export const TO_THREAD: Crossing = {
  clones(value) {
    try {
      structuredClone(value);
      return true;
    } catch {
      return false;
    }
  },
  refused: 'cloned to another thread',
  hint: 'pass plain data, or transfer what can be moved',
};

/**
 * The error of a value that does not cross: names the first path that does not clone, and what stands there.
 * Never throws. Source: SEMANTICS.
 */
export function uncloneableError(
  action: string,
  what: string,
  value: unknown,
  cause: unknown,
  hint?: string,
  crossing: Crossing = ownCrossing(),
): HeddleError {
  const found = findUncloneable(value, what, crossing);
  const where = found === undefined ? `\`${what}\`` : `\`${found.path}\``;
  const is = found === undefined ? '' : ` is ${found.kind}, which`;
  const message = `Action ${action}: ${where}${is} cannot be ${crossing.refused}; ${hint ?? crossing.hint}`;
  return new HeddleError('uncloneable', message, { cause, details: { action, path: found?.path ?? what } });
}

/** Whether a value can be sent from here to the host, or on the host to another thread. */
export function clones(value: unknown): boolean {
  return ownCrossing().clones(value);
}

// On `globalThis` and registered: a second copy of this package in the process must see it as well.
const OWN_CROSSING: symbol = Symbol.for('heddle.crossing');

/** Says how values get from here to the host; in a lane that is no thread. */
export function setOwnCrossing(crossing: Crossing): void {
  Object.defineProperty(globalThis, OWN_CROSSING, { value: crossing, configurable: true });
}

/** A lane knows how it reaches its host; how its host reaches it, the host has to say. */
function ownCrossing(): Crossing {
  return (Reflect.get(globalThis, OWN_CROSSING) as Crossing | undefined) ?? TO_THREAD; // set by `setOwnCrossing` alone
}

interface Found {
  readonly path: string;
  readonly kind: string;
}

/** Breadth first, so that the shortest path is named. */
function findUncloneable(root: unknown, name: string, { clones }: Crossing): Found | undefined {
  const seen = new Set<unknown>();
  const pending: { value: unknown; path: string }[] = [{ value: root, path: name }];
  for (const { value, path } of pending) {
    const kind = refusedKind(value);
    if (kind !== undefined) return { path, kind };
    if (typeof value !== 'object' || value === null || seen.has(value) || seen.size > MAX_NODES) continue;
    seen.add(value);
    const parts = partsOf(value, path);
    if (parts === undefined) return { path: unreadablePath(value, path), kind: UNREADABLE };
    if (parts.length === 0 && !clones(value)) return { path, kind: describeObject(value) };
    pending.push(...parts);
  }
  return undefined;
}

/** What a clone refuses by its kind. A proxy may not even say what it is. */
function refusedKind(value: unknown): string | undefined {
  try {
    return kindRefused(value);
  } catch {
    return UNREADABLE;
  }
}

function kindRefused(value: unknown): string | undefined {
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function \`${value.name}\``;
  if (typeof value === 'symbol') return 'a symbol';
  if (value instanceof Promise) return 'a promise (await it first)';
  if (value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef) return `a ${value.constructor.name}`;
  return undefined;
}

function partsOf(value: object, path: string): { value: unknown; path: string }[] | undefined {
  try {
    if (value instanceof Map)
      return [...value].flatMap(([key, part], index) => [
        { value: key, path: `${path}.keys()[${index}]` },
        { value: part, path: `${path}.get(${describeKey(key)})` },
      ]);
    if (value instanceof Set) return [...value].map((part, index) => ({ value: part, path: `${path}.values()[${index}]` }));
    if (ArrayBuffer.isView(value)) return [];
    if (Array.isArray(value)) return value.map((part, index) => ({ value: part, path: `${path}[${index}]` }));
    return Object.entries(value).map(([key, part]) => ({ value: part, path: keyPath(path, key) }));
  } catch {
    return undefined;
  }
}

function keyPath(path: string, key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

/** The first property whose getter throws, or the object itself when not even its keys can be read. */
function unreadablePath(value: object, path: string): string {
  try {
    for (const key of Object.keys(value)) if (!isReadable(value, key)) return keyPath(path, key);
  } catch {
    return path;
  }
  return path;
}

function isReadable(value: object, key: string): boolean {
  try {
    void (value as Record<string, unknown>)[key];
    return true;
  } catch {
    return false;
  }
}

function describeKey(key: unknown): string {
  return typeof key === 'string' ? JSON.stringify(key) : typeof key;
}

function describeObject(value: object): string {
  try {
    const name = value.constructor?.name;
    return name === undefined || name === '' || name === 'Object' ? 'an object of the host' : `a ${name}`;
  } catch {
    return 'an object that cannot be read';
  }
}
