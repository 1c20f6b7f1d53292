import uPlot from 'uplot';
import { byId } from './dom.ts';
import { countText, durationText } from './format.ts';
import type { PageState } from './state.ts';

type Column = readonly (number | null)[];

/** A line of a chart; dashes tell lines apart where colours do not. */
interface Line {
  readonly label: string;
  readonly colour: string;
  readonly dash?: number[];
  readonly fill?: boolean;
  readonly of: (state: PageState) => Column;
}

interface ChartSpec {
  readonly id: string;
  readonly lines: readonly Line[];
  readonly log?: boolean;
  readonly text: (value: number) => string;
}

const HEIGHT = 170;

const CHARTS: readonly ChartSpec[] = [
  {
    id: 'chart-throughput',
    text: (value) => `${countText(value)}/s`,
    lines: [
      { label: 'ok', colour: '--ok', fill: true, of: ({ points }) => points.map(({ ok }) => ok) },
      { label: 'failed', colour: '--bad', dash: [6, 3], of: ({ points }) => points.map(({ failed }) => failed) },
      { label: 'cancelled', colour: '--soft', dash: [2, 3], of: ({ points }) => points.map(({ cancelled }) => cancelled) },
    ],
  },
  {
    id: 'chart-latency',
    log: true,
    text: (value) => durationText(value),
    lines: [
      { label: 'p50', colour: '--accent', of: ({ points }) => points.map(({ p50 }) => p50 ?? null) },
      { label: 'p90', colour: '--warm', dash: [6, 3], of: ({ points }) => points.map(({ p90 }) => p90 ?? null) },
      { label: 'p99', colour: '--bad', dash: [2, 3], of: ({ points }) => points.map(({ p99 }) => p99 ?? null) },
    ],
  },
  {
    id: 'chart-queue',
    text: (value) => countText(value),
    lines: [
      { label: 'queued', colour: '--warm', fill: true, of: ({ points }) => points.map(({ queued }) => queued) },
      { label: 'running', colour: '--accent', dash: [6, 3], of: ({ points }) => points.map(({ running }) => running) },
    ],
  },
];

/** The charts of the last five minutes. */
export class Charts {
  #drawn: { readonly spec: ChartSpec; readonly box: HTMLElement; plot: uPlot }[] = [];
  #seq = -1;

  /** Draws all anew: the colours are others. */
  restyle(): void {
    for (const { plot } of this.#drawn) plot.destroy();
    this.#drawn = CHARTS.map((spec) => {
      const box = byId(spec.id);
      return { spec, box, plot: new uPlot(optionsOf(spec, box), emptyData(spec), box) };
    });
    this.#seq = -1;
  }

  resize(): void {
    for (const { box, plot } of this.#drawn) if (box.clientWidth > 0) plot.setSize({ width: box.clientWidth, height: HEIGHT });
  }

  show(state: PageState): void {
    const last = state.points.at(-1);
    if (last === undefined || last.seq === this.#seq) return;
    this.#seq = last.seq;
    const at = state.points.map((point) => point.at / 1000);
    for (const { spec, box, plot } of this.#drawn) {
      const columns = spec.lines.map((line) => line.of(state));
      plot.setData([at, ...columns] as uPlot.AlignedData); // one column a line, as the series stand
      const now = spec.lines.map(({ label }, index) => `${label} ${textOf(columns[index]?.at(-1), spec)}`);
      const text = `now: ${now.join(', ')}`;
      box.setAttribute('aria-label', text);
      if (plot.cursor.idx === null || plot.cursor.idx === undefined) plot.setLegend({ idx: at.length - 1 });
    }
  }
}

function textOf(value: number | null | undefined, { text }: ChartSpec): string {
  return value === undefined || value === null ? '–' : text(value);
}

function emptyData({ lines }: ChartSpec): uPlot.AlignedData {
  return [[], ...lines.map(() => [])];
}

function optionsOf(spec: ChartSpec, box: HTMLElement): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: colour('--soft'),
    grid: { stroke: colour('--rule'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  };
  return {
    width: Math.max(200, box.clientWidth),
    height: HEIGHT,
    padding: [8, 8, 0, 0],
    cursor: { points: { size: 6 }, drag: { x: false, y: false } },
    legend: { live: true },
    scales: { x: { time: true }, y: spec.log === true ? { distr: 3, log: 10, range: logRange } : { range: linearRange } },
    axes: [
      {
        ...axis,
        size: 26,
        space: 80,
        values: (_plot, splits) => splits.map((at) => new Date(at * 1000).toLocaleTimeString([], { hour12: false })),
      },
      { ...axis, size: 64, values: (_plot, splits) => splits.map((value) => (value === null ? '' : spec.text(value))) },
    ],
    series: [
      { label: 'at', value: (_plot, at) => (at === null ? '–' : new Date(at * 1000).toLocaleTimeString([], { hour12: false })) },
      ...spec.lines.map(({ label, colour: name, dash, fill }) => ({
        label,
        stroke: colour(name),
        width: 2,
        points: { show: false },
        ...(dash === undefined ? {} : { dash }),
        ...(fill === true ? { fill: `${colour(name)}22` } : {}),
        value: (_plot: uPlot, value: number | null) => textOf(value, spec),
      })),
    ],
  };
}

function linearRange(_plot: uPlot, _min: number, max: number): uPlot.Range.MinMax {
  return [0, Math.max(1, max * 1.1)];
}

function logRange(_plot: uPlot, min: number, max: number): uPlot.Range.MinMax {
  if (!(max > 0)) return [0.1, 100];
  return [10 ** Math.floor(Math.log10(Math.max(0.001, min))), 10 ** Math.ceil(Math.log10(max * 1.01))];
}
