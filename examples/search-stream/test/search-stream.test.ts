import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('../main.mjs', import.meta.url));

test('C-9 hits come in order, the search goes no further than a window, and stops when its reader does', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [main]);
  const lines = stdout.split('\n');
  expect(lines.slice(0, 2)).toEqual(["main.mjs:2 import { createRuntime } from 'heddle';", 'main.mjs:6 const runtime = createRuntime();']);
  expect(lines.slice(-4)).toEqual(['first hit in main.mjs', 'read 3, found at most one window more: true', 'execution_error', '']);
});
