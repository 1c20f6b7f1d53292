import type { ExitCode } from '../shell/exit-code.ts';
import type { FailedRow, SlowRow } from './tally.ts';

/** Why a batch ended: all of the input was run, or what stopped it before. */
export type BatchEnd = 'done' | 'failures' | 'signal' | 'broken';

/** How a batch went; what `--json` prints. Counts of rows; `earlier` is what runs before this one settled. */
export interface Summary {
  readonly action: string;
  /** Settled in this run. */
  readonly rows: number;
  readonly ok: number;
  readonly failed: number;
  /** The failed of this run by error type. */
  readonly failures: Readonly<Record<string, number>>;
  readonly earlier: { readonly ok: number; readonly failed: number };
  readonly wallMs: number;
  /** CPU time of the process, all threads. */
  readonly cpuMs: number;
  /** Time of all tasks added up. */
  readonly busyMs: number;
  /** `busyMs` over `wallMs`: how many times faster than one lane running row after row. */
  readonly speedUp: number;
  readonly rowsPerSecond: number;
  readonly slowest: readonly SlowRow[];
  readonly firstFailures: readonly FailedRow[];
  readonly end: BatchEnd;
  /** What went wrong with the run itself, if anything did. */
  readonly problem: string | null;
  readonly output: string | null;
  readonly journal: string | null;
  readonly deadLetter: string | null;
  readonly exitCode: ExitCode;
}

/** What {@link createSummary} is made from. */
export interface SummaryFacts extends Omit<Summary, 'speedUp' | 'rowsPerSecond' | 'rows'> {}

/** Adds the figures that follow from the others. */
export function createSummary(facts: SummaryFacts): Summary {
  const rows = facts.ok + facts.failed;
  const { wallMs, busyMs } = facts;
  return {
    ...facts,
    rows,
    wallMs: round(wallMs),
    cpuMs: round(facts.cpuMs),
    busyMs: round(busyMs),
    speedUp: wallMs > 0 ? Math.round((busyMs / wallMs) * 100) / 100 : 0,
    rowsPerSecond: wallMs > 0 ? Math.round((rows / wallMs) * 100_000) / 100 : 0,
    slowest: facts.slowest.map((row) => ({ ...row, ms: round(row.ms) })),
  };
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
