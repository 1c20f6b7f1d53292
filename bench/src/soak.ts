import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatNumber } from '@heddle/measure';
import { RandomSoak } from './soak/random-soak.ts';
import { PARTS } from './soak/round.ts';
import type { SoakSample } from './soak/sample.ts';
import { parseSoakOptions, type SoakOptions } from './soak/soak-options.ts';
import { SteadySoak } from './soak/steady-soak.ts';
import { type SoakCounts, soakMarkdown, soakVerdict } from './soak/verdict.ts';

const RESULTS = fileURLToPath(new URL('../results/', import.meta.url));
const HELP = `Runs everything at random for a long time, with faults, and says whether anything was lost, ended twice or ended wrongly,
and whether cost and memory stay where they are.

Usage: npm run soak -- [options]

Options:
  --minutes <n>   how long (60)
  --every <n>     seconds a line (60, or as few as make 30 lines)
  --seed <n>      repeats what is done, as far as threads allow (printed at the beginning)
  --rounds <n>    ends after so many rounds
  --stall <n>     seconds after which what has not ended is lost (90)
  --only <part>   only parts of this name; may be given several times
  --out <folder>  where results are written (bench/results)
  --steady        a load that is alike in every cycle and without injected faults: whether what a task costs stays what it is
  -h, --help      this

Ctrl-C ends it early, with the verdict so far. Exit code 1: something is not flat, or was lost, ended twice or ended wrongly.
Results are also written to the folder, as soak.json and soak.md (with --steady, soak-steady.json and soak-steady.md).
`;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const options = parseSoakOptions(
    argv,
    PARTS.map(({ name }) => name),
  );
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n(\`--help\` shows what there is)\n`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  return options.steady ? steadily(options) : atRandom(options);
}

async function atRandom(options: SoakOptions): Promise<number> {
  const { seed, minutes, everySeconds, rounds, stallSeconds, only } = options;
  const onComplaint = (text: string): void => void process.stdout.write(`! ${text}\n`);
  process.stdout.write(`seed ${seed} (\`--seed ${seed}\` repeats it), Node ${process.version}\n`);
  const soak = await RandomSoak.open({
    seed,
    seconds: minutes * 60,
    everySeconds,
    rounds,
    stallMs: stallSeconds * 1000,
    only,
    onComplaint,
  });
  const { ledger, samples, events } = soak;
  const counts = (): SoakCounts => ({ started: ledger.started, lost: ledger.open, doubles: ledger.doubles, wrong: ledger.wrongs });
  const free = onInterrupt(() => soak.stop());
  await soak.run((sample) => process.stdout.write(`${lineOf(sample, counts())}  round ${soak.rounds}\n`));
  free();
  const told = { seed, rounds: soak.rounds, ends: ledger.ends, events: Object.fromEntries(events) };
  const code = report(options, 'soak', samples, counts(), ledger.complaints, told);
  // What is lost may keep the process alive for ever.
  if (ledger.open > 0) process.exit(code);
  return code;
}

async function steadily(options: SoakOptions): Promise<number> {
  const soak = new SteadySoak(options.minutes * 60, options.everySeconds);
  const free = onInterrupt(() => soak.stop());
  await soak.run((sample) => process.stdout.write(`${lineOf(sample, soak.counts)}\n`));
  free();
  return report(options, 'soak-steady', soak.samples, soak.counts, soak.complaints, {});
}

/** Once: the verdict so far. A second one ends the process, as if nobody listened. */
function onInterrupt(stop: () => void): () => void {
  const interrupted = (): void => {
    stop();
    process.stderr.write('ending with the verdict so far\n');
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  return () => void process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
}

function report(
  { out = RESULTS }: SoakOptions,
  name: string,
  samples: readonly SoakSample[],
  counts: SoakCounts,
  complaints: readonly string[],
  told: Readonly<Record<string, unknown>>,
): number {
  const verdict = soakVerdict(samples, counts);
  const text = `${soakMarkdown(samples, verdict)}${complaints.map((complaint) => `- ${complaint}\n`).join('')}`;
  mkdirSync(out, { recursive: true });
  writeFileSync(
    join(out, `${name}.json`),
    `${JSON.stringify({ node: process.version, ...told, verdict, complaints, samples }, undefined, 2)}\n`,
  );
  writeFileSync(join(out, `${name}.md`), text);
  process.stdout.write(`\n${text}`);
  return verdict.good ? 0 : 1;
}

function lineOf(sample: SoakSample, { lost, doubles, wrong }: SoakCounts): string {
  const { seconds, tasks, cpuUsPerTask, probeUs, probeRatio, heapBytes, residentBytes, threads, handles, loopDelayP99Ms, loopDelayMaxMs } =
    sample;
  return [
    `${formatNumber(seconds / 60).padStart(5)} min`,
    `${formatNumber(tasks).padStart(10)} tasks`,
    `${formatNumber(cpuUsPerTask)} µs each`,
    ...(probeUs === undefined ? [] : [`a call ${formatNumber(probeUs)} µs, ${formatNumber(probeRatio ?? Number.NaN)} × a message`]),
    `heap ${formatNumber(heapBytes / 1e6)} MB`,
    `resident ${formatNumber(residentBytes / 1e6)} MB`,
    `${threads} threads`,
    `${handles} handles`,
    `loop p99 ${formatNumber(loopDelayP99Ms)} ms, longest ${formatNumber(loopDelayMaxMs)}`,
    `${lost} lost`,
    `${doubles} twice`,
    `${wrong} wrong`,
  ].join('  ');
}
