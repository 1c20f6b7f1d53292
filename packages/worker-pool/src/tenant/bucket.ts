/** What rounding may cost: a thousand millionth of a token. */
const EPSILON = 1e-9;

/**
 * A token bucket: so many tokens a second, and never more than `burst` saved up. One that had to be overdrawn pays back first, so that the
 * rate holds in the long run.
 */
export class Bucket {
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #filledMs: number;

  constructor(ratePerSecond: number, burst: number, nowMs: number) {
    this.#perMs = ratePerSecond / 1000;
    this.#burst = burst;
    this.#tokens = burst;
    this.#filledMs = nowMs;
  }

  /** Milliseconds until a token is there; 0 = now. */
  waitMs(nowMs: number): number {
    this.#fill(nowMs);
    return this.#tokens >= 1 - EPSILON ? 0 : (1 - this.#tokens) / this.#perMs;
  }

  take(nowMs: number): void {
    this.#fill(nowMs);
    this.#tokens--;
  }

  /** Whether nothing is lost by forgetting it. */
  isFull(nowMs: number): boolean {
    this.#fill(nowMs);
    return this.#tokens >= this.#burst - EPSILON;
  }

  #fill(nowMs: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + Math.max(0, nowMs - this.#filledMs) * this.#perMs);
    this.#filledMs = nowMs;
  }
}
