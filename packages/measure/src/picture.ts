import type { Bar, Chart, DotRow, Line } from './chart-kind.ts';
import type { Overview, Picture, Quantity, ScenarioReport, Section } from './report.ts';
import { formatNumber } from './table.ts';

/** A chart of a report, and the file it goes to. */
export interface NamedChart {
  readonly file: string;
  readonly chart: Chart;
}

/** Which contenders stand out in pictures: the shortest name of them most. */
export type IsOurs = (contender: string) => boolean;

/** The pictures over all sections. */
export function overviewCharts(report: ScenarioReport, isOurs: IsOurs): NamedChart[] {
  return (report.overviews ?? []).flatMap((overview) => {
    const chart = overviewChart(report, overview, isOurs);
    return chart === undefined ? [] : [{ file: `${report.scenario}-${slugOf(overview.title)}.svg`, chart }];
  });
}

/** The pictures of one section. */
export function sectionCharts({ scenario }: Pick<ScenarioReport, 'scenario'>, section: Section, isOurs: IsOurs): NamedChart[] {
  const pictures = section.pictures ?? [];
  return pictures.flatMap((picture) => {
    const chart = pictureOf(section, picture, isOurs);
    return chart === undefined ? [] : [{ file: `${scenario}-${slugOf(`${section.title} ${nameOf(picture)}`)}.svg`, chart }];
  });
}

function nameOf(picture: Picture): string {
  return picture.kind === 'bars' ? picture.quantity : picture.quantities.join(' ');
}

/** Nothing where the section has no such quantity. */
function pictureOf(section: Section, picture: Picture, isOurs: IsOurs): Chart | undefined {
  if (picture.kind === 'bars') {
    const quantity = section.quantities.find(({ name }) => name === picture.quantity);
    return quantity === undefined ? undefined : barsOf(section, quantity, isOurs);
  }
  const quantities = picture.quantities.flatMap((name) => section.quantities.filter((quantity) => quantity.name === name));
  return quantities.length === 0 ? undefined : dotsOf(section, quantities, isOurs);
}

function barsOf({ title }: Section, { name, unit, rows, base }: Quantity, isOurs: IsOurs): Chart {
  const bars: Bar[] = rows.map((row) => {
    const ratio = row.ratio === undefined ? '' : ` · ${formatNumber(row.ratio.median)} ×`;
    return { name: row.contender, value: row.value, label: `${formatNumber(row.value.median)}${ratio}` };
  });
  bars.sort((one, other) => other.value.median - one.value.median);
  const by = base === undefined ? '' : ` (× ${base})`;
  return { kind: 'bars', title: `${name}: ${title}`, unit: `${unit}${by}`, bars, ...colours(names(bars), isOurs, base) };
}

function dotsOf({ title }: Section, quantities: readonly Quantity[], isOurs: IsOurs): Chart {
  const contenders = [...new Set(quantities.flatMap(({ rows }) => rows.map(({ contender }) => contender)))];
  const rows: DotRow[] = contenders.map((contender) => {
    const values = quantities.map(({ rows }) => rows.find((row) => row.contender === contender)?.value.median ?? Number.NaN);
    return { name: contender, values, label: values.map(formatNumber).join(' · ') };
  });
  rows.sort((one, other) => (one.values[0] ?? Number.NaN) - (other.values[0] ?? Number.NaN));
  const base = quantities.find((quantity) => quantity.base !== undefined)?.base;
  const dots = quantities.map(({ name }) => name);
  return { kind: 'dots', title, unit: quantities[0]?.unit ?? '', dots, rows, ...colours(names(rows), isOurs, base) };
}

/** Nothing where none of the sections were measured. */
function overviewChart(
  { sections }: ScenarioReport,
  { title, quantity, across, steps, without = [] }: Overview,
  isOurs: IsOurs,
): Chart | undefined {
  const lines = new Map<string, Line['points'][number][]>();
  let unit = '';
  let base: string | undefined;
  for (const step of steps) {
    const found = sections.find((section) => section.title === step.section)?.quantities.find(({ name }) => name === quantity);
    if (found === undefined) continue;
    ({ unit, base } = found);
    for (const { contender, value } of found.rows) {
      if (without.includes(contender)) continue;
      const points = lines.get(contender) ?? [];
      lines.set(contender, [...points, { x: step.name, y: value.median }]);
    }
  }
  if (lines.size === 0) return undefined;
  const list: Line[] = [...lines].map(([name, points]) => ({ name, points }));
  const left = without.length === 0 ? '' : `; without ${without.join(', ')}`;
  return {
    kind: 'lines',
    title,
    unit: `${unit}${left}`,
    across,
    scale: { x: 'steps', y: 'log' },
    lines: list,
    ...colours(names(list), isOurs, base),
  };
}

function names(list: readonly { readonly name: string }[]): string[] {
  return list.map(({ name }) => name);
}

function colours(contenders: readonly string[], isOurs: IsOurs, base: string | undefined): Pick<Chart, 'highlight' | 'base'> {
  const highlight = contenders.filter(isOurs).sort((one, other) => one.length - other.length);
  return base === undefined ? { highlight } : { highlight, base };
}

function slugOf(text: string): string {
  return text
    .toLowerCase()
    .replaceAll('µ', 'u')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
