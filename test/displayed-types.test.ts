import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const fixture = fileURLToPath(new URL('./fixtures/displayed-types.ts', import.meta.url));

/** One line, and names without the import they come by. */
const plain = (type: string): string =>
  type
    .replace(/import\([^)]*\)\./g, '')
    .replace(/\s+/g, ' ')
    .trim();

/** The types of a file's constants, by name, as the compiler writes them into its declarations: what an editor shows. */
function displayedTypes(file: string): Record<string, string> {
  // Inside the workspace, so that the compiler takes its files for modules.
  const folder = mkdtempSync(join(root, 'node_modules/.displayed-'));
  try {
    const compilerOptions = {
      noEmit: false,
      emitDeclarationOnly: true,
      declaration: true,
      sourceMap: false,
      inlineSources: false,
      allowJs: true,
      outDir: folder,
      rootDir: root,
    };
    const config = join(folder, 'tsconfig.json');
    writeFileSync(config, JSON.stringify({ extends: join(root, 'tsconfig.test-base.json'), compilerOptions, files: [file] }));
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', config], { encoding: 'utf8' });
    const text = readFileSync(join(folder, relative(root, file).replace(/\.ts$/, '.d.ts')), 'utf8');
    const constants = text.split(/^export declare const /m).slice(1);
    return Object.fromEntries(
      constants.map((constant) => {
        const [name = '', ...type] = constant.split(': ');
        return [name, plain(type.join(': ')).replace(/;$/, '')];
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('R-1, A-1 an editor shows plain types: the action’s own within the names of the API, and no machinery', () => {
  const source = readFileSync(fixture, 'utf8');
  const expected = Object.fromEntries(
    [...source.matchAll(/^\/\/ (.+)\nexport const (\w+)/gm)].map(([, type = '', name = '']) => [name, type]),
  );
  expect(Object.keys(expected).length).toBe(source.match(/^export const/gm)?.length);
  expect(displayedTypes(fixture)).toEqual(expected);
});
