import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('../main.mjs', import.meta.url));

test('a crash in native code costs one task (E-10)', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [main]);
  expect(stdout.split('\n')).toEqual([
    'pixels of a.jpg',
    'Action decode lost its process: it was ended by SIGSEGV, a fault in native code',
    'pixels of b.jpg',
    'processes lost: 1',
    '',
  ]);
});
