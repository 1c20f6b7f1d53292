import { CLAIM_WORDS } from './claims.ts';

/** Messages beside outcomes that a lane may have posted and its host not yet taken. */
const MAX_AHEAD = 256;
/** The host says how far it is every so many: a store and a wake-up for each message would cost more than the message. */
const STEP = 64;
/** How long a lane waits at the most for a host that takes nothing; then it posts all the same, and waits again. */
const MAX_WAIT_MS = 1000;

/**
 * Keeps a lane that logs, prints or reports progress in a loop from filling the host's memory with messages: past {@link MAX_AHEAD} it
 * waits until the host has taken some. One word, behind the claims: how many the host has taken.
 */
export class LanePace {
  readonly #words: Int32Array;
  #posted = 0;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
  }

  /** Before a message is posted. Blocks the thread, as writing to a full pipe does; a kill ends the wait. */
  wait(): void {
    const taken = Atomics.load(this.#words, CLAIM_WORDS);
    // Both cut to 32 bits, so that the difference is right across the wrap.
    if (((this.#posted - taken) | 0) >= MAX_AHEAD) Atomics.wait(this.#words, CLAIM_WORDS, taken, MAX_WAIT_MS);
  }

  posted(): void {
    this.#posted = (this.#posted + 1) | 0;
  }
}

/** The host's end: tells the lane how far it is. */
export class HostPace {
  readonly #words: Int32Array;
  #taken = 0;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
  }

  /** A message was taken. */
  take(): void {
    this.#taken = (this.#taken + 1) | 0;
    if (this.#taken % STEP !== 0) return;
    Atomics.store(this.#words, CLAIM_WORDS, this.#taken);
    Atomics.notify(this.#words, CLAIM_WORDS);
  }
}
