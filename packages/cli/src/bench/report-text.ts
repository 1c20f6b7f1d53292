import { markdownTable } from '@heddle/measure';
import { barText } from '../report/progress-bar.ts';
import { paint } from '../shell/color.ts';
import type { Screen } from '../shell/shell.ts';
import { countText } from './format.ts';
import type { ActionReport } from './report.ts';
import { costTable, failureText, latencyTable, methodText, type ReportTable, throughputTable } from './report-table.ts';

/** A report for a terminal: the tables, a picture in the first, and the verdict where the eye is at the end. */
export function reportText(screen: Screen, report: ActionReport): string {
  const { action, module, verdict, notes, calls } = report;
  const failure = failureText(report);
  return [
    `${paint(screen, 'strong', action)} ${paint(screen, 'dim', `(${module}, ${methodText(report)})`)}`,
    tableText(withBars(throughputTable(report), report)),
    tableText(latencyTable(report)),
    tableText(costTable(report)),
    [
      ...verdict.sentences.map((text, at) => (at === 0 ? paint(screen, 'strong', text) : text)),
      ...(failure === undefined ? [] : [paint(screen, 'bad', failure)]),
    ].join('\n'),
    paint(screen, 'dim', [...notes, `The action was run ${countText(calls)} times.`].join('\n')),
  ].join('\n\n');
}

function tableText({ head, rows, note }: ReportTable): string {
  const table = markdownTable(head, rows);
  return note === undefined ? table : `${table}\n${note}`;
}

function withBars({ head, rows, note }: ReportTable, { throughput }: ActionReport): ReportTable {
  const rates = throughput.rows.map(({ value }) => value.median);
  const most = Math.max(...rates);
  return { head: [...head, ''], rows: rows.map((row, at) => [...row, barText((rates[at] ?? 0) / most)]), note };
}
