import { paint } from '../shell/color.ts';
import type { Screen } from '../shell/shell.ts';
import { formatCount, formatDuration } from './duration.ts';
import { rateText } from './progress.ts';
import type { BatchEnd, Summary } from './summary.ts';

const ENDS: Readonly<Record<BatchEnd, string | undefined>> = {
  done: undefined,
  failures: 'stopped: too many rows failed; those under way were finished',
  signal: 'stopped by a signal; those under way were finished',
  broken: 'stopped: the run could not go on',
};

/** The closing summary, as a person reads it. */
export function summaryText(screen: Screen, summary: Summary): string {
  const { rows, ok, failed, earlier, slowest } = summary;
  const lines: [string, string][] = [];
  if (earlier.ok + earlier.failed > 0)
    lines.push(['earlier', `${countText(earlier.ok + earlier.failed)}, ${formatCount(earlier.failed)} failed`]);
  lines.push(['time', timeText(summary)]);
  if (rows > 0) lines.push(['speed-up', speedText(summary)]);
  if (slowest.length > 0) lines.push(['slowest', slowest.map((row) => `${rowName(row)} ${formatDuration(row.ms)}`).join(' · ')]);
  for (const [at, failure] of summary.firstFailures.entries()) {
    lines.push([at === 0 ? 'failures' : '', `line ${failure.line}: ${failure.message} ${paint(screen, 'dim', `(${failure.type})`)}`]);
  }
  const unshown = failed - summary.firstFailures.length;
  if (unshown > 0) lines.push(['', `… and ${formatCount(unshown)} more`]);
  const end = endText(summary);
  if (end !== undefined) lines.push(['end', end]);
  const counts = `${formatCount(ok)} ok, ${failedText(screen, summary)}`;
  return [`${paint(screen, 'strong', countText(rows))}: ${counts}`, ...lines.map(([name, text]) => `  ${name.padEnd(9)} ${text}`)].join(
    '\n',
  );
}

function failedText(screen: Screen, { failed, failures }: Summary): string {
  if (failed === 0) return '0 failed';
  const types = Object.entries(failures).sort(([, a], [, b]) => b - a);
  return paint(
    screen,
    'bad',
    `${formatCount(failed)} failed (${types.map(([type, count]) => `${formatCount(count)} ${type}`).join(', ')})`,
  );
}

function timeText({ wallMs, cpuMs, rowsPerSecond }: Summary): string {
  return `${formatDuration(wallMs)} wall, ${formatDuration(cpuMs)} CPU · ${rateText(rowsPerSecond)} rows/s`;
}

function speedText({ speedUp, busyMs }: Summary): string {
  // Few rows, or tiny ones: starting up, reading and writing took longer than running them. A figure would only mislead.
  return `${speedUp < 1 ? 'less than 1' : speedUp} × one lane (${formatDuration(busyMs)} of work)`;
}

function endText({ end, problem, journal }: Summary): string | undefined {
  const text = ENDS[end];
  if (text === undefined) return undefined;
  return [text, ...(problem === null ? [] : [problem]), ...(journal === null ? [] : ['go on with `--resume`'])].join('; ');
}

function countText(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'row' : 'rows'}`;
}

function rowName({ index, id }: { readonly index: number; readonly id: unknown }): string {
  return id === null ? `row ${index}` : `row ${index} (${typeof id === 'string' ? id : JSON.stringify(id)})`;
}
