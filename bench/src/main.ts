import { mkdirSync, writeFileSync } from 'node:fs';
import { markdownOf, overviewCharts, type ScenarioReport, sectionCharts } from '@heddle/measure';
import { drawChart } from '@heddle/measure/chart';
import { type BenchOptions, parseBenchOptions, UsageError } from './options.ts';
import { PEERS } from './peer/all.ts';
import type { Peer } from './peer/peer.ts';
import { versionOf } from './peer/version.ts';
import { runScenario } from './run-scenario.ts';
import { SCENARIOS } from './scenario/all.ts';

const RESULTS = new URL('../results/', import.meta.url);

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  let options: BenchOptions;
  try {
    options = parseBenchOptions(argv, { scenarios: SCENARIOS.map(({ name }) => name), peers: PEERS.map(({ name }) => name) });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n(\`--help\` shows what there is)\n`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(helpText());
    return 0;
  }
  const reports: ScenarioReport[] = [];
  let code = 0;
  for (const scenario of SCENARIOS) {
    if (options.scenarios.length > 0 && !options.scenarios.includes(scenario.name)) continue;
    try {
      const report = await runScenario(scenario, options, (text) => process.stderr.write(`${scenario.name}: ${text}\n`));
      reports.push(report);
      save(report);
      if (!options.json) process.stdout.write(`\n${markdownOf(report)}\n`);
    } catch (error) {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      code = 1;
    }
  }
  if (options.json) process.stdout.write(`${JSON.stringify(reports, undefined, 2)}\n`);
  return code;
}

function save(report: ScenarioReport): void {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(new URL(`${report.scenario}.json`, RESULTS), `${JSON.stringify(report, undefined, 2)}\n`);
  writeFileSync(new URL(`${report.scenario}.md`, RESULTS), markdownOf(report, { pictures: isOurs }));
  const charts = [...overviewCharts(report, isOurs), ...report.sections.flatMap((section) => sectionCharts(report, section, isOurs))];
  for (const { file, chart } of charts) writeFileSync(new URL(file, RESULTS), drawChart(chart));
}

function isOurs(contender: string): boolean {
  return contender.startsWith('heddle');
}

function summaryOf({ name, summary, package: from, unsupported }: Peer): { readonly name: string; readonly summary: string } {
  const version = from === undefined ? '' : ` (${versionOf(from)})`;
  return { name, summary: `${summary}${version}${unsupported?.calls === undefined ? '' : `; not here: it ${unsupported.calls}`}` };
}

function helpText(): string {
  const list = (entries: readonly { readonly name: string; readonly summary: string }[]): string =>
    entries.map(({ name, summary }) => `  ${name.padEnd(18)} ${summary}`).join('\n');
  return `Measures Heddle beside other ways to run work on threads.

Usage: npm run bench -- [scenario …] [options]

Scenarios (all when none is named):
${list(SCENARIOS)}

Peers:
${list(PEERS.map(summaryOf))}

Options:
  --rounds <n>     rounds of each measurement; medians are over them (5; with --quick 3)
  --threads <n>    threads of each peer (the cores this process may use)
  --peers <a,b>    only these, and the baseline
  --quick          shorter slices and smaller jobs: figures are rough
  --json           the reports as JSON on stdout
  -h, --help       this

Results are also written to bench/results/: a .json and a .md for each scenario, and its pictures.
Ratios are only worth something on a quiet machine: a run whose baseline does not agree with itself is marked void.
`;
}
