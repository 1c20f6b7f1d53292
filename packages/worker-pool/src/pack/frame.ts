/** Items of one pack at the most. */
export const PACK_ITEMS = 512;

const HEADER_BYTES = 64;
const VALUES_BYTES = PACK_ITEMS * Float64Array.BYTES_PER_ELEMENT;
const DURATIONS_BYTES = PACK_ITEMS * Float32Array.BYTES_PER_ELEMENT;

/** How an item ended, as far as it fits into shared memory. The others come by message, in the order of the items. */
export const RESULT_NUMBER = 0;
export const RESULT_UNDEFINED = 1;
export const RESULT_NULL = 2;
export const RESULT_TRUE = 3;
export const RESULT_FALSE = 4;
export const RESULT_VALUE = 5;
export const RESULT_BYTES = 6;
export const RESULT_EXCEPTION = 7;

/** How far a pack is. */
export interface Progress {
  /** Items claimed by the lane. */
  readonly claimed: number;
  /** Of them, those that have ended. The one claimed last may still run. */
  readonly ended: number;
}

/**
 * The memory that the items of one pack share between host and lane. One word holds who may still begin: the number of items claimed, and
 * the number that may be. The lane claims by adding one to the first, the host takes back by lowering the second, each in one atomic
 * operation on the word: so each item is begun or taken back, never both, and neither waits for the other thread.
 *
 * The lane writes how an item ended before it claims the next. So who sees the word move sees the result: numbers outlive their thread,
 * and need no message to be read.
 */
export class Frame {
  readonly memory: SharedArrayBuffer;
  /** The numbers that items are given, until they are claimed; then what they ended with. */
  readonly values: Float64Array;
  /** Microseconds each took. */
  readonly durations: Float32Array;
  readonly results: Uint8Array;
  // The lower half: claimed. The upper half: may be claimed. One more than may be is claimed when the last has ended.
  readonly #word: Int32Array;

  constructor(memory: SharedArrayBuffer = createFrameMemory()) {
    this.memory = memory;
    this.#word = new Int32Array(memory, 0, 1);
    this.values = new Float64Array(memory, HEADER_BYTES, PACK_ITEMS);
    this.durations = new Float32Array(memory, HEADER_BYTES + VALUES_BYTES, PACK_ITEMS);
    this.results = new Uint8Array(memory, HEADER_BYTES + VALUES_BYTES + DURATIONS_BYTES, PACK_ITEMS);
  }

  /** The host fills it anew. The message that follows publishes it. */
  open(count: number): void {
    Atomics.store(this.#word, 0, count << 16);
  }

  /** The lane claims the next item, and says so that the one before has ended; −1 when no more may be. */
  claim(): number {
    const word = Atomics.add(this.#word, 0, 1);
    const next = word & 0xffff;
    return next < word >>> 16 ? next : -1;
  }

  /** Nothing more is claimed from here on. */
  close(): Progress {
    for (;;) {
      const word = Atomics.load(this.#word, 0);
      const next = word & 0xffff;
      if (next > word >>> 16 || Atomics.compareExchange(this.#word, 0, word, (next << 16) | next) === word) return progressOf(word);
    }
  }

  get progress(): Progress {
    return progressOf(Atomics.load(this.#word, 0));
  }
}

function progressOf(word: number): Progress {
  const next = word & 0xffff;
  const end = word >>> 16;
  return next > end ? { claimed: end, ended: end } : { claimed: next, ended: Math.max(0, next - 1) };
}

function createFrameMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEADER_BYTES + VALUES_BYTES + DURATIONS_BYTES + PACK_ITEMS);
}
