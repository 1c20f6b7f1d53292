import { describe, expect, test } from 'vitest';
import { readCoverage, requirementsOf, titlesOf } from '../scripts/semantics.mjs';

describe('docs/semantics.md', () => {
  const { requirements, titles } = readCoverage();

  test('has each id once', () => {
    const ids = requirements.map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(40);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  test('has a test for every requirement that is built', () => {
    const named = new Set(titles.flatMap(({ ids }) => ids));
    expect(requirements.filter(({ id, built }) => built && !named.has(id)).map(({ id }) => id)).toEqual([]);
  });

  test('has every id that a test names', () => {
    const known = new Set(requirements.map(({ id }) => id));
    expect(titles.filter(({ ids }) => !ids.every((id) => known.has(id)))).toEqual([]);
  });
});

describe('what the check reads', () => {
  test('the ids of a document, and which of them are built', () => {
    const document = `
Every id looks like **A-9**. > **Not built yet** marks what is to come.
## A. First
- **A-1** Built.
- **A-2** Built in part. *Not built yet: the rest.*
- **A-3** Of R-1 nothing. *Not built yet.*
## D. Second
Here all is **Not built yet**.
- **C-1** Some time.
`;
    expect(requirementsOf(document).map(({ id, built }) => [id, built])).toEqual([
      ['A-1', true],
      ['A-2', true],
      ['A-3', false],
      ['C-1', false],
    ]);
  });

  test('the ids at the head of titles, whoever makes the test, and of nothing else', () => {
    const source = `
// test('A-1 a comment', () => {})
const text: string = "test('A-2 a text', () => {})";
other('A-3 another function', () => {});
test('no id, though it speaks of A-4', () => {});
describe('E-1 a group', () => { it(\`E-2, E-3 of \${text}\`, () => {}) });
test.each([1])('R-1 R-2 each %s', (n: number) => {});
it.skipIf(true).each<string>([])('R-3', () => {});
`;
    expect(titlesOf(source, 'a.test.ts').flatMap(({ ids }) => ids)).toEqual(['E-1', 'E-2', 'E-3', 'R-1', 'R-2', 'R-3']);
  });
});
