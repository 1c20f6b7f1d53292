import { Deserializer, Serializer } from 'node:v8';
import type { Crossing } from './uncloneable.ts';

/**
 * A message as bytes, for another process. The same structured clone that ports make, but for what only threads can share or move: a
 * `SharedArrayBuffer`, a port or a handle throws. Node's own channel would send those as empty objects.
 */
export function encodeForProcess(message: unknown): Buffer {
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
