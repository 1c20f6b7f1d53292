import { linearRegression, mean } from 'simple-statistics';

/** What still counts as flat: a rise of a share of where the line begins, or of so much, whichever is more. */
export interface FlatLimit {
  /** 0.1 = a tenth. */
  readonly share: number;
  /** In the unit of the values. */
  readonly atLeast: number;
}

/** The straight line through something measured over time (least squares). */
export interface Trend {
  /** Where the line begins. */
  readonly start: number;
  /** How much higher it ends than it begins. */
  readonly rise: number;
  /** The standard error of the rise: what scatter alone may make of it. */
  readonly error: number;
  /** How much of a rise counts as flat here. */
  readonly allowed: number;
  /** Not more than is allowed, or not more than three times what scatter may make of it. What falls is flat. */
  readonly flat: boolean;
}

const ERRORS = 3;
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
  const { m: slope, b: base } = linearRegression(times.map((time, index) => [time, values[index] ?? Number.NaN]));
  const centre = mean([...times]);
  const spread = times.reduce((sum, time) => sum + (time - centre) ** 2, 0);
  const missed = times.reduce((sum, time, index) => sum + ((values[index] ?? Number.NaN) - base - slope * time) ** 2, 0);
  const start = base + slope * first;
  const rise = slope * (last - first);
  const error = Math.sqrt(missed / (times.length - 2) / spread) * (last - first);
  const allowed = Math.max(Math.abs(start) * share, atLeast);
  return { start, rise, error, allowed, flat: rise <= Math.max(allowed, ERRORS * error) };
}
