/** Most of an action's attempts below this may be sent ahead. Microseconds. */
export const TINY_US = 500;

/** What one more small task costs a lane beside its own run. Microseconds. */
export const OVERHEAD_US = 1;

const WEIGHT = 1 / 8;

/**
 * How long an attempt of one action takes: a running mean in microseconds, `undefined` until one has finished.
 * A single outlier moves it little: it counts as at most eight times the mean, so that one slow task in a thousand does not make the
 * other 999 look slow. A lasting change gets through in a few dozen tasks.
 */
export class Estimate {
  #us: number | undefined;
  /** The share of its attempts that waited for a promise: a running mean as well. */
  #awaiting = 0;

  get us(): number | undefined {
    return this.#us;
  }

  /** `awaited`: it gave a promise, however soon that was settled. */
  add(durationUs: number, awaited = false): void {
    if (this.#us === undefined) {
      this.#us = durationUs;
      this.#awaiting = awaited ? 1 : 0;
      return;
    }
    this.#awaiting += ((awaited ? 1 : 0) - this.#awaiting) * WEIGHT;
    const sample = Math.min(durationUs, 8 * this.#us + 100);
    this.#us += (sample - this.#us) * WEIGHT;
  }

  /** Whether more than one attempt in five gives a promise. */
  get awaits(): boolean {
    return this.#awaiting > 0.2;
  }

  /** Whether a task may wait behind others on a lane without anybody noticing. */
  get tiny(): boolean {
    return this.#us !== undefined && this.#us <= TINY_US;
  }
}
