import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

test('a request waits for its agent: answered, failed, or too slow (W-2, W-3)', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [main]);
  expect(stdout.split('\n')).toEqual([
    '200 {"packed":2}',
    '409 {"failed":{"item":"sold out"}}',
    '504 {"error":"timeout","queueLength":0}',
    '',
  ]);
});
