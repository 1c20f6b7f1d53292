/** What is larger shares no message: to keep it apart from its neighbours its lane would copy it once more. Values. */
export const SHARED_SIZE = 256;

/** What is larger is not sent ahead: some 100 µs to write, and as long to read. Values. */
export const LARGE_SIZE = 1024;

/** What a value takes to be read. Microseconds. */
export const VALUE_US = 0.05;

/** Fewer are looked at one by one; of more, what the first ones are like is taken for all. */
const LOOKED_AT = 32;
const DEPTH = 6;
/** Text and bytes are copied as a whole: so many take as long as one value. */
const CHARACTERS = 256;
const BYTES = 1024;

/**
 * About how many values something is made of, as far as its first parts tell; 0 where it cannot be read. Costs a tenth of a microsecond for an
 * object of ten fields, and not much more for the largest: of an array one item stands for all.
 */
export function sizeOf(value: unknown): number {
  try {
    return Math.round(count(value, DEPTH));
  } catch {
    return 0; // a getter threw: whoever sends it will tell
  }
}

function count(value: unknown, depth: number): number {
  if (typeof value === 'string') return 1 + value.length / CHARACTERS;
  if (typeof value !== 'object' || value === null || depth === 0) return 1;
  if (Array.isArray(value)) return value.length === 0 ? 1 : 1 + value.length * count(value[value.length >> 1], depth - 1);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return 1 + value.byteLength / BYTES;
  if (value instanceof Map || value instanceof Set) return 1 + value.size * 4;
  return 1 + countFields(value, depth - 1);
}

function countFields(value: object, depth: number): number {
  let fields = 0;
  let sum = 0;
  for (const key in value) if (fields++ < LOOKED_AT) sum += count((value as Record<string, unknown>)[key], depth);
  return fields <= LOOKED_AT ? sum : (sum / LOOKED_AT) * fields;
}
