import type { Overview, Section } from '@heddle/measure';
import type { BenchOptions } from '../options.ts';

/** One thing that is measured. Runs in a process of its own, so that none sees the heap and the warm code of another. */
export interface Scenario {
  readonly name: string;
  readonly summary: string;
  /** Wants the process on one core: what it measures is work, not how the machine spreads it. */
  readonly pinned?: boolean;
  run(options: BenchOptions, progress: Progress): Promise<Found>;
}

/** Told where a scenario stands, in words. */
export type Progress = (text: string) => void;

/** What a scenario found. */
export interface Found {
  readonly sections: readonly Section[];
  readonly notes?: readonly string[];
  /** Pictures over several sections. */
  readonly overviews?: readonly Overview[];
}
