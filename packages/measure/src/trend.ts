import { median } from 'simple-statistics';

/** What still counts as flat: a rise of a share of where the line begins, or of so much, whichever is more. */
export interface FlatLimit {
  /** 0.1 = a tenth. */
  readonly share: number;
  /** In the unit of the values. */
  readonly atLeast: number;
}

/** The straight line through something measured over time, by the median of the slopes of all pairs: outliers do not bend it (Theil, Sen). */
export interface Trend {
  /** Where the line begins. */
  readonly start: number;
  /** How much higher it ends than it begins. */
  readonly rise: number;
  /** Between these two the rise lies, in 99 of 100 cases of scatter like this. */
  readonly low: number;
  readonly high: number;
  /** How much of a rise counts as flat here. */
  readonly allowed: number;
  /** Not more than is allowed, or no rise that scatter alone would not make. What falls is flat. */
  readonly flat: boolean;
}

/** Of the normal distribution, both tails together 1 %. */
const QUANTILE = 2.5758;
/** Two points always lie on a line, and three nearly do. */
const FEWEST = 4;

/**
 * Judges whether something stays where it is. `undefined` with fewer than four points, which say nothing.
 * Expects times that rise.
 */
export function trendOf(times: readonly number[], values: readonly number[], { share, atLeast }: FlatLimit): Trend | undefined {
  const [first] = times;
  const last = times.at(-1);
  if (first === undefined || last === undefined || times.length < FEWEST || times.length !== values.length) return undefined;
  const slopes = slopesOf(times, values);
  const span = last - first;
  const slope = median(slopes);
  const start = median(values.map((value, index) => value - slope * ((times[index] ?? first) - first)));
  const rise = slope * span;
  // How far the count of rising pairs may be from that of falling ones by chance (Kendall), as places in the row of slopes.
  const count = times.length;
  const chance = QUANTILE * Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18);
  const below = Math.max(0, Math.floor((slopes.length - chance) / 2));
  const low = (slopes[below] ?? slope) * span;
  const high = (slopes[slopes.length - 1 - below] ?? slope) * span;
  const allowed = Math.max(Math.abs(start) * share, atLeast);
  return { start, rise, low, high, allowed, flat: rise <= allowed || low <= 0 };
}

/** Of all pairs, the lowest first. */
function slopesOf(times: readonly number[], values: readonly number[]): number[] {
  const slopes: number[] = [];
  for (const [index, time] of times.entries()) {
    const value = values[index] ?? Number.NaN;
    for (let other = index + 1; other < times.length; other++)
      slopes.push(((values[other] ?? Number.NaN) - value) / ((times[other] ?? Number.NaN) - time));
  }
  return slopes.sort((one, two) => one - two);
}
