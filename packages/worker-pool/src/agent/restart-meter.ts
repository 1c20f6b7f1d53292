import type { RestartLimit } from '@heddle/core';

/** Says whether an agent may be restarted once more: not more than so often within a time. Pure. */
export class RestartMeter {
  readonly #limit: Required<RestartLimit>;
  // Invariant: in order, and none older than the limit's time when last asked.
  #at: number[] = [];

  constructor(limit: Required<RestartLimit>) {
    this.#limit = limit;
  }

  /** Whether a restart is allowed at this moment, in milliseconds of a monotonic clock; then it counts. */
  allows(now: number): boolean {
    const { max, withinMs } = this.#limit;
    this.#at = this.#at.filter((at) => now - at < withinMs);
    if (this.#at.length >= max) return false;
    this.#at.push(now);
    return true;
  }
}
