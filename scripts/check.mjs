// `npm run check`: everything but the tests. All stages run, also after one has failed.
// `--report=<file>` writes { passed, failed, failures } there.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { at, build, bundle, install, packageFolders, run } from './workspace.mjs';

/**
 * Runs a tool of the workspace and answers its exit code.
 * @param {string} path inside node_modules
 * @param {readonly string[]} args
 * @param {{ quiet?: boolean }} [options]
 */
const tool = (path, args = [], options) => run(process.execPath, [at('node_modules', path), ...args], options);

/** @type {{ name: string, ok: boolean }[]} */
const results = [];
/**
 * @param {string} name
 * @param {() => number} action answers an exit code
 */
function stage(name, action) {
  console.log(`\n── ${name}`);
  results.push({ name, ok: action() === 0 });
}

install();
stage('lint and format', () => tool('@biomejs/biome/bin/biome', ['ci', ...(process.stdout.isTTY ? [] : ['--colors=off'])]));
stage('build', () => build());
stage('types of tests and scripts', () => tool('typescript/bin/tsc', ['-b', at('tsconfig.check.json')]));
// After the compiler's last run, which writes what it bundles anew.
stage('bundle', () => bundle());
stage('unused files, exports and dependencies', () => tool('knip/bin/knip.js', ['--no-config-hints']));
stage('speed beside piscina, within wide margins', () => run(process.execPath, [at('bench/dist/ratios.js')]));

// The packages as they would be published: packed, then looked at from outside.
const packed = mkdtempSync(join(tmpdir(), 'heddle-pack-'));
try {
  for (const folder of packageFolders()) {
    const manifest = JSON.parse(readFileSync(at(folder, 'package.json'), 'utf8'));
    if (manifest.private) continue;
    const file = join(packed, `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`);
    const pack = ['--dir', at(folder), 'pack', '--pack-destination', packed];
    stage(
      `package ${manifest.name}`,
      () =>
        tool('pnpm/bin/pnpm.cjs', pack, { quiet: true }) ||
        tool('publint/src/cli.js', ['--strict', file], { quiet: true }) ||
        tool('@arethetypeswrong/cli/dist/index.js', [file, '--profile', 'esm-only'], { quiet: true }),
    );
  }
} finally {
  rmSync(packed, { recursive: true, force: true });
}

const failed = results.filter(({ ok }) => !ok);
console.log(
  `\ncheck: ${results.length - failed.length} of ${results.length} stages passed${failed.map(({ name }) => `\n  failed: ${name}`).join('')}`,
);
const report = process.argv.find((arg) => arg.startsWith('--report='))?.slice('--report='.length);
if (report !== undefined) {
  const counts = { passed: results.length - failed.length, failed: failed.length };
  writeFileSync(report, JSON.stringify({ ...counts, failures: failed.map(({ name }) => name) }));
}
process.exit(failed.length === 0 ? 0 : 1);
