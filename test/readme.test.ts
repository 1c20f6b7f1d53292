import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root, testPage } from './support/page.ts';

const files = testPage('README.md');

test('the quick start is the one in the examples', () => {
  for (const name of ['count-primes.mjs', 'main.mjs']) {
    const block = files.find(({ attributes }) => attributes['file'] === name);
    expect(block?.text).toBe(readFileSync(join(root, 'examples/quick-start', name), 'utf8'));
  }
});
