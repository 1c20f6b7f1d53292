import type { Quantity } from '@heddle/measure';
import { threadsName } from './contender.ts';
import { countText, shareText, timesText, timeText } from './format.ts';
import type { ActionReport } from './report.ts';

/** A table of texts: the first column says what a row is. */
export interface ReportTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Stands below it. */
  readonly note: string | undefined;
}

/** How many calls come out, and what that is by the base and by one thread. */
export function throughputTable({ throughput, gains, base }: ActionReport): ReportTable {
  const rows = throughput.rows.map(({ contender, value, ratio }) => {
    const gain = gains.find(({ threads }) => threadsName(threads) === contender);
    return [
      contender,
      countText(value.median),
      ratio === undefined ? '' : timesText(ratio.median),
      ratio === undefined || contender === base ? '' : `${timesText(ratio.low)}–${timesText(ratio.high)}`,
      gain === undefined ? '' : shareText(gain.efficiency),
    ];
  });
  const { control } = throughput;
  const note =
    control === undefined
      ? undefined
      : `${base} against itself: ${timesText(control.ratio)} (${timesText(control.low)}–${timesText(control.high)})`;
  return { head: ['throughput', 'calls/s', `× ${base}`, 'lowest–highest', 'efficiency'], rows, note };
}

/** From call to answer. */
export function latencyTable({ single, saturated, inFlight }: ActionReport): ReportTable {
  const names = new Set([...saturated.p50.rows, ...single.p50.rows].map(({ contender }) => contender));
  const percentiles = [single.p50, single.p90, single.p99, saturated.p50, saturated.p90, saturated.p99];
  return {
    head: ['time to the answer', 'alone p50', 'p90', 'p99', `${inFlight} at once p50`, 'p90', 'p99'],
    rows: [...names].map((name) => [name, ...percentiles.map((quantity) => timeCell(quantity, name))]),
    note: undefined,
  };
}

/** What a call takes of the machine. */
export function costTable({ mainThread, cpu, loopDelay }: ActionReport): ReportTable {
  return {
    head: ['what a call costs', 'main thread', 'CPU, all threads', 'event loop late by, p99'],
    rows: mainThread.rows.map(({ contender }) => [
      contender,
      ...[mainThread, cpu, loopDelay].map((quantity) => timeCell(quantity, contender)),
    ]),
    note: undefined,
  };
}

/** How it was measured, in a line. */
export function methodText({ rows, inFlight, rounds, machine, quick, end }: ActionReport): string {
  return [
    ...(rows === 1 ? [] : [`${countText(rows)} rows in turns`]),
    `${inFlight} calls under way`,
    `medians of ${rounds} ${rounds === 1 ? 'round' : 'rounds'}`,
    `Node ${machine.node}, ${machine.cores} ${machine.cores === 1 ? 'core' : 'cores'}`,
    ...(quick ? ['quick: figures are rough'] : []),
    ...(end === 'signal' ? ['ended early'] : []),
  ].join(', ');
}

/** The calls that failed, in a sentence; nothing where none did. */
export function failureText({ failed, firstFailure }: ActionReport): string | undefined {
  if (failed === 0) return undefined;
  return `${countText(failed)} ${failed === 1 ? 'call' : 'calls'} failed; the first: ${firstFailure?.message ?? 'unknown'}`;
}

function timeCell({ rows }: Quantity, contender: string): string {
  const row = rows.find((candidate) => candidate.contender === contender);
  return row === undefined ? '' : timeText(row.value.median);
}
