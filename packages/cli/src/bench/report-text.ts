import { markdownTable, type Quantity, type Row } from '@heddle/measure';
import { barText } from '../report/progress-bar.ts';
import { paint } from '../shell/color.ts';
import type { Screen } from '../shell/shell.ts';
import { countText, shareText, timesText, timeText } from './format.ts';
import type { ActionReport } from './report.ts';

/** A report for a terminal: the verdict, then the tables it stands on. */
export function reportText(screen: Screen, report: ActionReport): string {
  const { action, module, verdict, notes, failed, firstFailure, calls } = report;
  const failures =
    failed === 0 ? [] : [paint(screen, 'bad', `${countText(failed)} calls failed; the first: ${firstFailure?.message ?? 'unknown'}`)];
  return [
    `${paint(screen, 'strong', action)} ${paint(screen, 'dim', `(${module}, ${methodText(report)})`)}`,
    throughputTable(report),
    latencyTable(report),
    costTable(report),
    [...verdict.sentences.map((text, at) => (at === 0 ? paint(screen, 'strong', text) : text)), ...failures].join('\n'),
    paint(screen, 'dim', [...notes, `The action was run ${countText(calls)} times.`].join('\n')),
  ].join('\n\n');
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

function throughputTable({ throughput, gains, base }: ActionReport): string {
  const { rows, control } = throughput;
  const most = Math.max(...rows.map(({ value }) => value.median));
  const cells = rows.map(({ contender, value, ratio }) => {
    const gain = gains.find(({ threads }) => `${threads} ${threads === 1 ? 'thread' : 'threads'}` === contender);
    return [
      contender,
      countText(value.median),
      ratio === undefined ? '' : timesText(ratio.median),
      ratio === undefined || contender === base ? '' : `${timesText(ratio.low)}–${timesText(ratio.high)}`,
      gain === undefined ? '' : shareText(gain.efficiency),
      barText(value.median / most),
    ];
  });
  const table = markdownTable(['throughput', 'calls/s', `by ${base}`, 'lowest–highest', 'efficiency', ''], cells);
  if (control === undefined) return table;
  const { ratio, low, high } = control;
  return `${table}\n${base} against itself: ${timesText(ratio)} (${timesText(low)}–${timesText(high)})`;
}

function latencyTable({ single, saturated, inFlight }: ActionReport): string {
  const names = new Set([...single.p50.rows, ...saturated.p50.rows].map(({ contender }) => contender));
  const percentiles = [single.p50, single.p90, single.p99, saturated.p50, saturated.p90, saturated.p99];
  const head = ['time to the answer', 'alone p50', 'p90', 'p99', `${inFlight} at once p50`, 'p90', 'p99'];
  return markdownTable(
    head,
    [...names].map((name) => [name, ...percentiles.map((quantity) => timeCell(quantity, name))]),
  );
}

function costTable({ mainThread, cpu, loopDelay }: ActionReport): string {
  return markdownTable(
    ['what a call costs', 'main thread', 'CPU, all threads', 'event loop late by, p99'],
    mainThread.rows.map(({ contender }) => [contender, ...[mainThread, cpu, loopDelay].map((quantity) => timeCell(quantity, contender))]),
  );
}

function timeCell({ rows }: Quantity, contender: string): string {
  const row: Row | undefined = rows.find((candidate) => candidate.contender === contender);
  return row === undefined ? '' : timeText(row.value.median);
}
