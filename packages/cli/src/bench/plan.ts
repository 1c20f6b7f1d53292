import { HeddleError } from '@heddle/core';

/**
 * What a slice looks into: throughput with many calls under way; one call at a time; how late the event loop gets; how much of the time
 * between two calls of a thread is not the action's own.
 */
export type Aspect = 'saturated' | 'single' | 'loop' | 'handover';

/** One kind of slice of a round. */
export interface SliceKind {
  readonly aspect: Aspect;
  readonly contender: string;
  /** Calls come in multiples of it, so that every thread has as many. */
  readonly unit: number;
  /** Milliseconds from one answer to the next, at this load. */
  readonly msPerCall: number;
}

/** How the measuring goes. */
export interface Plan {
  readonly rounds: number;
  /** Slices of each saturated kind in a round; of the others there is one. */
  readonly passes: number;
  /** Calls of one slice, in the order of the kinds. */
  readonly calls: readonly number[];
  readonly totalCalls: number;
  readonly totalMs: number;
}

/** What bounds a plan. */
export interface PlanLimits {
  readonly durationMs: number;
  /** `undefined`: five, more where there is time, and fewer where calls are long. */
  readonly rounds: number | undefined;
  readonly quick: boolean;
  /** Calls that may be made, and those that were made before. */
  readonly maxCalls: number;
  readonly madeCalls: number;
}

/** The event loop's delay is sampled a thousand times a second: it takes longer to see than the rest. */
const LOOP_SLICES = 3;

const FEWEST_ROUNDS = 3;
const MOST_ROUNDS = 20;
/** A round of this length is long enough; whoever has more time gets more rounds. Milliseconds. */
const ROUND_MS = 2000;

/**
 * Spreads the time over slices that take turns. Where calls are long the slices get fewer, then the rounds; a thread has at least one call a
 * slice, so the whole may take longer than was asked.
 *
 * @throws HeddleError `invalid_input` when fewer calls are allowed than it takes
 */
export function planRounds(kinds: readonly SliceKind[], limits: PlanLimits): Plan {
  const { durationMs, quick } = limits;
  const maxCalls = limits.maxCalls - limits.madeCalls;
  let rounds = limits.rounds ?? (quick ? FEWEST_ROUNDS : Math.min(MOST_ROUNDS, Math.max(5, Math.floor(durationMs / ROUND_MS))));
  let passes = quick ? 2 : 4;
  const fewest = limits.rounds ?? FEWEST_ROUNDS;
  let plan = spread(kinds, rounds, passes, durationMs);
  while (plan.totalMs > 1.5 * durationMs && (passes > 1 || rounds > fewest)) {
    if (passes > 1) passes -= 1;
    else rounds -= 1;
    plan = spread(kinds, rounds, passes, durationMs);
  }
  for (;;) {
    const smaller = shrink(kinds, plan, maxCalls);
    if (smaller.totalCalls <= maxCalls) return smaller;
    if (passes > 1) passes -= 1;
    else if (rounds > 1) rounds -= 1;
    else throw tooFew(kinds, limits);
    plan = spread(kinds, rounds, passes, durationMs);
  }
}

function tooFew(kinds: readonly SliceKind[], { maxCalls, madeCalls }: PlanLimits): HeddleError {
  const round = kinds.reduce((sum, { unit }) => sum + unit, 0);
  const why = `getting ready takes ${madeCalls} calls, and one round ${round}`;
  return new HeddleError('invalid_input', `\`--max-calls ${maxCalls}\` is too few: ${why}`);
}

function spread(kinds: readonly SliceKind[], rounds: number, passes: number, durationMs: number): Plan {
  const weights = kinds.map((kind) => weightOf(kind, passes));
  const sliceMs = durationMs / (rounds * weights.reduce((sum, weight) => sum + weight, 0));
  const calls = kinds.map(({ aspect, unit, msPerCall }) => {
    const wantedMs = aspect === 'loop' ? LOOP_SLICES * sliceMs : sliceMs;
    return Math.max(unit, Math.round(wantedMs / msPerCall / unit) * unit);
  });
  return total(kinds, { rounds, passes, calls });
}

/** The same with fewer calls in each slice, down to one a thread. */
function shrink(kinds: readonly SliceKind[], plan: Plan, maxCalls: number): Plan {
  let smaller = plan;
  // What is at its fewest already leaves less to the others than their share.
  for (let share = maxCalls / plan.totalCalls; smaller.totalCalls > maxCalls && share * plan.totalCalls >= 1; share *= 0.8) {
    const calls = kinds.map(({ unit }, at) => Math.max(unit, Math.floor(((plan.calls[at] ?? unit) * share) / unit) * unit));
    smaller = total(kinds, { ...plan, calls });
  }
  return smaller;
}

function total(kinds: readonly SliceKind[], plan: Pick<Plan, 'rounds' | 'passes' | 'calls'>): Plan {
  let totalCalls = 0;
  let totalMs = 0;
  for (const [at, kind] of kinds.entries()) {
    const calls = (plan.calls[at] ?? 0) * (kind.aspect === 'saturated' ? plan.passes : 1) * plan.rounds;
    totalCalls += calls;
    totalMs += calls * kind.msPerCall;
  }
  return { ...plan, totalCalls, totalMs };
}

/** Slices of a kind in a round, as long as one of them is. */
function weightOf({ aspect }: SliceKind, passes: number): number {
  if (aspect === 'saturated') return passes;
  return aspect === 'loop' ? LOOP_SLICES : 1;
}
