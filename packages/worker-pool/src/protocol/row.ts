import { types } from 'node:util';

/** Says that a value does not cross as a row. */
export const NO_SHAPE = -1;

const MAX_FIELDS = 32;
const MAX_TEXT = 4096;
/** Shapes that one writer keeps apart; what has others crosses as it is. */
const MAX_SHAPES = 4;
/** Times in a row that the same keys have to come before they are announced: what runs a few times pays for nothing. */
const SIGHTINGS = 8;
/** After so many values in a row that fit no shape, the next {@link REST} are not looked at. */
const MISSES = 64;
const REST = 512;

interface Shape {
  readonly number: number;
  readonly keys: readonly string[];
}

const UNKNOWN: Shape = Object.freeze({ number: NO_SHAPE, keys: [] });

/**
 * Finds flat plain objects that have the same keys in the same order, so that they cross as rows: their keys once, then bare values.
 * Guarantees: what arrives is what a structured clone would have made. Whatever a clone treats otherwise (objects within, prototypes,
 * proxies, functions) is no row, and neither is a value whose getter throws: the clone tells.
 * A structured clone of an object of seven fields costs 0.8 µs there and back, as a row 0.35 µs: see `bench/dispatch`.
 */
export class RowWriter {
  /** The values of the last row, in the order of its keys; what stands behind {@link width} is of no meaning. */
  readonly fields: unknown[] = [];
  readonly #announce: (keys: readonly string[]) => number;
  readonly #shapes: Shape[] = [];
  // The one that fitted last.
  #shape: Shape = UNKNOWN;
  #candidate: readonly string[] = [];
  #sightings = 0;
  #misses = 0;

  /** `announce` tells the other side of a shape, and answers the shape's number. */
  constructor(announce: (keys: readonly string[]) => number) {
    this.#announce = announce;
  }

  /** Fields of the last row. */
  get width(): number {
    return this.#shape.keys.length;
  }

  /** Reads a value into {@link fields}; answers the number of its shape, or {@link NO_SHAPE}. */
  read(value: unknown): number {
    if (typeof value !== 'object' || value === null || this.#rests()) return NO_SHAPE;
    if (types.isProxy(value) || Object.getPrototypeOf(value) !== Object.prototype) return this.#missed();
    try {
      const shape = this.#fits(this.#shape, value) ? this.#shape : this.#find(value);
      if (shape === undefined) return this.#missed();
      this.#misses = 0;
      return shape.number;
    } catch {
      return this.#missed(); // a getter threw
    }
  }

  #rests(): boolean {
    if (this.#misses < MISSES) return false;
    this.#misses = this.#misses < MISSES + REST ? this.#misses + 1 : 0;
    return true;
  }

  #missed(): number {
    this.#misses++;
    return NO_SHAPE;
  }

  #fits({ keys }: Shape, value: object): boolean {
    const { fields } = this;
    let count = 0;
    // Not `Object.keys`: V8 reads fields faster that are named by the loop. What is inherited is in no shape, so it does not fit.
    for (const key in value) {
      if (keys[count] !== key) return false;
      const part: unknown = (value as Record<string, unknown>)[key];
      if (!isBare(part)) return false;
      fields[count++] = part;
    }
    return count > 0 && count === keys.length;
  }

  #find(value: object): Shape | undefined {
    for (const shape of this.#shapes) {
      if (!this.#fits(shape, value)) continue;
      this.#shape = shape;
      return shape;
    }
    this.#learn(value);
    return undefined;
  }

  #learn(value: object): void {
    if (this.#shapes.length === MAX_SHAPES) return;
    const keys = Object.keys(value);
    const known = keys.length === this.#candidate.length && keys.every((key, index) => key === this.#candidate[index]);
    this.#candidate = keys;
    this.#sightings = known ? this.#sightings + 1 : 1;
    if (this.#sightings < SIGHTINGS || !canBeShape(keys) || !Object.values(value).every(isBare)) return;
    this.#shapes.push({ number: this.#announce(keys), keys });
    this.#candidate = [];
  }
}

/** An object literal with `__proto__` has a prototype, not a key. */
function canBeShape(keys: readonly string[]): boolean {
  return keys.length > 0 && keys.length <= MAX_FIELDS && !keys.includes('__proto__');
}

/** What a clone copies as it is, and nobody can change meanwhile. */
function isBare(part: unknown): boolean {
  switch (typeof part) {
    case 'object':
      return part === null;
    case 'string':
      return part.length <= MAX_TEXT;
    case 'function':
    case 'symbol':
      return false;
    default:
      return true;
  }
}

type Build = (message: readonly unknown[], offset: number) => unknown;

/** Makes objects of rows again. */
export class RowReader {
  readonly #shapes: { readonly width: number; readonly build: Build }[] = [];

  /** The other side has announced a shape. */
  learn(number: number, keys: readonly string[]): void {
    this.#shapes[number] = { width: keys.length, build: createBuild(keys) };
  }

  /** Fields of a row. */
  width(shape: number): number {
    return this.#shapes[shape]?.width ?? 0;
  }

  /** The object whose values stand at an offset of a message. */
  at(shape: number, message: readonly unknown[], offset: number): unknown {
    return this.#shapes[shape]?.build(message, offset);
  }
}

/** Code of its own for each shape: an object literal costs a fifth of adding key after key (`bench/dispatch`). Keys are quoted, not trusted. */
function createBuild(keys: readonly string[]): Build {
  const fields = keys.map((key, index) => `${JSON.stringify(key)}: message[offset + ${index}]`);
  try {
    return new Function('message', 'offset', `return { ${fields.join(', ')} };`) as Build; // as its body says
  } catch {
    return (message, offset) => Object.fromEntries(keys.map((key, index) => [key, message[offset + index]])); // code generation is forbidden
  }
}
