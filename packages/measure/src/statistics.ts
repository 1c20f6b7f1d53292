import { max, median, min, quantile } from 'simple-statistics';

/** Several rounds of one quantity in short. */
export interface Summary {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Median and extremes. Of nothing: all `NaN`. */
export function summarise(values: readonly number[]): Summary {
  if (values.length === 0) return { median: Number.NaN, low: Number.NaN, high: Number.NaN };
  const list = [...values];
  return { median: median(list), low: min(list), high: max(list) };
}

/** The value that a share `q` of all lies at or below. Of nothing: `NaN`. */
export function quantileOf(values: readonly number[], q: number): number {
  return values.length === 0 ? Number.NaN : quantile([...values], q);
}

/** The ratio of two quantities, round by round: what shook a whole round shakes both sides of it, and cancels out. */
export function pairedRatio(values: readonly number[], base: readonly number[]): Summary {
  const ratios: number[] = [];
  for (const [round, value] of values.entries()) {
    const against = base[round];
    if (against !== undefined) ratios.push(value / against);
  }
  return summarise(ratios);
}
