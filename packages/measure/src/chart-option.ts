import type { CustomSeriesOption, EChartsOption } from 'echarts';
import type { BarChart, DotChart, LineChart } from './chart-kind.ts';
import { formatNumber } from './table.ts';

/** What the library is told, and how high the picture is. Pixels. */
interface Drawing {
  readonly height: number;
  readonly option: EChartsOption;
}

// Middle tones: at least 3:1 against white and against near black.
const TEXT = '#747c86';
const RULE = 'rgba(128, 136, 148, 0.28)';
const PLAIN = '#98a1ac';
const BASE = '#d08432';
const FIRST = '#2f7fe0';
const SECOND = '#5aa7f0';
const LINES = [FIRST, BASE, '#3f9d6b', '#c0539a', '#8a6ed5', '#b08c1e', '#2fa3a8', '#c95c4f', '#7f8b99', '#5c8f2e', '#a3745a', '#6f7fd1'];

const FONT = 13;
const ROW = 26;
const TOP = 58;
/** Wide enough for the letters of the font this is drawn with, nearly always. */
const LETTER = 7.2;
/** Where the longest is this many times the shortest, the short ones could not be seen beside it. */
const LOG_FROM = 30;

/** Bars. */
export function barOption({ title, unit, bars, highlight = [], base }: BarChart): Drawing {
  const values = bars.flatMap(({ value }) => [value.low, value.median, value.high]).filter((value) => value > 0);
  const log = Math.max(...values) / Math.min(...values) > LOG_FROM;
  const names = bars.map(({ name }) => name);
  const colour = colourOf(highlight, base);
  return {
    height: TOP + bars.length * ROW + 34,
    option: {
      ...head(title, `${unit}, median; thin lines: lowest and highest round${log ? '; logarithmic' : ''}`),
      grid: frame(
        names,
        bars.map(({ label }) => label),
      ),
      xAxis: log ? logAxis(values) : { ...valueAxis(), min: 0 },
      yAxis: nameAxis(names, colour),
      series: [
        {
          type: 'bar',
          barWidth: 14,
          data: bars.map(({ name, value }) => ({ value: finite(value.median), itemStyle: { color: colour(name) ?? PLAIN } })),
        },
        whiskers(bars.map(({ value, label }) => ({ low: value.low, high: value.high, label }))),
      ],
    },
  };
}

/** Dots on a line. */
export function dotOption({ title, unit, dots, rows, highlight = [], base }: DotChart): Drawing {
  const names = rows.map(({ name }) => name);
  const colour = colourOf(highlight, base);
  const present = rows.map(({ values, label }) => ({ values: values.filter((value) => value > 0), label }));
  return {
    height: TOP + 22 + rows.length * ROW + 34,
    option: {
      ...head(title, `${unit}, medians over rounds; logarithmic`),
      legend: { top: 50, left: 0, itemWidth: 12, itemHeight: 12, textStyle: { color: TEXT, fontSize: FONT }, data: [...dots] },
      grid: {
        ...frame(
          names,
          rows.map(({ label }) => label),
        ),
        top: TOP + 22,
      },
      xAxis: logAxis(present.flatMap(({ values }) => values)),
      yAxis: nameAxis(names, colour),
      series: [
        whiskers(present.map(({ values, label }) => ({ low: Math.min(...values), high: Math.max(...values), label }))),
        ...dots.map((name, index) => ({
          type: 'scatter' as const,
          name,
          symbol: ['circle', 'diamond', 'rect', 'triangle'][index % 4] ?? 'circle',
          symbolSize: 11,
          // The marks of the legend; those of the rows have their own.
          itemStyle: { color: PLAIN, opacity: 1 },
          data: rows.map((row) => ({ value: finite(row.values[index]), itemStyle: { color: colour(row.name) ?? PLAIN, opacity: 1 } })),
        })),
      ],
    },
  };
}

/** Lines. */
export function lineOption({ title, unit, across, scale = {}, lines, highlight = [], base }: LineChart): Drawing {
  const names = lines.map(({ name }) => name);
  const colour = colourOf(highlight, base);
  const points = lines.flatMap((line) => line.points);
  const steps = [...new Set(points.map(({ x }) => x))];
  const numbers = (read: (point: { x: number | string; y: number }) => number): number[] => points.map(read).filter((value) => value > 0);
  return {
    height: Math.max(360, TOP + names.length * 22 + 50),
    option: {
      ...head(title, `${unit}${scale.y === 'log' ? '; logarithmic' : ''}`),
      legend: {
        orient: 'vertical',
        right: 0,
        top: TOP,
        itemGap: 8,
        itemWidth: 18,
        textStyle: { color: TEXT, fontSize: FONT },
        data: [...names],
      },
      grid: { left: 70, right: widthOf(names) + 44, top: TOP, bottom: 56 },
      xAxis: {
        ...(scale.x === 'steps' ? { type: 'category', data: steps.map(String), axisTick: { show: false } } : {}),
        ...(scale.x === 'log' ? logAxis(numbers(({ x }) => Number(x))) : {}),
        ...(scale.x === undefined || scale.x === 'linear' ? { ...valueAxis(), min: 'dataMin', max: 'dataMax' } : {}),
        name: across,
        nameLocation: 'middle',
        nameGap: 32,
        nameTextStyle: { color: TEXT, fontSize: FONT },
        axisLabel: axisLabel(scale.x === 'steps'),
      } as NonNullable<EChartsOption['xAxis']>, // put together of parts that each are an axis
      yAxis: scale.y === 'log' ? logAxis(numbers(({ y }) => y)) : valueAxis(),
      series: lines.map(({ name, points: passed }, index) => ({
        type: 'line' as const,
        name,
        z: highlight.includes(name) || name === base ? 3 : 2,
        symbol: 'circle',
        symbolSize: 6,
        showSymbol: passed.length < 40,
        lineStyle: { width: highlight.includes(name) || name === base ? 3 : 1.6 },
        itemStyle: { color: colour(name) ?? LINES[(index + 2) % LINES.length] ?? PLAIN },
        data: passed.map(({ x, y }): [number | string, number | string] => [scale.x === 'steps' ? String(x) : x, finite(y)]),
      })),
    },
  };
}

function head(title: string, subtext: string): Pick<EChartsOption, 'title' | 'textStyle'> {
  const text = { fontFamily: 'sans-serif', color: TEXT };
  return {
    textStyle: text,
    title: {
      text: title,
      subtext,
      left: 0,
      top: 0,
      padding: 0,
      itemGap: 6,
      textStyle: { ...text, fontSize: 16, fontWeight: 'bold' },
      subtextStyle: { ...text, fontSize: 12 },
    },
  };
}

function frame(names: readonly string[], labels: readonly string[]): { left: number; right: number; top: number; bottom: number } {
  return { left: widthOf(names) + 12, right: widthOf(labels) + 16, top: TOP, bottom: 30 };
}

function widthOf(texts: readonly string[]): number {
  return Math.ceil(Math.max(0, ...texts.map(({ length }) => length)) * LETTER);
}

type Colour = (name: string) => string | undefined;

function colourOf(highlight: readonly string[], base: string | undefined): Colour {
  return (name) => {
    const index = highlight.indexOf(name);
    if (index >= 0) return index === 0 ? FIRST : SECOND;
    return name === base ? BASE : undefined;
  };
}

function nameAxis(names: readonly string[], colour: Colour): NonNullable<EChartsOption['yAxis']> {
  return {
    type: 'category',
    data: names.map((name) => ({ value: name, textStyle: { color: colour(name) ?? TEXT, fontSize: FONT } })),
    inverse: true,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: RULE } },
    axisLabel: { interval: 0, margin: 8 },
  };
}

function valueAxis() {
  return {
    type: 'value' as const,
    splitNumber: 5,
    axisLabel: axisLabel(false),
    splitLine: { lineStyle: { color: RULE } },
    axisLine: { show: false },
  };
}

function logAxis(values: readonly number[]) {
  return {
    ...valueAxis(),
    type: 'log' as const,
    // Bars begin there; else at 1, to the left of which they would be drawn backwards.
    startValue: 10 ** Math.floor(Math.log10(Math.min(...values))),
    min: 10 ** Math.floor(Math.log10(Math.min(...values))),
    max: 10 ** Math.ceil(Math.log10(Math.max(...values))),
  };
}

function axisLabel(asIs: boolean) {
  const shown = (value: number | string): string => (asIs ? String(value) : short(Number(value)));
  return { color: TEXT, fontSize: 12, hideOverlap: true, formatter: shown };
}

function short(value: number): string {
  if (value >= 1e6) return `${formatNumber(value / 1e6)} M`.replace(/\.0+ /, ' ');
  if (value >= 1e4) return `${formatNumber(value / 1e3)} k`.replace(/\.0+ /, ' ');
  return formatNumber(value).replace(/\.0+$/, '');
}

/** The library leaves out what is `-`. */
function finite(value: number | undefined): number | '-' {
  return value !== undefined && Number.isFinite(value) ? value : '-';
}

interface Span {
  readonly low: number;
  readonly high: number;
  readonly label: string;
}

/** A thin line for each row from its lowest to its highest, and its label behind it. */
function whiskers(spans: readonly Span[]): CustomSeriesOption {
  return {
    type: 'custom',
    z: 3,
    data: spans.map(({ low, high }, row) => [high, row, low]),
    renderItem(params, api) {
      const span = spans[params.dataIndex];
      if (span === undefined) return { type: 'group', children: [] };
      const shown = Number.isFinite(span.low) && Number.isFinite(span.high);
      const [right = 0, y = 0] = api.coord([shown ? span.high : 0, params.dataIndex]);
      const [left = 0] = api.coord([shown ? span.low : 0, params.dataIndex]);
      const stroke = { stroke: TEXT, lineWidth: 1.4, fill: 'none' };
      const line = (x1: number, y1: number, x2: number, y2: number) => ({
        type: 'line' as const,
        shape: { x1, y1, x2, y2 },
        style: stroke,
      });
      const text = {
        text: span.label,
        x: right + 8,
        y,
        fill: TEXT,
        fontSize: FONT,
        fontFamily: 'sans-serif',
        verticalAlign: 'middle' as const,
      };
      const marks = shown ? [line(left, y, right, y), line(left, y - 3, left, y + 3), line(right, y - 3, right, y + 3)] : [];
      return { type: 'group', children: [...marks, { type: 'text' as const, style: text }] };
    },
  };
}
