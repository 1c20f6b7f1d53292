import type { Clock } from '../clock.ts';
import { CLAIM_WORDS } from './claims.ts';

/** Behind the word of the pace: how many loads are under way in the thread, and whether it is to begin no more. */
const LOADS: number = CLAIM_WORDS + 1;
const ENDING: number = 1 << 30;
/** Counts a load that runs code of users while it loads, and may never end. */
const ANY = 1;
/** Counts a load that is synchronous, and sure to end. */
const SURE: number = 1 << 15;
/** Milliseconds that a load has which may never end. */
const MAX_WAIT_MS = 500;
/** Milliseconds that one has which is sure to end: more than any machine is too busy for it. */
const MAX_SURE_MS = 60_000;
const LOOK_EVERY_MS = 1;

/**
 * Keeps a thread from being ended while it links modules: Node 20 aborts the whole process where that happens to a module that is
 * loaded synchronously, as TypeBox is. One word: the thread counts its loads, the host raises a flag; what was raised first is seen by the
 * other, so either the thread begins no load, or the host waits for it.
 */
export class LaneLoads {
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
  }

  /** Before something is loaded. `sure`: synchronously, with no code of users in it. In a thread that is about to be ended it waits for that. */
  readonly begin = (sure = false): void => {
    const before = Atomics.add(this.#words, LOADS, sure ? SURE : ANY);
    if ((before & ENDING) === 0) return;
    this.end(sure);
    // On a word of its own, which nobody ever wakes.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0);
  };

  readonly end = (sure = false): void => {
    Atomics.sub(this.#words, LOADS, sure ? SURE : ANY);
  };
}

/**
 * The host's end: settles when the thread loads nothing and will begin no load, when what it loads takes too long, or when it is over by
 * itself. It has to be ended then.
 */
export function loadsEnded(memory: SharedArrayBuffer, clock: Clock, isOver: () => boolean): Promise<void> {
  const words = new Int32Array(memory);
  Atomics.or(words, LOADS, ENDING);
  return new Promise((resolve) => {
    const sinceMs = clock.now();
    const look = (): void => {
      const loads = Atomics.load(words, LOADS) & ~ENDING;
      const limitMs = loads >= SURE ? MAX_SURE_MS : MAX_WAIT_MS;
      if (loads > 0 && !isOver() && clock.now() - sinceMs < limitMs) clock.after(LOOK_EVERY_MS, look);
      else resolve();
    };
    look();
  });
}
