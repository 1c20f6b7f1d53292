// `node scripts/semantics.mjs`: which tests cover which requirement of docs/semantics.md. `--missing`: those without any alone.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseAst } from 'vitest/node';
import { at, packageFolders } from './workspace.mjs';

/** @typedef {{ id: string, text: string, built: boolean }} Requirement */
/** @typedef {{ ids: string[], title: string, file: string }} Title */

/**
 * The requirements of the document, in its order. One is not built when its text says so of the whole, or its section does.
 * @param {string} markdown
 * @returns {Requirement[]}
 */
export function requirementsOf(markdown) {
  return markdown.split(/^## /m).flatMap((section) => {
    const [introduction = '', ...items] = section.split(/^- (?=\*\*[A-Z]-\d+\*\*)/m);
    const isSectionBuilt = !introduction.includes('**Not built yet**');
    return items.map((text) => {
      const id = /^\*\*([A-Z]-\d+)\*\*/.exec(text)?.[1] ?? '';
      // `*Not built yet: …*` names a part; with a full stop it is the whole.
      return { id, text: text.trim(), built: isSectionBuilt && !/\*Not built yet\.\*/.test(text) };
    });
  });
}

/**
 * The titles in a test file that begin with ids: `E-7 …`, `R-2, E-1 …`. Parsed, so that neither a comment nor another text counts.
 * @param {string} source
 * @param {string} file for the table
 * @returns {Title[]}
 */
export function titlesOf(source, file) {
  /** @type {Title[]} */
  const titles = [];
  visit(parseAst(source, { lang: 'ts' }), (node) => {
    if (node['type'] !== 'CallExpression' || !isTestFunction(node['callee'])) return;
    const title = textOf(/** @type {unknown[]} */ (node['arguments'])[0]);
    const ids = /^(?:[A-Z]-\d+,?\s+)+/.exec(`${title} `)?.[0].match(/[A-Z]-\d+/g) ?? [];
    if (ids.length > 0) titles.push({ ids, title: title.replace(/\s+/g, ' '), file });
  });
  return titles;
}

/** @typedef {Record<string, unknown>} Node */

/**
 * @param {unknown} value
 * @param {(node: Node) => void} look
 */
function visit(value, look) {
  if (typeof value !== 'object' || value === null) return;
  const node = /** @type {Node} */ (value);
  if (typeof node['type'] === 'string') look(node);
  for (const part of Object.values(node)) visit(part, look);
}

/**
 * `test`, `it`, `describe` and what is made of them: `test.each(…)`, `it.skipIf(…)`.
 * @param {unknown} callee
 * @returns {boolean}
 */
function isTestFunction(callee) {
  const { type, name, object, callee: inner } = /** @type {Node} */ (callee);
  if (type === 'Identifier') return name === 'test' || name === 'it' || name === 'describe';
  if (type === 'MemberExpression') return isTestFunction(object);
  return type === 'CallExpression' && isTestFunction(inner);
}

/**
 * A title as far as it is written down: of a template what stands before its first value counts for the ids.
 * @param {unknown} argument
 */
function textOf(argument) {
  const { type, value, quasis } = /** @type {Node} */ (argument ?? {});
  if (type === 'TemplateLiteral') {
    return /** @type {{ value: { cooked: string } }[]} */ (quasis).map((part) => part.value.cooked).join('…');
  }
  return type === 'Literal' && typeof value === 'string' ? value : '';
}

/** Every test file of the workspace, relative to its root. */
export function testFiles() {
  return ['.', ...packageFolders()]
    .map((folder) => at(folder, 'test'))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => relative(at(), join(folder, file))))
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.test.ts'))
    .sort();
}

/** What docs/semantics.md asks for, and the titles of all tests that name ids. */
export function readCoverage() {
  return {
    requirements: requirementsOf(readFileSync(at('docs/semantics.md'), 'utf8')),
    titles: testFiles().flatMap((file) => titlesOf(readFileSync(at(file), 'utf8'), file)),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { requirements, titles } = readCoverage();
  for (const { id, built } of requirements) {
    const named = titles.filter(({ ids }) => ids.includes(id));
    if (process.argv.includes('--missing') && (named.length > 0 || !built)) continue;
    console.log(`\n${id}${built ? '' : '  (not built yet)'}${named.length === 0 ? '  no test' : ''}`);
    for (const { title, file } of named) console.log(`  ${title}  ${file}`);
  }
}
