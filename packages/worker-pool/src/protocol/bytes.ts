type View =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** What may be packed: a typed array, or a buffer. */
export type Bytes = View | ArrayBuffer;

/** Many of one kind behind one another, each at a multiple of eight. The buffer may be longer. */
export type PackedBytes = readonly [kind: number, lengths: readonly number[], buffer: ArrayBuffer];

interface ViewType {
  readonly prototype: View;
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer): View;
}

const VIEW_TYPES = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as readonly unknown[] as readonly ViewType[]; // their constructors differ only in what they read elements as

/** The kind of a bare buffer. */
const BUFFER = VIEW_TYPES.length;
/** Of everything else. */
export const NO_BYTES = -1;

const KINDS: ReadonlyMap<unknown, number> = new Map<unknown, number>([
  ...VIEW_TYPES.map(({ prototype }, kind): [unknown, number] => [prototype, kind]),
  [ArrayBuffer.prototype, BUFFER],
]);

/**
 * The kind of what can be copied as bytes and arrives as a structured clone would make it: a typed array that is the whole of a buffer of
 * its own, or such a buffer. A clone of a part takes the whole buffer along, shared memory stays shared, and what was moved away or can
 * grow has rules of its own: none of those.
 *
 * @throws whatever a hostile object throws
 */
export function bytesKind(value: unknown): number {
  if (typeof value !== 'object' || value === null) return NO_BYTES;
  const kind = KINDS.get(Object.getPrototypeOf(value));
  if (kind === undefined) return NO_BYTES;
  const { byteLength } = value as Bytes; // by its prototype
  const buffer = kind === BUFFER ? (value as ArrayBuffer) : (value as View).buffer;
  if (byteLength === 0 || buffer.byteLength !== byteLength || Object.getPrototypeOf(buffer) !== ArrayBuffer.prototype) return NO_BYTES;
  return (buffer as { readonly resizable?: boolean }).resizable === true ? NO_BYTES : kind; // not in the types of Node 20
}

/** Copies bytes of one kind behind one another. */
export class BytesPacker {
  readonly kind: number;
  readonly #lengths: number[] = [];
  #target: View;
  #end = 0;

  /** `capacity` in bytes; more is taken when it is needed. */
  constructor(kind: number, capacity: number) {
    this.kind = kind;
    this.#target = viewOf(kind, new ArrayBuffer(aligned(capacity)));
  }

  get count(): number {
    return this.#lengths.length;
  }

  /** Takes a copy of one more, which is of the packer's kind. */
  add(value: Bytes): void {
    const { byteLength } = value;
    const end = this.#end + aligned(byteLength);
    if (end > this.#target.byteLength) this.#grow(end);
    const source = this.kind === BUFFER ? new Uint8Array(value as ArrayBuffer) : (value as Float64Array); // of the same kind as the target
    (this.#target as Float64Array).set(source as Float64Array, this.#end / this.#target.BYTES_PER_ELEMENT);
    this.#lengths.push(byteLength);
    this.#end = end;
  }

  #grow(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, 2 * this.#target.byteLength));
    grown.set(new Uint8Array(this.#target.buffer as ArrayBuffer));
    this.#target = viewOf(this.kind, grown.buffer);
  }

  /** All of them; the buffer is fit to be transferred. The packer is done with. */
  take(): PackedBytes {
    return [this.kind, this.#lengths, this.#target.buffer as ArrayBuffer]; // made above
  }
}

/** Reads packed bytes in their order. Each that is read has a buffer of its own. */
export class BytesReader {
  readonly #kind: number;
  readonly #lengths: readonly number[];
  readonly #source: View;
  #index = 0;
  #offset = 0;

  constructor([kind, lengths, buffer]: PackedBytes) {
    this.#kind = kind;
    this.#lengths = lengths;
    this.#source = viewOf(kind, buffer);
  }

  next(): Bytes {
    const length = this.#lengths[this.#index++] ?? 0;
    const begin = this.#offset;
    this.#offset += aligned(length);
    if (this.#kind === BUFFER) return (this.#source.buffer as ArrayBuffer).slice(begin, begin + length); // made by a packer
    const size = this.#source.BYTES_PER_ELEMENT;
    return this.#source.slice(begin / size, (begin + length) / size);
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

function viewOf(kind: number, buffer: ArrayBuffer): View {
  const Type = VIEW_TYPES[kind] ?? Uint8Array;
  return new Type(buffer);
}
