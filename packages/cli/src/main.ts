import { readFileSync } from 'node:fs';
import { HeddleError, isHeddleError } from '@heddle/core';
import { batchCommand } from './command/batch.ts';
import { benchCommand } from './command/bench.ts';
import { dashboardCommand } from './command/dashboard.ts';
import { describeCommand } from './command/describe.ts';
import { listCommand } from './command/list.ts';
import { runCommand } from './command/run.ts';
import { type ProgramSpec, parseCommandLine } from './command-line.ts';
import { errorText } from './shell/error-text.ts';
import { type ExitCode, exitCodeOfError } from './shell/exit-code.ts';
import type { Shell } from './shell/shell.ts';

/** The `heddle` command, whole: answers the exit code, never throws. */
export async function main(argv: readonly string[], shell: Shell): Promise<ExitCode> {
  const line = parseCommandLine(createProgram(), argv, shell);
  if (line.kind !== 'command') return line.kind === 'shown' ? 0 : 2;
  try {
    return await line.spec.run(line.given, shell);
  } catch (thrown) {
    const error = isHeddleError(thrown) ? thrown : unexpected(thrown);
    shell.stderr.write(`${errorText(shell.stderr, error)}\n`);
    return exitCodeOfError(error);
  }
}

function createProgram(): ProgramSpec {
  return {
    name: 'heddle',
    version: ownVersion(),
    description: 'Runs typed actions on worker threads.',
    commands: [runCommand, batchCommand, benchCommand, dashboardCommand, listCommand, describeCommand],
    examples: [
      ['heddle list src/actions', 'what there is'],
      [`heddle run resize.ts --params '{"path":"a.jpg"}'`, 'one task'],
      ['heddle batch resize.ts photos.csv -o out.ndjson --journal run.journal', 'a task a row, on all cores; resumable'],
      ['heddle dashboard src/actions', 'a live page: start, watch, cancel, answer'],
    ],
  };
}

function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const isManifest = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return isManifest ? String(manifest.version) : 'unknown';
}

function unexpected(thrown: unknown): HeddleError {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new HeddleError('internal_error', message, { cause: thrown });
}
