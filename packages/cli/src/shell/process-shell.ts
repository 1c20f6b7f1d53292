import { availableParallelism } from 'node:os';
import { Writable } from 'node:stream';
import { createRuntime } from '@heddle/worker-pool';
import type { Screen, Shell } from './shell.ts';
import { watchSignals } from './signal.ts';

/** The shell of this process. Made once: it takes stdout for results. */
export function createProcessShell(): Shell {
  // Nobody reads it any more: nothing is left to say, and the work goes on.
  process.stderr.on('error', () => {});
  return {
    get stdin() {
      return process.stdin;
    },
    stdout: reserveStdout(),
    stderr: process.stderr,
    cwd: process.cwd(),
    parallelism: availableParallelism(),
    now: () => performance.now(),
    cpuMs: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
    onSignal: (handler) => watchSignals(handler, () => performance.now()),
    mute: muteStdout,
    exit: (code) => process.exit(code),
    createRuntime: (request) => createRuntime({ name: 'heddle', ...request }),
  };
}

/**
 * Keeps stdout for results: whatever else is written there, by an action's `console.log` or by a module as it loads, goes to stderr.
 */
function reserveStdout(): Screen {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  const screen = new Writable({ write: (chunk: Buffer, _encoding, done) => void write(chunk, done) });
  stdout.on('error', (error) => screen.destroy(error));
  stdout.write = stderr.write.bind(stderr);
  return Object.assign(screen, { isTTY: stdout.isTTY, columns: stdout.columns });
}

/** The stdout that everybody else writes to, since {@link reserveStdout} took ours. */
function muteStdout(): () => void {
  const { stdout } = process;
  const { write } = stdout;
  stdout.write = swallow;
  return () => {
    stdout.write = write;
  };
}

/** As {@link NodeJS.WriteStream.write}: whoever waits for it to be written is told that it is. */
function swallow(_chunk: unknown, encoding?: unknown, done?: unknown): boolean {
  const told = typeof encoding === 'function' ? encoding : done;
  if (typeof told === 'function') process.nextTick(told as () => void); // a callback of `write`
  return true;
}
