import { Deserializer, Serializer } from 'node:v8';
import type { Crossing } from './uncloneable.ts';

/**
 * A message as bytes, for another process. The same structured clone that ports make, but for what only threads can share, move or rebuild:
 * a `SharedArrayBuffer`, a port, a `Blob` or another handle throws. Node's own channel would send many of those as empty objects.
 */
export function encodeForProcess(message: unknown): Buffer {
  if (holdsHandle(message)) throw new TypeError('a handle could not be cloned');
  const serializer = new Serializer();
  serializer.writeHeader();
  serializer.writeValue(message);
  return serializer.releaseBuffer();
}

/** Reads what {@link encodeForProcess} wrote. */
export function decodeFromProcess(bytes: Uint8Array): unknown {
  const deserializer = new Deserializer(bytes);
  deserializer.readHeader();
  return deserializer.readValue();
}

/** Between processes, where nothing can be shared or moved. */
export const TO_PROCESS: Crossing = {
  clones(value) {
    try {
      encodeForProcess(value);
      return true;
    } catch {
      return false;
    }
  },
  refused: 'sent to another process',
  hint: "pass plain data; what is shared or moved needs `isolation: 'thread'`",
};

/** Whether there is an object in it that is more than its properties, and which V8 would write as those. */
function holdsHandle(root: unknown): boolean {
  if (!isObject(root)) return false;
  const found = new Set([root]);
  // What is added is visited as well.
  for (const value of found) {
    if (isHandle(value)) return true;
    for (const part of partsOf(value)) if (isObject(part)) found.add(part);
  }
  return false;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function partsOf(value: object): Iterable<unknown> {
  if (Array.isArray(value) || value instanceof Set) return value;
  if (value instanceof Map) return [...value.keys(), ...value.values()];
  return ArrayBuffer.isView(value) ? [] : Object.values(value);
}

/** Node marks the classes that ports know how to send: each has methods under symbols of its own. */
function isHandle(value: object): boolean {
  let prototype: unknown = Object.getPrototypeOf(value);
  while (isObject(prototype) && prototype !== Object.prototype && prototype !== Array.prototype) {
    if (Object.getOwnPropertySymbols(prototype).some(({ description }) => description?.startsWith('messaging_') === true)) return true;
    prototype = Object.getPrototypeOf(prototype);
  }
  return value instanceof URL;
}
