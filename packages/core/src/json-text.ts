/**
 * A value as JSON text, as much of it as JSON can say: bigints and dates as text, maps, sets and typed arrays as what they hold, an object
 * inside itself as `"[Circular]"`. What JSON leaves out of objects (functions, `undefined`) is left out; alone it is `null`.
 *
 * @throws what the value throws when it is read
 */
export function jsonText(value: unknown): string {
  return JSON.stringify(plainOf(value, [])) ?? 'null';
}

function plainOf(value: unknown, around: readonly object[]): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (around.includes(value)) return '[Circular]';
  const inside = [...around, value];
  const plain = (part: unknown): unknown => plainOf(part, inside);
  if (hasToJson(value)) return plain(value.toJSON());
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return [...value.keys()].every(isText) ? plain(Object.fromEntries(value)) : [...value].map(plain);
  if (value instanceof Set) return [...value].map(plain);
  if (value instanceof Error) return { name: value.name, message: value.message };
  if (value instanceof ArrayBuffer) return [...new Uint8Array(value)];
  // A DataView has bytes, but no elements of its own.
  if (value instanceof DataView) return [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)];
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number | bigint>, plain); // every other view is a typed array
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}

function isText(key: unknown): boolean {
  return typeof key === 'string';
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}
