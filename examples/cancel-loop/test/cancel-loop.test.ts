import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('../main.mjs', import.meta.url));

test('a synchronous loop is cancelled, cleans up, and its thread serves the next task (E-7)', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [main]);
  expect(stdout.split('\n')).toEqual([
    'the loop has cleaned up',
    '4 zeros: 00003cee',
    'the loop has cleaned up',
    '64 zeros: Action findNonce was cancelled: nobody has that long',
    'the loop has cleaned up',
    '3 zeros: 00079743',
    'threads ended by force: 0',
    '',
  ]);
});
