import { drawChart } from '@heddle/measure/chart';
import { countText, upperFirst } from './format.ts';
import type { ActionReport } from './report.ts';
import { chartsOf } from './report-chart.ts';
import { costTable, failureText, latencyTable, methodText, type ReportTable, throughputTable } from './report-table.ts';

/** Widths the pictures are drawn for: letters stay readable on a telephone. Pixels. */
const WIDE = 760;
const NARROW = 430;

const STYLE = `
:root { color-scheme: light dark; --ground: #ffffff; --text: #1d2126; --soft: #5a626c; --rule: #d8dde3; --card: #f5f7f9; --accent: #2f7fe0; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171b; --text: #e4e8ec; --soft: #9aa4af; --rule: #333a43; --card: #1c2127; --accent: #5aa7f0; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 860px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { margin: 0; font-size: 1.7rem; overflow-wrap: anywhere; }
h2 { margin: 40px 0 12px; font-size: 1.15rem; }
.soft { color: var(--soft); font-size: .9rem; overflow-wrap: anywhere; }
.verdict { margin: 24px 0; padding: 16px 20px; background: var(--card); border-left: 4px solid var(--accent); border-radius: 4px; overflow-wrap: anywhere; }
.verdict p { margin: 0 0 8px; }
.verdict p:first-child { font-size: 1.15rem; font-weight: 600; }
.verdict p:last-child { margin-bottom: 0; }
.bad { color: #c23b3b; font-weight: 600; }
@media (prefers-color-scheme: dark) { .bad { color: #ef7d7d; } }
figure { margin: 28px 0; }
figure svg { display: block; width: 100%; height: auto; }
.narrow { display: none; }
.table { overflow-x: auto; margin: 16px 0; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; width: 100%; }
th, td { padding: 6px 10px; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
th { color: var(--soft); font-weight: 600; }
th:first-child, td:first-child { text-align: left; }
code { font-family: ui-monospace, monospace; font-size: .9em; overflow-wrap: anywhere; }
@media (max-width: 640px) { main { padding: 20px 14px 48px; } .wide { display: none; } .narrow { display: block; } }
@media print { main { max-width: none; } figure { break-inside: avoid; } }
`;

/** A report as an HTML page: one file that asks nobody for anything, light and dark, narrow and wide. */
export function pageOf(report: ActionReport, date: Date): string {
  const { action, module, params, verdict, notes, calls } = report;
  const failure = failureText(report);
  const sentences = verdict.sentences.map((text) => `<p>${proseHtml(text)}</p>`).join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(action)}: what threads buy</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(action)}</h1>
<p class="soft"><code>${escapeHtml(module)}</code> with <code>${escapeHtml(params)}</code></p>
<div class="verdict">
${sentences}
</div>
${failure === undefined ? '' : `<p class="bad">${escapeHtml(failure)}</p>`}
${figures(report)}
<h2>Figures</h2>
${[throughputTable(report), latencyTable(report), costTable(report)].map(tableHtml).join('\n')}
<h2>How it was measured</h2>
<p>${escapeHtml(`${upperFirst(methodText(report))}. The action was run ${countText(calls)} times. ${date.toISOString().slice(0, 10)}.`)}</p>
${notes.map((note) => `<p>${proseHtml(note)}</p>`).join('\n')}
<p class="soft">Inline is the action on the main thread without a runtime: its hooks, the checks of params and value, and <code>run</code>. All ways take turns in
short slices; ratios are paired round by round; the base is measured twice, and should agree with itself. Made by <code>heddle bench</code>.</p>
</main>
</body>
</html>
`;
}

/** Text as it may stand in an element or in an attribute in quotes. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}

/** Names stand in backticks, as in a terminal. */
function proseHtml(text: string): string {
  return escapeHtml(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

/** Each drawn twice; the names inside one must not be found in the other, which is not shown. */
function figures(report: ActionReport): string {
  const narrow = chartsOf(report, true);
  const drawn = chartsOf(report, false).map((chart, at) => {
    const small = drawChart(narrow[at] ?? chart, { width: NARROW }).replaceAll(/chart-[0-9a-f]{8}/g, '$&-narrow');
    return `<figure><div class="wide">${drawChart(chart, { width: WIDE })}</div><div class="narrow">${small}</div></figure>`;
  });
  return drawn.join('\n');
}

function tableHtml({ head, rows, note }: ReportTable): string {
  const line = (tag: 'th' | 'td', cells: readonly string[]): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;
  const table = `<div class="table"><table>\n${line('th', head)}\n${rows.map((row) => line('td', row)).join('\n')}\n</table></div>`;
  return note === undefined ? table : `${table}\n<p class="soft">${escapeHtml(note)}</p>`;
}
