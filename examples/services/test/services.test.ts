import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

test('actions on two threads share one service of the host; errors and ends cross (A-9)', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [main]);
  expect(stdout.split('\n')).toEqual([
    '160000 { asked: 400, loaded: 5, watched: 0 }',
    'execution_error an article has a number E_SKU',
    'timeout',
    '{ asked: 401, loaded: 6, watched: 0 }',
    '',
  ]);
});
