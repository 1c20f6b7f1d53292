import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onTestFailed, onTestFinished, vi } from 'vitest';

const BIN = fileURLToPath(new URL('../../dist/bin.js', import.meta.url));

/** The path of a fixture. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** A `heddle` process under way. */
export interface Heddle {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Waits until stderr holds a text. */
  errHolds(text: string): Promise<void>;
}

/** Starts the built command in a process of its own. */
export function startHeddle(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly stdin?: 'pipe' } = {},
): Heddle {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: [options.stdin ?? 'ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, out, err }));
  });
  onTestFailed(() => {
    const { exitCode, signalCode } = child;
    console.error(
      `heddle ${args.join(' ')}: exit code ${exitCode}, signal ${signalCode}, stdout ${out.length} characters, stderr:\n${err}`,
    );
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, ended, errHolds: (text) => until(() => err.includes(text)) };
}

/** Runs the built command to its end, with a text as its stdin. */
export function heddle(
  args: readonly string[],
  { cwd, stdin, env }: { readonly cwd?: string; readonly stdin?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Ended> {
  const { child, ended } = startHeddle(args, {
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
    ...(stdin === undefined ? {} : { stdin: 'pipe' }),
  });
  child.stdin?.end(stdin);
  return ended;
}

/** Waits for a condition on files or output; the test's own time limit ends it. */
export function until(condition: () => boolean): Promise<void> {
  return vi.waitFor(
    () => {
      if (!condition()) throw new Error('the condition did not come true');
    },
    { timeout: 25_000, interval: 5 },
  );
}

/** What a file holds; '' as long as there is none. */
export function contentsOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
