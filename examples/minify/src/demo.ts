import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BatchResult, type BatchRun, type BatchSummary, batchArguments, type OutputRow, readRows, runBatch } from './batch.ts';
import { checkResults } from './check.ts';
import { chooseInput } from './input.ts';
import { bytesText, countText, failureLines, secondsText, slowestLines } from './text.ts';

const FOLDER = fileURLToPath(new URL('..', import.meta.url));
const MAX_BYTES = 9_000_000;

interface Timed {
  readonly summary: BatchSummary;
  readonly wallMs: number;
  readonly rows: readonly OutputRow[];
}

const say = (line = ''): void => console.log(line);

process.exitCode = await demo();

/** Minifies the same files on one lane and on all, and tells what that was worth. Answers the exit code. */
async function demo(): Promise<number> {
  const lanes = availableParallelism();
  const count = prepare(lanes);
  const one = await time('one-lane', 1);
  if (typeof one === 'number') return one;
  if (lanes === 1) say('This machine has one core: a second lane would only wait for it, so no speed-up is to be expected.\n');
  const all = lanes === 1 ? one : await time('all-lanes', undefined);
  if (typeof all === 'number') return all;
  const faults = checkResults(FOLDER, all.rows, one.rows);
  report(count, lanes, one, all, faults);
  return faults.length === 0 && all.summary.failed === 0 && one.summary.failed === 0 ? 0 : 1;
}

/** Writes the input, and answers how many files there are. */
function prepare(lanes: number): number {
  // No file is more than half a lane's share, or the others would end by waiting for it.
  const files = chooseInput(FOLDER, { maxFileBytes: MAX_BYTES / (2 * lanes), maxBytes: MAX_BYTES });
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  rmSync(join(FOLDER, 'work'), { recursive: true, force: true });
  mkdirSync(join(FOLDER, 'work'));
  writeFileSync(join(FOLDER, 'work/input.ndjson'), files.map(({ id, path }) => `${JSON.stringify({ id, path })}\n`).join(''));
  say(`Minifying and compressing the ${countText(files.length)} JavaScript files (${bytesText(bytes)}) of the packages installed here,`);
  say('first on one thread, then on all. Takes a minute or so.');
  say('V8 is told to use no threads of its own (--single-threaded), so that one lane is one core.\n');
  return files.length;
}

/** One timed run; a number is the exit code of one that did not come to its end. */
async function time(name: string, threads: number | undefined): Promise<Timed | number> {
  const run: BatchRun = {
    folder: FOLDER,
    module: 'dist/minify.js',
    input: 'work/input.ndjson',
    output: `work/${name}.ndjson`,
    outputFolder: join('work', name),
    ...(threads === undefined ? {} : { threads }),
  };
  say(`$ heddle ${batchArguments(run).map(quoted).join(' ')}`);
  const { exitCode, wallMs, summary }: BatchResult = await runBatch(run);
  if (summary === undefined || exitCode > 1) {
    say(exitCode > 128 ? 'Stopped.' : `heddle batch ended with exit code ${exitCode}.`);
    return exitCode;
  }
  say(`${secondsText(wallMs)}\n`);
  return { summary, wallMs, rows: readRows(join(FOLDER, run.output)) };
}

function quoted(argument: string): string {
  return /^[\w./-]+$/.test(argument) ? argument : `'${argument}'`;
}

function report(count: number, lanes: number, one: Timed, all: Timed, faults: readonly string[]): void {
  const done = all.rows.flatMap((row) => (row.ok ? [row.value] : []));
  const before = done.reduce((sum, value) => sum + value.before, 0);
  const after = done.reduce((sum, value) => sum + value.after, 0);
  say(`files     ${countText(done.length)} of ${countText(count)}`);
  say(`bytes     ${bytesText(before)} → ${bytesText(after)} (${((100 * after) / before).toFixed(1)} %)`);
  say(`one lane  ${secondsText(one.wallMs)}`);
  if (lanes > 1) {
    say(`${`${lanes} lanes`.padEnd(9)} ${secondsText(all.wallMs)}`);
    say(`speed-up  ${(one.wallMs / all.wallMs).toFixed(2)} ×, start of the process and its threads included`);
  }
  for (const line of slowestLines(all.summary.slowest)) say(line);
  for (const line of failureLines(all.rows)) say(line);
  const checked = countText(done.length - faults.length);
  say(`checked   ${checked} of ${countText(done.length)} results decompress and parse${lanes > 1 ? ', the same from both runs' : ''}`);
  for (const fault of faults.slice(0, 5)) say(`          ${fault}`);
}
