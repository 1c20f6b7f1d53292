import { accessSync, constants } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { HeddleError } from '@heddle/core';
import { formatOf, type RowFormat } from '../batch/options.ts';
import type { Given } from '../command/spec.ts';
import { flagOption, jsonValue, numberOption, objectValue, textOption } from '../command/value.ts';
import { openError } from '../output/file-error.ts';
import type { Shell } from '../shell/shell.ts';

/** The options of a measurement, complete; paths are absolute. */
export interface BenchOptions {
  /** As it was given. */
  readonly module: string;
  readonly action: string | undefined;
  /** What each call is given, where there is no {@link input}. */
  readonly params: unknown;
  /** A file of rows, `-` for stdin. */
  readonly input: string | undefined;
  readonly format: RowFormat;
  readonly context: Readonly<Record<string, unknown>>;
  /** Numbers of threads to measure, ascending; 1 is always among them. */
  readonly threads: readonly number[];
  /** Calls under way at once while throughput is measured. */
  readonly inFlight: number;
  /** Milliseconds to measure in, about. */
  readonly durationMs: number;
  /** `undefined`: as many as suit the length of a call. */
  readonly rounds: number | undefined;
  /** How often the action may be run, all in all; `Infinity` = no limit. */
  readonly maxCalls: number;
  readonly timeoutMs: number | undefined;
  readonly quick: boolean;
  readonly json: boolean;
  /** Where the HTML report goes. */
  readonly report: string | undefined;
}

const DURATION_MS = 10_000;
const QUICK_MS = 1500;

/**
 * Checks and completes what was given.
 *
 * @throws HeddleError `invalid_input`, naming the option
 */
export function parseBenchOptions({ arguments: [module = ''], options }: Given, { cwd, parallelism }: Shell): BenchOptions {
  const params = textOption(options, 'params');
  const input = textOption(options, 'input');
  if (params !== undefined && input !== undefined)
    throw new HeddleError('invalid_input', 'Either `--params` or `--input`: both say what the action is given');
  const quick = flagOption(options, 'quick');
  const threads = threadsOf(options['threads'], parallelism);
  const report = textOption(options, 'report');
  return {
    module,
    action: textOption(options, 'action'),
    params: params === undefined ? {} : jsonValue('--params', params),
    input: input === undefined || input === '-' ? input : resolve(cwd, input),
    format: formatOf(textOption(options, 'format'), input),
    context: objectValue('--context', textOption(options, 'context')),
    threads,
    inFlight: numberOption(options, 'inFlight') ?? Math.max(16, 4 * Math.max(...threads)),
    durationMs: numberOption(options, 'duration') ?? (quick ? QUICK_MS : DURATION_MS),
    rounds: numberOption(options, 'rounds'),
    maxCalls: numberOption(options, 'maxCalls') ?? Number.POSITIVE_INFINITY,
    timeoutMs: numberOption(options, 'timeout'),
    quick,
    json: flagOption(options, 'json'),
    report: report === undefined ? undefined : writablePath(resolve(cwd, report)),
  };
}

/** The value of `--threads`: numbers with commas between. @throws Error saying what was expected */
export function threadsValue(text: string): readonly number[] {
  const parts = text.split(',').map((part) => part.trim());
  if (!parts.every((part) => /^\d*[1-9]\d*$/.test(part))) throw new Error('expected whole numbers, 1 or more, as in 1,2,4');
  return parts.map(Number);
}

/** Without a list: each number up to four cores, then doubled, and the cores. One is the measure of the others' efficiency. */
function threadsOf(given: unknown, cores: number): readonly number[] {
  const wanted = Array.isArray(given) ? (given as number[]) : defaultThreads(cores); // what `threadsValue` made
  return [...new Set([1, ...wanted])].sort((a, b) => a - b);
}

function defaultThreads(cores: number): number[] {
  if (cores <= 4) return Array.from({ length: cores }, (_, at) => at + 1);
  const doubled: number[] = [];
  for (let threads = 1; threads < cores; threads *= 2) doubled.push(threads);
  return [...doubled, cores];
}

/** Found out before the measuring, not after. */
function writablePath(path: string): string {
  try {
    accessSync(dirname(path), constants.W_OK);
    return path;
  } catch (error) {
    throw openError('The report', path, error);
  }
}
