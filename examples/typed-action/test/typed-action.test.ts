import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

test('defaults are filled, hooks run in their order, and the result is checked (A-3, A-4)', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [main]);
  expect(stdout.split('\n')).toEqual([
    '2850 EUR',
    '8100 USD',
    '{ review: true }',
    'execution_error: an order has at least one line',
    'validation_error: Invalid params for action priceOrder: `/lines/0/sku` expected string of length ≥ 1, got ""; `/lines/0/cents` expected integer ≥ 0, got 1.5',
    'validation_error: Invalid output for action priceOrder: `/cents` expected integer ≥ 0 ≤ 1000000, got 50000000',
    '',
  ]);
});
