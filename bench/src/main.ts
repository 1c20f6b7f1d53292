import { mkdirSync, writeFileSync } from 'node:fs';
import { markdownOf, type ScenarioReport } from '@heddle/measure';
import { type BenchOptions, parseBenchOptions, UsageError } from './options.ts';
import { PEERS } from './peer/all.ts';
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
  writeFileSync(new URL(`${report.scenario}.md`, RESULTS), markdownOf(report));
}

function helpText(): string {
  const list = (entries: readonly { readonly name: string; readonly summary: string }[]): string =>
    entries.map(({ name, summary }) => `  ${name.padEnd(16)} ${summary}`).join('\n');
  return `Measures Heddle beside other ways to run work on threads.

Usage: npm run bench -- [scenario …] [options]

Scenarios (all when none is named):
${list(SCENARIOS)}

Peers:
${list(PEERS)}

Options:
  --rounds <n>     rounds of each measurement; medians are over them (5; with --quick 3)
  --threads <n>    threads of each peer (the cores this process may use)
  --peers <a,b>    only these, and the baseline
  --quick          shorter slices and smaller jobs: figures are rough
  --json           the reports as JSON on stdout
  -h, --help       this

Results are also written to bench/results/, a .json and a .md for each scenario.
Ratios are only worth something on a quiet machine: a run whose baseline does not agree with itself is marked void.
`;
}
