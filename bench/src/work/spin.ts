/** CPU work of a fixed size: a count, not a time, so that a busy machine makes it longer for everybody alike. */
export interface Spin {
  readonly iterations: number;
  readonly seed: number;
}

/** Turns a xorshift generator `iterations` times. */
export function spin({ iterations, seed }: Spin): number {
  let state = seed | 1;
  for (let left = iterations; left > 0; left--) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  return state;
}

/** Nanoseconds for one iteration on this machine, on a thread that does nothing else. */
export function spinCostNs(): number {
  const iterations = 2_000_000;
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 7; round++) {
    const begun = performance.now();
    spin({ iterations, seed: round });
    best = Math.min(best, performance.now() - begun);
  }
  return (best * 1e6) / iterations;
}
