import type { Contender } from './contender.ts';
import type { Field } from './contenders.ts';
import type { SliceKind } from './plan.ts';

/** What a warm-up found. */
export interface WarmUp {
  /** Milliseconds from one answer to the next, of the fastest batch: what else is at work on the machine only adds to it. */
  readonly msPerCall: number;
  readonly calls: number;
}

/** Batches at the least; but for calls that are slow indeed. */
const FEWEST_BATCHES = 5;
const SLOW_BATCHES = 2;
const SLOW_MS = 1000;

/**
 * Calls until the code is hot on both sides, and until it is known how fast they come: V8 compiles the last parts of the way only after some
 * ten thousand calls, which is why tiny calls get time and not a number. The first batch loads the action in its threads.
 */
async function warmUp(contender: Contender, inFlight: number, warmMs: number, maxCalls: number): Promise<WarmUp> {
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
    const enough = tookMs >= warmMs && batch >= (tookMs > SLOW_MS ? SLOW_BATCHES : FEWEST_BATCHES);
    if (enough || calls + unit > maxCalls) return { msPerCall, calls };
    const wanted = Math.min(count * 8, Math.ceil(warmMs / 2 / msPerCall), maxCalls - calls);
    count = Math.max(unit, Math.floor(wanted / unit) * unit);
  }
}

/** A call that takes so long is as fast in any company: it needs no warm-up of each. Milliseconds. */
const LONG_MS = 50;

/** Makes all hot that goes a way of its own, and tells each one's pace; in the order of the entries. */
export async function warmUpAll(
  { entries, again, base }: Field,
  warmMs: number,
  maxCalls: number,
  warm: (name: string, work: () => Promise<WarmUp>) => Promise<WarmUp>,
): Promise<{ readonly kinds: readonly SliceKind[]; readonly calls: number }> {
  const paces = new Map<string, number>();
  const share = Math.floor(maxCalls / entries.length);
  const kinds: SliceKind[] = [];
  let calls = 0;
  for (const { aspect, contender, inFlight } of entries) {
    const { name, threads } = contender;
    const alone = aspect === 'single' || (aspect === 'loop' && threads === 0);
    const way = `${name === again ? base : name}${alone ? ' alone' : ''}`;
    let msPerCall = paces.get(way) ?? (alone ? longOnly(paces.get(name), threads) : undefined);
    if (msPerCall === undefined) {
      const warmed = await warm(name, () => warmUp(contender, inFlight, warmMs, share));
      calls += warmed.calls;
      msPerCall = warmed.msPerCall;
    }
    paces.set(way, msPerCall);
    kinds.push({ aspect, contender: name, unit: aspect === 'single' ? 1 : Math.max(1, threads), msPerCall });
  }
  return { kinds, calls };
}

function longOnly(saturated: number | undefined, threads: number): number | undefined {
  const alone = (saturated ?? 0) * Math.max(1, threads);
  return alone > LONG_MS ? alone : undefined;
}
