import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Minified } from './minify.ts';

/** One run of `heddle batch`, as asked for. */
export interface BatchRun {
  readonly folder: string;
  /** The file that exports the action. */
  readonly module: string;
  readonly input: string;
  readonly output: string;
  readonly outputFolder: string;
  /** All that there are when absent. */
  readonly threads?: number;
}

/** How a run ended. */
export interface BatchResult {
  readonly exitCode: number;
  /** Of the whole process, from its start to its end. */
  readonly wallMs: number;
  /** What `heddle batch --json` printed; `undefined` when it printed none. */
  readonly summary: BatchSummary | undefined;
}

/** The part of the command's summary that is used here. */
export interface BatchSummary {
  readonly ok: number;
  readonly failed: number;
  readonly cpuMs: number;
  readonly slowest: readonly { readonly id: string; readonly ms: number }[];
}

/** One line of the output. */
export type OutputRow =
  | { readonly index: number; readonly id: string; readonly ok: true; readonly value: Minified; readonly ms: number }
  | {
      readonly index: number;
      readonly id: string;
      readonly ok: false;
      readonly error: { readonly type: string; readonly message: string };
    };

/** The command's file, through the package that has it. */
export function heddleCommand(): string {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve('heddle/package.json');
  const { bin } = require(manifest) as { readonly bin: { readonly heddle: string } }; // the package's own manifest
  return join(manifest, '..', bin.heddle);
}

/** The arguments of a run. */
export function batchArguments({ module, input, output, outputFolder, threads }: BatchRun): string[] {
  const limit = threads === undefined ? [] : ['--threads', String(threads)];
  return ['batch', module, input, '-o', output, '--context', JSON.stringify({ outputFolder }), ...limit, '--json'];
}

/**
 * V8 compiles and collects garbage on threads of its own, which would have one lane keep a core and a half busy and leave little for a
 * second lane to win. Without them a lane is a core, in both runs alike.
 */
export const NODE_FLAGS: readonly string[] = ['--single-threaded'];

/** Runs the command to its end, in a process of its own; its progress goes straight to this terminal. */
export async function runBatch(run: BatchRun): Promise<BatchResult> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...NODE_FLAGS, heddleCommand(), ...batchArguments(run)], {
    cwd: run.folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  // At a terminal Ctrl-C reaches the child by itself; a second copy from here would mean "now" instead of "finish what runs".
  const interrupt = (): void => void (process.stdin.isTTY || child.kill('SIGINT'));
  const terminate = (): void => void child.kill('SIGTERM');
  process.on('SIGINT', interrupt).on('SIGTERM', terminate);
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', reject).once('close', (code) => resolve(code ?? 1));
    });
    const wallMs = performance.now() - startedAt;
    return { exitCode, wallMs, summary: printed === '' ? undefined : (JSON.parse(printed) as BatchSummary) }; // as documented by `--json`
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', terminate);
  }
}

/** The rows a run wrote, in the order of the input. */
export function readRows(output: string): OutputRow[] {
  const lines = readFileSync(output, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  const rows = lines.map((line) => JSON.parse(line) as OutputRow); // written by the command
  return rows.sort((a, b) => a.index - b.index);
}
