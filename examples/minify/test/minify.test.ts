import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { type OutputRow, readRows, runBatch } from '../src/batch.ts';
import { checkResults } from '../src/check.ts';
import { chooseInput } from '../src/input.ts';

const folder = fileURLToPath(new URL('..', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'heddle-minify-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const input = chooseInput(folder, { maxFileBytes: 300_000, maxBytes: 5_000_000 });

test('the installed dependencies hold enough JavaScript for the demo', () => {
  const bytes = input.reduce((sum, file) => sum + file.bytes, 0);
  expect(bytes).toBeGreaterThan(3_000_000);
  expect(bytes).toBeLessThanOrEqual(5_000_000);
});

test('the input is the same each time, every id once, and no large file among the last tenth', () => {
  expect(chooseInput(folder, { maxFileBytes: 300_000, maxBytes: 5_000_000 })).toEqual(input);
  expect(input.slice(Math.floor(0.9 * input.length)).every(({ bytes }) => bytes < 50_000)).toBe(true);
  expect(new Set(input.map(({ id }) => id)).size).toBe(input.length);
});

test('heddle batch writes results that decompress and parse, and are the same from every run', { timeout: 240_000 }, async () => {
  const files = input.slice(-30);
  writeFileSync(join(work, 'input.ndjson'), files.map(({ id, path }) => `${JSON.stringify({ id, path })}\n`).join(''));
  const module = join(folder, 'dist/minify.js');
  const runs: OutputRow[][] = [];
  for (const threads of [1, 2]) {
    const output = join(work, `${threads}.ndjson`);
    const run = { folder: work, module, input: 'input.ndjson', output, outputFolder: String(threads), threads };
    const { exitCode, summary } = await runBatch(run);
    expect({ exitCode, ok: summary?.ok }).toEqual({ exitCode: 0, ok: files.length });
    runs.push(readRows(output));
  }
  const [one = [], two = []] = runs;
  expect(one.map(({ id }) => id)).toEqual(files.map(({ id }) => id));
  expect(checkResults(work, two, one)).toEqual([]);
});

test('a result that is no JavaScript is found out', () => {
  const file = join(work, 'none.br');
  writeFileSync(file, 'not compressed');
  const row: OutputRow = { index: 0, id: 'none', ok: true, value: { before: 1, after: 1, file }, ms: 1 };
  expect(checkResults(work, [row], [])).toHaveLength(1);
});
