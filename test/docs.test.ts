import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const filesIn = (path: string): string[] =>
  readdirSync(join(root, path), { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts'));

const pages = ['README.md', 'CONTRIBUTING.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)];

describe('links', () => {
  test.each(pages.filter((page) => page.endsWith('.md')))('of %s lead somewhere', (page) => {
    const targets = [...read(page).matchAll(/\]\((?!\w+:|#)([^)#]+)/g)].map(([, target = '']) => target);
    expect(targets.filter((target) => !existsSync(join(root, dirname(page), target)))).toEqual([]);
  });
});

describe('docs/architecture.md', () => {
  // From a heading in backquotes to the next heading: the files of one package.
  const maps = [...read('docs/architecture.md').matchAll(/^`(packages\/\S+)`$([\s\S]*?)(?=^`packages|^## )/gm)];

  test.each(maps.map(([, folder = '', text = '']) => [folder, text]))('names every file of %s, and no other', (folder, text) => {
    const named = text
      .split('\n')
      .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([^`]+\.ts)`/g)].map(([, file = '']) => file));
    expect(named.sort()).toEqual(filesIn(folder).sort());
  });

  test('has a map of core and of worker-pool', () => expect(maps).toHaveLength(2));
});

test('docs/lifecycle.md names tests that are there', () => {
  const cells = read('docs/lifecycle.md')
    .split('\n')
    .map((line) => line.match(/\| "(.+)" \|$/)?.[1])
    .filter((name) => name !== undefined);
  const tests = filesIn('packages/worker-pool/test')
    .map((file) => read(`packages/worker-pool/test/${file}`))
    .join('\n');
  expect(cells.length).toBeGreaterThan(10);
  expect(cells.filter((name) => !tests.includes(`'${name}'`))).toEqual([]);
});

test('docs/lifecycle.md numbers each row of its tables of cancels, and has a test for it', () => {
  const tables = read('docs/lifecycle.md')
    .split(/\n\s*\n/)
    .filter((block) => block.startsWith('| # |'))
    .map((block) => block.split('\n').slice(2));
  expect(tables.map((rows) => rows.length > 10)).toEqual([true, true]);
  for (const rows of tables) {
    expect(rows.map((row) => Number(row.split('|')[1]))).toEqual(rows.map((_, index) => index + 1));
    expect(rows.filter((row) => !/\| "[^"]+" \|$/.test(row))).toEqual([]);
  }
});
