import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const HOST = fileURLToPath(new URL('./fixtures/host.mjs', import.meta.url));

/** Runs one of the host programs in a process of its own, until it ends by itself. */
function runHost(name: string): Promise<{ code: number | null; out: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [HOST, name], { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    child.stdout.on('data', (chunk) => (out += String(chunk)));
    child.stderr.on('data', (chunk) => (out += String(chunk)));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out: out.trim() }));
  });
}

describe('E-12 E-9 a process that uses a runtime', () => {
  test.each([
    ['idle', 'created'],
    ['usedAndNotClosed', 'value 3'],
    ['lookedAt', 'lane idle'],
    ['neverAwaited', 'started'],
    ['startedAndLeft', 'settled true'],
    ['closedUnderLoad', 'settled 200'],
    ['afterForce', 'forced true\nvalue 3'],
    ['afterLostLane', 'worker_lost\nvalue 3'],
    ['whileRetrying', 'attempts 3'],
    ['servicesUsedAndNotClosed', 'answer 42\nanswer 43'],
    ['serviceNeverAnswers', 'timeout'],
    ['closedWhileStarting', 'closed'],
    ['killedWhileOthersStart', 'closed'],
  ])('%s: ends by itself, with nothing unhandled', async (name, out) => {
    expect(await runHost(name)).toEqual({ code: 0, out });
  });
});
