// What the other scripts share: where things are, how to run a program, how to install, how to build.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PNPM = 'pnpm@10.34.9';
const stampFile = () => at('node_modules/.heddle-install.json');

/**
 * A path inside the repository.
 * @param {string[]} parts
 */
export const at = (...parts) => join(fileURLToPath(new URL('..', import.meta.url)), ...parts);

/**
 * Runs a program to its end and answers its exit code.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ quiet?: boolean }} [options] quiet: output is shown only when the program fails
 */
export function run(program, args, { quiet = false } = {}) {
  const shell = process.platform === 'win32' && program === 'npx'; // npx is a .cmd file there
  const done = spawnSync(program, args, { cwd: at(), shell, stdio: quiet ? 'pipe' : 'inherit', encoding: 'utf8' });
  if (done.error) throw done.error;
  const code = done.status ?? exitCodeOf(done.signal);
  if (quiet && code !== 0) process.stderr.write(`${done.stdout}${done.stderr}`);
  return code;
}

/**
 * Runs a Node script in the place of this process: same terminal, same exit code, signals passed on.
 * @param {string} script
 * @param {readonly string[]} args
 */
export function become(script, args) {
  const child = spawn(process.execPath, [script, ...args], { stdio: 'inherit' });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  // At a terminal Ctrl-C reaches the child by itself; a second copy from here would mean "now" instead of "drain".
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  child.on('exit', (code, signal) => process.exit(code ?? exitCodeOf(signal)));
}

/** @param {NodeJS.Signals | null} signal */
const exitCodeOf = (signal) => 128 + (signal === null ? 0 : constants.signals[signal]);

/**
 * Installs what the lockfile says: all of it, or what building and running one package takes. Ends the process when that fails.
 * Skipped when the same files were installed before by the same Node and all of it is still there.
 * @param {string} [only] the name of the one package
 */
export function install(only) {
  const hash = installHash();
  const before = readStamp();
  if (before?.hash === hash && (before.only === null || before.only === only) && before.folders.every((folder) => existsSync(at(folder))))
    return;
  rmSync(stampFile(), { force: true }); // an install that is interrupted leaves no stamp
  // pnpm installs the root along with any filter. There "dependencies" are what a build needs and "devDependencies" the rest,
  // so --prod leaves the rest out.
  const part = only === undefined ? [] : ['--prod', '--filter', `${only}...`];
  const code = run('npx', ['--yes', PNPM, 'install', '--frozen-lockfile', ...part]);
  if (code !== 0) process.exit(code);
  const folders = packageFolders()
    .map((folder) => join(folder, 'node_modules'))
    .filter((folder) => existsSync(at(folder)));
  mkdirSync(at('node_modules'), { recursive: true });
  writeFileSync(stampFile(), JSON.stringify({ hash, only: only ?? null, folders }));
}

/** Everything an install depends on: the lockfile, every manifest, the settings, the platform. */
function installHash() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${process.version}`);
  const files = [
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    '.npmrc',
    'package.json',
    ...packageFolders().map((folder) => join(folder, 'package.json')),
  ];
  for (const file of files) hash.update(`\n${file}\n`).update(readFileSync(at(file)));
  return hash.digest('hex');
}

/** @returns {{ hash: string, only: string | null, folders: string[] } | undefined} */
function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile(), 'utf8'));
  } catch {
    return undefined; // none, or a broken one: install
  }
}

/** The folder of every package of the workspace, relative to its root. */
export function packageFolders() {
  const inside = (/** @type {string} */ parent) =>
    existsSync(at(parent))
      ? readdirSync(at(parent))
          .sort()
          .map((name) => join(parent, name))
      : [];
  return [...inside('packages'), 'bench', ...inside('examples'), join('test', 'faults')].filter((folder) =>
    existsSync(at(folder, 'package.json')),
  );
}

/**
 * Builds one project and those it refers to, or all; answers the compiler's exit code.
 * The old output goes first: the compiler never removes the output of a source file that is gone.
 * @param {string} [folder] the one project
 */
export function build(folder = '.') {
  for (const each of packageFolders()) rmSync(at(each, 'dist'), { recursive: true, force: true });
  return run(process.execPath, [at('node_modules/typescript/bin/tsc'), '-b', at(folder, 'tsconfig.json')]);
}

/** Bundles what has been built; answers an exit code. Only speed depends on it, and the dashboard's page. */
export const bundle = () => run(process.execPath, [at('scripts/bundle.mjs')]);
