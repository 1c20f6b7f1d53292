import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Block, blocksOf, commandsOf, matches } from './markdown.ts';

/** The top of the repository. */
export const root: string = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Tests that a page's code does what the page shows: its files are written where a newcomer would paste them, its commands run there, and
 * their output compared. Answers the page's files.
 */
export function testPage(path: string): readonly Block[] {
  const blocks = blocksOf(readFileSync(join(root, path), 'utf8'));
  const files = blocks.filter(({ attributes }) => attributes['file'] !== undefined);
  const consoles = blocks.filter(({ language }) => language === 'console');
  // A folder that finds what a user would install in its node_modules, and nothing else.
  const folder = mkdtempSync(join(tmpdir(), 'heddle-page-'));

  beforeAll(() => {
    mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
    symlinkSync(join(root, 'packages/cli'), join(folder, 'node_modules/heddle'), 'junction');
    mkdirSync(join(folder, 'node_modules/@heddle'));
    for (const name of ['fastify', 'dashboard'])
      symlinkSync(join(root, 'packages', name), join(folder, 'node_modules/@heddle', name), 'junction');
    symlinkSync(join(root, 'packages/fastify/node_modules/fastify'), join(folder, 'node_modules/fastify'), 'junction');
    for (const name of ['opentelemetry', 'prometheus'])
      symlinkSync(join(root, 'packages', name), join(folder, 'node_modules/@heddle', name), 'junction');
    const sdk = join(root, 'packages/opentelemetry/node_modules/@opentelemetry');
    symlinkSync(sdk, join(folder, 'node_modules/@opentelemetry'), 'junction');
    symlinkSync(join(root, 'packages/prometheus/node_modules/prom-client'), join(folder, 'node_modules/prom-client'), 'junction');
    symlinkSync(join(root, 'packages/cli/bin/heddle.js'), join(folder, 'node_modules/.bin/heddle'));
    for (const { attributes, text } of files) writeFileSync(join(folder, attributes['file'] ?? ''), text);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('every block is a file that is used, or a console that is run', () => {
    expect(blocks.length).toBe(files.length + consoles.length);
    const all = blocks.map(({ text }) => text).join('\n');
    // A file is named once more: by a command, or by an import.
    for (const { attributes } of files) expect(all).toContain(attributes['file'] ?? '');
  });

  describe('a console shows what its commands print', () => {
    for (const block of consoles) {
      const [first] = commandsOf(block.text);
      test.skipIf(!runsHere(block))(first?.command ?? 'nothing', () => {
        for (const { command, output } of commandsOf(block.text)) {
          const printed = run(command, folder);
          if (!matches(printed, output)) expect(printed).toBe(output);
        }
      });
    }
  });
  return files;
}

/** A block may show what one major version of Node prints: `node=20`. */
function runsHere({ attributes }: Block): boolean {
  const { node } = attributes;
  return node === undefined || process.versions.node.startsWith(`${node}.`);
}

/** What a terminal would show: stdout and stderr, as they come. */
function run(command: string, folder: string): string {
  // This very Node, and the packages' command without npx, which would be slow.
  const path = [join(folder, 'node_modules/.bin'), join(process.execPath, '..'), process.env['PATH']].join(delimiter);
  const line = `exec 2>&1; ${command.replace(/(^|\| )npx /g, '$1')}`;
  const { stdout } = spawnSync('sh', ['-c', line], {
    cwd: folder,
    env: { ...process.env, PATH: path, NODE_OPTIONS: '' },
    encoding: 'utf8',
  });
  return stdout;
}
