import type { Control } from './control.ts';
import type { Summary } from './statistics.ts';

/** All that one scenario found; plain data, written as JSON. */
export interface ScenarioReport {
  readonly scenario: string;
  readonly summary: string;
  /** When it began, ISO 8601. */
  readonly date?: string;
  readonly machine: Machine;
  /** What was measured, by package. */
  readonly versions?: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly threads: number;
  readonly quick: boolean;
  readonly sections: readonly Section[];
  readonly notes: readonly string[];
  /** Pictures over several sections. */
  readonly overviews?: readonly Overview[];
}

/** Where it was measured, in general words. */
export interface Machine {
  readonly node: string;
  readonly platform: string;
  readonly arch: string;
  readonly cores: number;
  /** The model, as the system names it. */
  readonly cpu?: string;
  readonly memoryBytes?: number;
  /** Name and release of the system. */
  readonly os?: string;
}

/** One table: the same contenders by one or more quantities. */
export interface Section {
  readonly title: string;
  readonly quantities: readonly Quantity[];
  /** Said under the table: who is missing, who did something else, and why. */
  readonly notes?: readonly string[];
  readonly pictures?: readonly Picture[];
}

/** A picture of a section: bars of one of its quantities, or dots of several that share a unit on one line. */
export type Picture =
  | { readonly kind: 'bars'; readonly quantity: string }
  | { readonly kind: 'dots'; readonly quantities: readonly string[] };

/** Lines that go across sections: one quantity of each contender. */
export interface Overview {
  readonly title: string;
  readonly quantity: string;
  /** What changes from section to section. */
  readonly across: string;
  /** From left to right. */
  readonly steps: readonly { readonly section: string; readonly name: string }[];
  /** Contenders so far off that the others would lie on one line. */
  readonly without?: readonly string[];
}

/** One quantity of every contender. */
export interface Quantity {
  readonly name: string;
  readonly unit: string;
  readonly rows: readonly Row[];
  /** The contender that ratios refer to; absent where there is nothing to compare. */
  readonly base?: string;
  readonly control?: Control;
  readonly targets: readonly JudgedTarget[];
}

/** One contender's rounds. */
export interface Row {
  readonly contender: string;
  readonly rounds: readonly number[];
  readonly value: Summary;
  /** By the base, paired round by round. */
  readonly ratio?: Summary;
}

/** What was promised. Without `against`, of the value itself. */
export interface Target {
  readonly contender: string;
  readonly against?: string;
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** A target and what was measured. */
export interface JudgedTarget extends Target {
  readonly measured: number;
  readonly met: boolean;
}
