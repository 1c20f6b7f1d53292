import type { Summary } from './statistics.ts';

/** A picture as plain data; nothing in it knows how it is drawn. */
export type Chart = BarChart | DotChart | LineChart;

/** What all have. */
interface Titled {
  readonly title: string;
  readonly unit: string;
  /** Told apart by colour; everything else is grey, or has a colour of the row. */
  readonly highlight?: readonly string[];
  /** What others are compared with: a colour of its own. */
  readonly base?: string;
}

/** One number of each, from the left, with a line from the lowest to the highest round. */
export interface BarChart extends Titled {
  readonly kind: 'bars';
  readonly bars: readonly Bar[];
}

/** One of them. */
export interface Bar {
  readonly name: string;
  readonly value: Summary;
  /** Stands behind it. */
  readonly label: string;
}

/** Several numbers of each on one line, like a median and a tail. Logarithmic. */
export interface DotChart extends Titled {
  readonly kind: 'dots';
  /** What each dot of a line is, in order. */
  readonly dots: readonly string[];
  readonly rows: readonly DotRow[];
}

/** One line of dots. */
export interface DotRow {
  readonly name: string;
  /** One for each of `dots`; `NaN` where there is none. */
  readonly values: readonly number[];
  /** Stands behind it. */
  readonly label: string;
}

/** How numbers go across something: time, load, size. */
export interface LineChart extends Titled {
  readonly kind: 'lines';
  /** What goes from left to right, with its unit. */
  readonly across: string;
  /** Of both axes. @defaultValue `linear` */
  readonly scale?: { readonly x?: 'linear' | 'log' | 'steps'; readonly y?: 'linear' | 'log' };
  readonly lines: readonly Line[];
}

/** One line. */
export interface Line {
  readonly name: string;
  readonly points: readonly Point[];
}

/** Where a line passes. With `steps` across, `x` is shown as it is. */
export interface Point {
  readonly x: number | string;
  readonly y: number;
}
