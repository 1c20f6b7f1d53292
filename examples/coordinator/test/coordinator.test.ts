import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

test('three workers of a coordinator are awaited by tag, live on, and end (W-5, W-6)', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [main]);
  expect(stdout.split('\n')).toEqual([
    '[ 9592, 8392, 8013 ] 25997',
    "[ 'primes/worker_1', 'primes/worker_2', 'primes/worker_3' ] 3",
    'worker_1, worker_2, worker_3 have ended',
    '',
  ]);
});
