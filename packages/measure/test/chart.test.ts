import { describe, expect, it } from 'vitest';
import { drawChart } from '../src/chart.ts';
import type { BarChart, Chart } from '../src/chart-kind.ts';

const bar = (name: string, median: number, label: string) => ({ name, value: { median, low: median * 0.9, high: median * 1.1 }, label });

const bars: BarChart = {
  kind: 'bars',
  title: 'throughput, <all> & sundry',
  unit: 'calls/s',
  bars: [bar('piscina', 37_000, '37 000'), bar('heddle', 300_000, '300 000, 8.1 ×')],
  highlight: ['heddle'],
  base: 'piscina',
};
const dots: Chart = {
  kind: 'dots',
  title: 'one call',
  unit: 'µs',
  dots: ['p50', 'p99'],
  rows: [
    { name: 'piscina', values: [27, 81], label: '27 · 81' },
    { name: 'heddle', values: [25, Number.NaN], label: '25' },
  ],
};
const lines: Chart = {
  kind: 'lines',
  title: 'memory',
  unit: 'MB',
  across: 'minutes',
  lines: [
    {
      name: 'heddle',
      points: [
        { x: 0, y: 80 },
        { x: 1, y: 81.5 },
      ],
    },
  ],
};

describe('a chart as SVG', () => {
  it.each([bars, dots, lines])('is one document, well formed: $kind', (chart) => {
    const svg = drawChart(chart);
    expect(svg.startsWith('<svg ')).toBe(true);
    expect(unclosed(svg)).toEqual([]);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('shows the names and the numbers', () => {
    expect(textsOf(drawChart(bars))).toEqual(
      expect.arrayContaining(['throughput, &lt;all&gt; &amp; sundry', 'piscina', 'heddle', '37 000', '300 000, 8.1 ×']),
    );
    expect(textsOf(drawChart(dots))).toEqual(expect.arrayContaining(['p50', 'p99', 'piscina', '27 · 81', 'heddle', '25']));
    expect(textsOf(drawChart(lines))).toEqual(expect.arrayContaining(['memory', 'minutes', 'heddle']));
  });

  it('tells them to those who do not see it', () => {
    const svg = drawChart(bars);
    const [, id] = /<title id="([^"]+)-title">throughput, &lt;all&gt; &amp; sundry<\/title>/.exec(svg) ?? [];
    expect(svg).toContain(`role="img" aria-labelledby="${id}-title ${id}-desc"`);
    expect(svg).toContain(`<desc id="${id}-desc">calls/s: piscina 37 000; heddle 300 000, 8.1 ×</desc>`);
  });

  it('is the same text each time, with ids that no other picture has', () => {
    expect(drawChart(bars)).toBe(drawChart(bars));
    const ids = (chart: Chart): string[] => [...drawChart(chart).matchAll(/id="([^"]+)"/g)].map(([, id = '']) => id);
    expect(new Set([...ids(bars), ...ids(dots), ...ids(lines)]).size).toBe(ids(bars).length + ids(dots).length + ids(lines).length);
  });

  it('gives a row that was not measured its name, and no mark', () => {
    const none = { name: 'idle', value: { median: Number.NaN, low: Number.NaN, high: Number.NaN }, label: '–' };
    const svg = drawChart({ ...bars, bars: [...bars.bars, none] });
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['idle', '–']));
    expect(svg).not.toContain('NaN');
  });
});

function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => text);
}

/** Tags that are opened and never closed, or closed and never opened. */
function unclosed(svg: string): string[] {
  const open: string[] = [];
  for (const [, slash, name = '', end] of svg.matchAll(/<(\/?)([a-zA-Z]+)(?:\s[^<>]*?)?(\/?)>/g)) {
    if (slash === '/') {
      if (open.pop() !== name) return [`</${name}>`];
    } else if (end !== '/') open.push(name);
  }
  return open;
}
