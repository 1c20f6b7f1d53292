import type { Clock } from '../clock.ts';
import { CLAIM_WORDS } from './claims.ts';

/** Behind the word of the pace: how many loads are under way in the thread, and whether it is to begin no more. */
const LOADS: number = CLAIM_WORDS + 1;
const ENDING: number = 1 << 30;
/** What loads for longer is code that runs while its module loads, and may never end. */
const MAX_WAIT_MS = 500;
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

  /** Before something is loaded. In a thread that is about to be ended it waits for that. */
  readonly begin = (): void => {
    const before = Atomics.add(this.#words, LOADS, 1);
    if ((before & ENDING) === 0) return;
    const now = Atomics.sub(this.#words, LOADS, 1) - 1;
    Atomics.wait(this.#words, LOADS, now, 2 * MAX_WAIT_MS);
    Atomics.add(this.#words, LOADS, 1);
  };

  readonly end = (): void => {
    Atomics.sub(this.#words, LOADS, 1);
  };
}

/** The host's end: settles when the thread loads nothing and will begin no load, or when one takes too long. It has to be ended then. */
export function loadsEnded(memory: SharedArrayBuffer, clock: Clock): Promise<void> {
  const words = new Int32Array(memory);
  Atomics.or(words, LOADS, ENDING);
  return new Promise((resolve) => {
    const untilMs = clock.now() + MAX_WAIT_MS;
    const look = (): void => {
      if (isLoading(words) && clock.now() < untilMs) clock.after(LOOK_EVERY_MS, look);
      else resolve();
    };
    look();
  });
}

function isLoading(words: Int32Array): boolean {
  return (Atomics.load(words, LOADS) & ~ENDING) !== 0;
}
