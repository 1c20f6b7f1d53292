import { pairedRatio } from './statistics.ts';

/** The baseline against itself: how much of a difference is noise. */
export interface Control {
  /** Median over rounds of the second measurement by the first. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  /** Whether the ratio lies so close to one that the run counts. */
  readonly valid: boolean;
}

const LOWEST = 0.97;
const HIGHEST = 1.03;

/** Judges a run by two measurements of the same thing in it, which should agree. */
export function judgeControl(first: readonly number[], second: readonly number[]): Control {
  const { median, low, high } = pairedRatio(second, first);
  return { ratio: median, low, high, valid: median >= LOWEST && median <= HIGHEST };
}
