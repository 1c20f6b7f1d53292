import type { Signal } from '../shell/exit-code.ts';

/** What has happened to a batch beside its rows. */
export interface BatchState {
  readonly startedAt: number;
  readonly cpuAtStart: number;
  signal: Signal | undefined;
  /** What keeps the run from going on, if anything does. */
  broken: unknown;
}
