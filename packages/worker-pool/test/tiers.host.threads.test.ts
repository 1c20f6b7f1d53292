import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Isolation } from '@heddle/worker-pool';
import { describe, expect, onTestFinished, test } from 'vitest';
import { until } from './support/threads.ts';

// Each title's key is that of a row in the table of `docs/guarantees.md`.

const HOST = fileURLToPath(new URL('./fixtures/tier-host.mjs', import.meta.url));

interface Host {
  readonly child: ChildProcess;
  /** All it has written. */
  readonly out: () => string;
  /** How it ended. */
  readonly ended: Promise<{ code: number | null; signal: string | null; out: string }>;
}

/** A host in a process group of its own, as at a terminal. */
function startHost(program: string, isolation: Isolation, given = ''): Host {
  const child = spawn(process.execPath, [HOST, program, isolation, given], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  let out = '';
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  const ended = new Promise<Awaited<Host['ended']>>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, out: out.trim() }));
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, out: () => out, ended };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('isolation thread', () => {
  test.each([
    ['isolation abort: of native code ends the host', 'SIGABRT', 'SIGABRT'],
    ['isolation segfault: ends the host', 'SIGSEGV', 'SIGSEGV'],
    ['isolation sigkill: ends the host', 'SIGKILL', 'SIGKILL'],
  ])('%s', async (_key, how, signal) => {
    expect(await startHost('ends', 'thread', how).ended).toEqual({ code: null, signal, out: '' });
  });
});

describe('isolation inline', () => {
  test('isolation exit: ends the host', async () => {
    expect(await startHost('ends', 'inline', 'exit').ended).toEqual({ code: 7, signal: null, out: '' });
  });

  test('isolation uncaught: ends the host, as without a runtime', async () => {
    expect(await startHost('throws', 'inline').ended).toEqual({ code: 1, signal: null, out: '' });
  });

  test.each([
    ['isolation chdir: moves the host', 'cwd', '/ /'],
    ['isolation env: changes that of the host', 'env', 'changed changed'],
    ['isolation globals: changes those of the host', 'globals', 'changed changed'],
  ])('%s', async (_key, what, out) => {
    expect(await startHost('changes', 'inline', what).ended).toEqual({ code: 0, signal: null, out });
  });
});

describe('isolation process', () => {
  test.each<Isolation>(['inline', 'process'])('E-12 %s: an idle runtime lets the process end', async (isolation) => {
    expect(await startHost('idles', isolation).ended).toEqual({ code: 0, signal: null, out: 'true' });
  });

  test('isolation stdout: what is written past `console` arrives, also from a lane that ends at once', async () => {
    expect(await startHost('writes', 'process', 'written').ended).toEqual({ code: 0, signal: null, out: 'writtenworker_lost' });
  });

  test.each(['SIGINT', 'SIGTERM'])(
    'isolation group-signal: %s to the whole group leaves the lanes to a host that drains',
    async (signal) => {
      expect(await startHost('drains', 'process', signal).ended).toEqual({ code: 0, signal: null, out: 'true' });
    },
  );

  test.each([
    ['idle', 'where'],
    ['waiting', 'waits'],
    ['looping and asking', 'spins'],
    ['looping, and never asks', 'deaf'],
  ])('isolation host-killed: a lane that is %s ends with its host', async (_how, program) => {
    const host = startHost('stays', 'process', program);
    await until(() => host.out().includes('\n'));
    const lane = Number(host.out());
    expect(isAlive(lane)).toBe(true);
    host.child.kill('SIGKILL');
    await until(() => !isAlive(lane));
  });
});
