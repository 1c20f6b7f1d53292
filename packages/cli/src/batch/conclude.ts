import { isHeddleError } from '@heddle/core';
import { type BatchEnd, createSummary, type Summary } from '../report/summary.ts';
import { summaryText } from '../report/summary-text.ts';
import { type ExitCode, exitCodeOfSignal } from '../shell/exit-code.ts';
import type { Shell } from '../shell/shell.ts';
import type { OpenBatch } from './open-batch.ts';
import type { BatchOptions } from './options.ts';
import type { BatchState } from './state.ts';

/** Sums a batch up. */
export function conclude(batch: OpenBatch, options: BatchOptions, shell: Shell, state: BatchState): Summary {
  const { tally, earlier, action } = batch;
  const { ok, failed, types, busyMs, slowest, firstFailures } = tally;
  return createSummary({
    ...{ action, ok, failed, failures: types, earlier, busyMs, slowest, firstFailures },
    wallMs: shell.now() - state.startedAt,
    cpuMs: shell.cpuMs() - state.cpuAtStart,
    end: endOf(state, failed >= options.maxErrors),
    problem: state.broken === undefined ? null : messageOf(state.broken),
    output: options.output ?? null,
    journal: options.journal ?? null,
    deadLetter: options.deadLetter ?? null,
    exitCode: exitCodeOf(state, failed + earlier.failed),
  });
}

/** Writes the summary: as JSON on stdout when asked for, else in words on stderr, after what broke the run. */
export function showSummary(summary: Summary, { json }: BatchOptions, { stdout, stderr }: Shell): void {
  if (json) stdout.write(`${JSON.stringify(summary)}\n`);
  else stderr.write(`${summaryText(stderr, summary)}\n`);
}

function endOf({ broken, signal }: BatchState, isStopped: boolean): BatchEnd {
  if (broken !== undefined) return 'broken';
  if (signal !== undefined) return 'signal';
  return isStopped ? 'failures' : 'done';
}

/** A row of the whole job that failed, in this run or an earlier one, is a failure; what broke the run, or a signal, says more. */
function exitCodeOf({ broken, signal }: BatchState, failed: number): ExitCode {
  if (broken !== undefined) return isHeddleError(broken) && broken.type === 'invalid_input' ? 2 : 3;
  if (signal !== undefined) return exitCodeOfSignal(signal);
  return failed > 0 ? 1 : 0;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
