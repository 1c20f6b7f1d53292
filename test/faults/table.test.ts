import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { FAULTS } from './catalogue.mjs';
import { BEGIN, cellOf, END, inserted } from './peers/table.mjs';
import { NOT_TRIED, TRIALS } from './peers/trials.mjs';

const page = readFileSync(fileURLToPath(new URL('../../docs/guarantees.md', import.meta.url)), 'utf8');

test('docs/guarantees.md has a row for every fault of the battery, in its order, and no other', () => {
  const table = page.split(BEGIN)[1]?.split(END)[0] ?? '';
  const rows = table.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| **') && !line.startsWith('| fault |'));
  expect(rows.map((row) => row.split(' | ')[0]?.slice(2))).toEqual(FAULTS.map(({ title }) => title));
});

test('every fault is tried on other pools, or it is said why not', () => {
  const said = [...Object.keys(TRIALS), ...Object.keys(NOT_TRIED)];
  expect(said.sort()).toEqual(FAULTS.map(({ id }) => id).sort());
});

test('a cell has a letter for each promise that was broken', () => {
  expect([cellOf(null), cellOf({}), cellOf({ settles: true, one: true })]).toEqual(['–', '✓', '✓']);
  expect(cellOf({ survives: false, settles: false, next: true })).toBe('**h p**');
});

test('a table is put between its markers, whatever was there', () => {
  const once = inserted(`before ${BEGIN} old ${END} after`, 'new');
  expect(once).toBe(`before ${BEGIN}\n\nnew\n\n${END} after`);
  expect(inserted(once, 'newer')).toContain('newer');
});
