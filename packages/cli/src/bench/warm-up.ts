import type { Contender } from './contender.ts';

/** What a warm-up found. */
export interface WarmUp {
  /** Milliseconds from one answer to the next, of the fastest batch: what else is at work on the machine only adds to it. */
  readonly msPerCall: number;
  readonly calls: number;
}

/** Batches, and as many times the time, after which a warm-up ends in any case. */
const FEWEST_BATCHES = 4;
const LONGEST = 4;

/**
 * Calls until the code is hot on both sides, and until it is known how fast they come: V8 compiles the last parts of the way only after some
 * ten thousand calls, which is why tiny calls get time and not a number.
 */
export async function warmUp(contender: Contender, inFlight: number, warmMs: number, maxCalls: number): Promise<WarmUp> {
  const unit = Math.max(1, contender.threads);
  let msPerCall = Number.POSITIVE_INFINITY;
  let calls = 0;
  let tookMs = 0;
  let count = unit;
  for (let batch = 1; ; batch++) {
    const { wallMs } = await contender.drive(count, inFlight);
    msPerCall = Math.min(msPerCall, wallMs / count);
    calls += count;
    tookMs += wallMs;
    const enough = tookMs >= warmMs && (batch >= FEWEST_BATCHES || tookMs >= LONGEST * warmMs);
    if (enough || calls + unit > maxCalls) return { msPerCall, calls };
    const wanted = Math.min(count * 8, Math.ceil(warmMs / 2 / msPerCall), maxCalls - calls);
    count = Math.max(unit, Math.floor(wanted / unit) * unit);
  }
}
