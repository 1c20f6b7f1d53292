import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { testFiles } from '../scripts/semantics.mjs';
import { at } from '../scripts/workspace.mjs';

const page = readFileSync(at('docs/guarantees.md'), 'utf8');
const section = page.split(/^## /m).find((text) => text.startsWith('Isolation tiers')) ?? '';
/** The keys of the table: what stands in backquotes in the first cell of a row. */
const keys = [...section.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, key = '']) => key);
/** The keys that tests name, at the head of what they say: `isolation exit: …`. */
const tested = testFiles()
  .filter((file) => file.includes('/tiers.'))
  .flatMap((file) => [...readFileSync(at(file), 'utf8').matchAll(/isolation ([\w-]+)[,:] /g)].map(([, key = '']) => key));

describe('the isolation tiers of docs/guarantees.md', () => {
  test('have each key once', () => {
    expect(keys.length).toBeGreaterThan(15);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('have a test for each row, and a row for each test', () => {
    expect([...new Set(tested)].sort()).toEqual([...keys].sort());
  });
});
