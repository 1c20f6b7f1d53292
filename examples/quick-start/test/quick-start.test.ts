import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('../main.mjs', import.meta.url));

test('the quick start counts the primes below a million', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [main]);
  expect(stdout).toBe('78498\n');
});
