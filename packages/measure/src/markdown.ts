import { type IsOurs, type NamedChart, overviewCharts, sectionCharts } from './picture.ts';
import type { JudgedTarget, Quantity, ScenarioReport, Section } from './report.ts';
import { formatNumber, markdownTable } from './table.ts';

/** How a report is written. */
export interface MarkdownOptions {
  /** Embeds the pictures, which stand in files beside it. @defaultValue none are embedded */
  readonly pictures?: IsOurs;
}

/** A scenario's report to read, as Markdown. */
export function markdownOf(report: ScenarioReport, { pictures }: MarkdownOptions = {}): string {
  const { scenario, summary, rounds, threads, quick } = report;
  const how = `${threads} threads, ${rounds} rounds${quick ? ' (quick: figures are rough)' : ''}. Medians over rounds, extremes in brackets; ratios are paired round by round.`;
  const parts = [`# ${scenario}`, summary, whereText(report), how];
  if (pictures !== undefined) parts.push(...overviewCharts(report, pictures).map(imageText));
  for (const section of report.sections) {
    parts.push(sectionText(section));
    if (pictures !== undefined) parts.push(...sectionCharts(report, section, pictures).map(imageText));
  }
  const targets = report.sections.flatMap((section) => section.quantities.flatMap((quantity) => targetRows(section, quantity)));
  if (targets.length > 0) parts.push('## Targets', markdownTable(['what', 'target', 'measured', 'verdict'], targets));
  if (report.notes.length > 0) parts.push('## Notes', report.notes.map((note) => `- ${note}`).join('\n'));
  return `${parts.join('\n\n')}\n`;
}

function whereText({ machine, date, versions = {} }: ScenarioReport): string {
  const { node, platform, arch, cores, cpu, memoryBytes, os } = machine;
  const parts = [`Node ${node}`, `${platform} ${arch}`];
  if (os !== undefined) parts.push(os);
  if (cpu !== undefined) parts.push(cpu);
  parts.push(`${cores} cores`);
  if (memoryBytes !== undefined) parts.push(`${formatNumber(memoryBytes / 2 ** 30)} GiB`);
  if (date !== undefined) parts.push(date.slice(0, 10));
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${parts.join(', ')}.${packages.length === 0 ? '' : `\n\n${packages.join(', ')}.`}`;
}

function imageText({ file, chart }: NamedChart): string {
  return `![${chart.title}](${file})`;
}

function sectionText({ title, quantities, notes = [] }: Section): string {
  const head = ['', ...quantities.flatMap(headOf)];
  const names = new Set(quantities.flatMap(({ rows }) => rows.map(({ contender }) => contender)));
  const rows = [...names].map((name) => [name, ...quantities.flatMap((quantity) => cellsOf(quantity, name))]);
  const controls = quantities.flatMap(controlText);
  const control = controls.length === 0 ? '' : `\n\nThe base against itself: ${controls.join('; ')}.`;
  return `## ${title}\n\n${markdownTable(head, rows)}${control}${notes.map((note, index) => `${index === 0 ? '\n' : ''}\n- ${note}`).join('')}`;
}

function headOf({ name, unit, base }: Quantity): string[] {
  const title = `${name}, ${unit}`;
  return base === undefined ? [title] : [title, `× ${base}`];
}

function cellsOf({ rows, base }: Quantity, contender: string): string[] {
  const row = rows.find((candidate) => candidate.contender === contender);
  if (row === undefined) return base === undefined ? [''] : ['', ''];
  const { median, low, high } = row.value;
  const value = row.rounds.length < 2 ? formatNumber(median) : `${formatNumber(median)} (${formatNumber(low)}–${formatNumber(high)})`;
  if (base === undefined) return [value];
  return [value, row.ratio === undefined ? '' : formatNumber(row.ratio.median)];
}

function controlText({ name, control }: Quantity): string[] {
  if (control === undefined) return [];
  return [`${name} ${control.ratio.toFixed(3)} (${control.low.toFixed(2)}–${control.high.toFixed(2)})${control.valid ? '' : ', **void**'}`];
}

function targetRows({ title }: Section, { name, unit, control, targets }: Quantity): string[][] {
  return targets.map((target) => {
    const of = target.against === undefined ? unit : `× ${target.against}`;
    return [
      `${title}: ${name}, ${target.contender}`,
      `${boundText(target)} ${of}`,
      formatNumber(target.measured),
      verdict(target, control?.valid ?? true),
    ];
  });
}

function boundText({ atMost, atLeast }: JudgedTarget): string {
  return atMost === undefined ? `≥ ${formatNumber(atLeast ?? Number.NaN)}` : `≤ ${formatNumber(atMost)}`;
}

function verdict({ met, measured, atMost, atLeast }: JudgedTarget, valid: boolean): string {
  const short = atMost === undefined ? (atLeast ?? 0) / measured : measured / atMost;
  const said = met ? 'met' : `missed by a factor of ${short.toFixed(2)}`;
  return valid ? said : `${said} (void)`;
}
