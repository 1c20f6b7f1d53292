import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { formatNumber } from '@heddle/measure';
import { createRuntime, type Logger } from '@heddle/worker-pool';
import { SoakLoad } from './soak/load.ts';
import { Sampler, type SoakSample } from './soak/sample.ts';
import { soakMarkdown, soakVerdict } from './soak/verdict.ts';

const RESULTS = new URL('../results/', import.meta.url);
const HELP = `Runs a mixed load for a long time and says whether its cost and its memory stay where they are.

Usage: npm run soak -- [options]

Options:
  --minutes <n>   how long (60)
  --every <n>     seconds a line (60)
  -h, --help      this

Ctrl-C ends it early, with the verdict so far. Exit code 1: something is not flat, or a task was lost or ended wrongly.
Results are also written to bench/results/, as soak.json and soak.md.
`;

const ignore = (): void => {};
/** Crashes are part of the load: nobody has to be told. */
const quiet: Logger = { level: 'silent', trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore, fatal: ignore };

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const options = parse(argv);
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n(\`--help\` shows what there is)\n`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  return soak(options.minutes * 60, options.everySeconds);
}

async function soak(seconds: number, everySeconds: number): Promise<number> {
  let stopping = false;
  // Once: the verdict so far. A second one ends the process, as if nobody listened.
  process.once('SIGINT', () => {
    stopping = true;
    process.stderr.write('ending with the verdict so far\n');
  });
  const runtime = createRuntime({ graceMs: 50, logger: quiet });
  const load = new SoakLoad(runtime);
  const sampler = new Sampler();
  const samples: SoakSample[] = [];
  const begun = performance.now();
  const passed = (): number => (performance.now() - begun) / 1000;
  while (!stopping && passed() < seconds && load.lost === 0) {
    const next = (samples.length + 1) * everySeconds;
    const before = load.ended;
    while (!stopping && passed() < next && load.lost === 0) await load.cycle();
    if (stopping && samples.length > 0) break; // a short stretch says less than none
    const sample = await sampler.take(load.ended - before);
    samples.push(sample);
    process.stdout.write(`${lineOf(sample, load)}\n`);
  }
  sampler.close();
  await runtime.close({ graceMs: 0 });
  const verdict = soakVerdict(samples, { started: load.started, lost: load.lost, wrong: load.wrongs });
  const text = soakMarkdown(samples, verdict);
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(new URL('soak.json', RESULTS), `${JSON.stringify({ samples, verdict, wrong: load.wrong }, undefined, 2)}\n`);
  writeFileSync(new URL('soak.md', RESULTS), text);
  process.stdout.write(`\n${text}${load.wrong.map((complaint) => `- ${complaint}\n`).join('')}`);
  return verdict.good ? 0 : 1;
}

function lineOf(sample: SoakSample, { lost, wrongs }: SoakLoad): string {
  const { seconds, tasks, cpuUsPerTask, heapBytes, residentBytes, threads, handles, loopDelayP99Ms } = sample;
  return [
    `${formatNumber(seconds / 60).padStart(5)} min`,
    `${formatNumber(tasks).padStart(10)} tasks`,
    `${formatNumber(cpuUsPerTask)} µs each`,
    `heap ${formatNumber(heapBytes / 1e6)} MB`,
    `resident ${formatNumber(residentBytes / 1e6)} MB`,
    `${threads} threads`,
    `${handles} handles`,
    `loop p99 ${formatNumber(loopDelayP99Ms)} ms`,
    `${lost} lost`,
    `${wrongs} wrong`,
  ].join('  ');
}

function parse(argv: readonly string[]): { readonly minutes: number; readonly everySeconds: number; readonly help: boolean } | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { minutes: { type: 'string' }, every: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
    const minutes = Number(values.minutes ?? 60);
    const everySeconds = Number(values.every ?? 60);
    if (!(minutes > 0)) return `\`--minutes\` takes a number > 0; got ${values.minutes}`;
    if (!(everySeconds > 0)) return `\`--every\` takes a number > 0; got ${values.every}`;
    return { minutes, everySeconds, help: values.help ?? false };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
