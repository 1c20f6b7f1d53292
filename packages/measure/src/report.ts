import type { Control } from './control.ts';
import type { Summary } from './statistics.ts';

/** All that one scenario found; plain data, written as JSON. */
export interface ScenarioReport {
  readonly scenario: string;
  readonly summary: string;
  readonly machine: Machine;
  readonly rounds: number;
  readonly threads: number;
  readonly quick: boolean;
  readonly sections: readonly Section[];
  readonly notes: readonly string[];
}

/** Where it was measured, in general words. */
export interface Machine {
  readonly node: string;
  readonly platform: string;
  readonly arch: string;
  readonly cores: number;
}

/** One table: the same contenders by one or more quantities. */
export interface Section {
  readonly title: string;
  readonly quantities: readonly Quantity[];
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
