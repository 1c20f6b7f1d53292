import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Chart } from './chart-kind.ts';
import { barOption, dotOption, lineOption } from './chart-option.ts';

/** How a picture is drawn. */
export interface DrawOptions {
  /** Pixels; pictures scale, so it says how large the letters are. @defaultValue 800 */
  readonly width?: number;
}

/**
 * Draws a chart as an SVG document of its own, without a browser. The same chart gives the same text.
 * The ground is transparent and the colours are middle tones, so that it reads on white and on black. What it shows is told in its
 * `title` and `desc` too. Several of them may stand in one page.
 */
export function drawChart(chart: Chart, { width = 800 }: DrawOptions = {}): string {
  use([BarChart, CustomChart, LineChart, ScatterChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);
  const { height, option } = optionOf(chart);
  const instance = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    instance.setOption({ animation: false, ...option });
    return accessible(instance.renderToSVGString({ useViewBox: true }), chart);
  } finally {
    instance.dispose();
  }
}

function optionOf(chart: Chart): { readonly height: number; readonly option: EChartsCoreOption } {
  switch (chart.kind) {
    case 'bars':
      return barOption(chart);
    case 'dots':
      return dotOption(chart);
    case 'lines':
      return lineOption(chart);
  }
}

/** Names the picture for those who do not see it, and takes out what only a script of the library's would read. */
function accessible(svg: string, chart: Chart): string {
  const id = `chart-${hashOf(JSON.stringify(chart))}`;
  const bare = svg
    .replace(/<style ?>[\s\S]*?<\/style>\n?/g, '')
    .replace(/ ecmeta_\w+="[^"]*"/g, '')
    .replace(/ class="zr\d+-cls-\d+"/g, '')
    // Counted through the process: two runs would differ, and two pictures in one page could clash.
    .replace(/zr\d+-/g, `${id}-`);
  const told = `<title id="${id}-title">${escaped(chart.title)}</title>\n<desc id="${id}-desc">${escaped(describe(chart))}</desc>`;
  return bare.replace(/<svg ([^>]*)>/, `<svg $1 role="img" aria-labelledby="${id}-title ${id}-desc">\n${told}`);
}

function describe(chart: Chart): string {
  switch (chart.kind) {
    case 'bars':
      return `${chart.unit}: ${chart.bars.map(({ name, label }) => `${name} ${label}`).join('; ')}`;
    case 'dots':
      return `${chart.unit}: ${chart.rows.map(({ name, label }) => `${name} ${label}`).join('; ')}`;
    case 'lines':
      return `${chart.unit} by ${chart.across}: ${chart.lines.map(({ name, points }) => `${name} ${points.map(({ x, y }) => `${x}: ${y}`).join(', ')}`).join('; ')}`;
  }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** FNV-1a, 32 bits: names a picture by what it shows. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
