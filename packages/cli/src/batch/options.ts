import { realpathSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { HeddleError } from '@heddle/core';
import type { Isolation } from '@heddle/worker-pool';
import type { Given } from '../command/spec.ts';
import { flagOption, isolationOption, numberOption, objectValue, textOption } from '../command/value.ts';
import { type DashboardPort, dashboardPort } from '../dashboard/beside.ts';
import type { JournalMode } from '../journal/open-journal.ts';
import type { Shell } from '../shell/shell.ts';

/** A format rows are read in. */
export type RowFormat = 'ndjson' | 'csv';

/** The options of a batch, complete; paths are absolute. */
export interface BatchOptions {
  readonly module: string;
  /** `-` is stdin. */
  readonly input: string;
  /** `undefined` is stdout. */
  readonly output: string | undefined;
  readonly action: string | undefined;
  readonly format: RowFormat;
  readonly context: Readonly<Record<string, unknown>>;
  readonly threads: number | undefined;
  readonly isolation: Isolation | undefined;
  readonly concurrency: number | undefined;
  readonly timeoutMs: number | undefined;
  readonly maxRetries: number | undefined;
  readonly keepOrder: boolean;
  /** Rows of the input, at most; `Infinity` = all. */
  readonly limit: number;
  readonly dryRun: boolean;
  readonly journal: string | undefined;
  readonly journalMode: JournalMode;
  readonly deadLetter: string | undefined;
  /** Failures that end the run; `Infinity` = none do. */
  readonly maxErrors: number;
  readonly json: boolean;
  readonly dashboard: DashboardPort;
  readonly idField: string;
}

/**
 * Checks and completes what was given.
 *
 * @throws HeddleError `invalid_input`, every fault at once
 */
export function parseBatchOptions({ arguments: [module = '', input], options }: Given, shell: Shell): BatchOptions {
  const path = (name: string): string | undefined => {
    const text = textOption(options, name);
    return text === undefined ? undefined : resolve(shell.cwd, text);
  };
  const source = input ?? (shell.stdin.isTTY === true ? undefined : '-');
  const output = textOption(options, 'output') === '-' ? undefined : path('output');
  const resumeFailed = flagOption(options, 'resumeFailed');
  const parsed: BatchOptions = {
    module,
    input: source === undefined || source === '-' ? '-' : resolve(shell.cwd, source),
    output,
    action: textOption(options, 'action'),
    format: formatOf(textOption(options, 'format'), source),
    context: objectValue('--context', textOption(options, 'context')),
    threads: numberOption(options, 'threads'),
    isolation: isolationOption(options).isolation,
    concurrency: numberOption(options, 'concurrency'),
    timeoutMs: numberOption(options, 'timeout'),
    maxRetries: numberOption(options, 'retries'),
    keepOrder: flagOption(options, 'keepOrder'),
    limit: numberOption(options, 'limit') ?? Number.POSITIVE_INFINITY,
    dryRun: flagOption(options, 'dryRun'),
    journal: path('journal'),
    journalMode: resumeFailed ? 'resume-failed' : flagOption(options, 'resume') ? 'resume' : 'new',
    deadLetter: path('deadLetter'),
    maxErrors: flagOption(options, 'failFast') ? 1 : (numberOption(options, 'maxErrors') ?? Number.POSITIVE_INFINITY),
    json: flagOption(options, 'json'),
    dashboard: dashboardPort(options),
    idField: textOption(options, 'idField') ?? 'id',
  };
  const faults = [...(source === undefined ? ['name an input file, or pipe rows in'] : []), ...batchFaults(parsed)];
  if (faults.length > 0) throw new HeddleError('invalid_input', faults.join('; '));
  return parsed;
}

/** By what was said, else by the file's ending; rows are NDJSON otherwise. */
export function formatOf(said: string | undefined, input: string | undefined): RowFormat {
  if (said === 'csv' || said === 'ndjson') return said;
  return input !== undefined && extname(input).toLowerCase() === '.csv' ? 'csv' : 'ndjson';
}

/** The format of a dead letter: by its ending. */
export function deadLetterFormat(path: string): RowFormat {
  return extname(path).toLowerCase() === '.csv' ? 'csv' : 'ndjson';
}

function batchFaults(options: BatchOptions): string[] {
  const { output, journal, journalMode, deadLetter, json, keepOrder, dryRun, format } = options;
  const faults: string[] = [];
  if (journalMode !== 'new' && journal === undefined) {
    faults.push(`\`--${journalMode}\` needs \`--journal <file>\`, the one the run was recorded in`);
  }
  if (journal !== undefined && output === undefined) faults.push('`--journal` needs `-o <file>`: what was printed cannot be gone on with');
  if (json && output === undefined && !dryRun)
    faults.push('`--json` prints the summary on stdout: name a file for the rows by `-o <file>`');
  if (keepOrder && journalMode === 'resume-failed') {
    faults.push('`--keep-order` does not go with `--resume-failed`: rows that run again come last');
  }
  if (deadLetter !== undefined && format !== 'csv' && deadLetterFormat(deadLetter) === 'csv') {
    faults.push('`--dead-letter` can be a .csv only when the input is CSV: name a .ndjson');
  }
  return [...faults, ...sameFileFaults(options)];
}

/** A file that would be read and written at once, or written twice. */
function sameFileFaults({ module, input, output, journal, deadLetter }: BatchOptions): string[] {
  const files = Object.entries({ module, input, output, '--journal': journal, '--dead-letter': deadLetter });
  const seen = new Map<string, string>();
  const faults: string[] = [];
  for (const [name, path] of files) {
    if (path === undefined || path === '-' || path.startsWith('/dev/')) continue;
    const real = realPath(path);
    const other = seen.get(real);
    if (other !== undefined) faults.push(`${name} and ${other} are the same file, \`${path}\``);
    seen.set(real, name);
  }
  return faults;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
