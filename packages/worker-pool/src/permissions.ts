import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isRecord, kindOf } from '@heddle/core/engine';

/** Paths that Node lets be read or written: files, or folders ending in `/*`. `true` = all. */
export type PathPermission = boolean | readonly string[];

/**
 * What code in the lanes may use, by Node's permission model: a seat belt against mistakes, no sandbox against malice. Everything that is
 * not given is forbidden, but for reading what Heddle itself is made of and the `node_modules` folders it is in. The files of actions have
 * to be given. See `docs/guarantees.md`.
 */
export interface Permissions {
  /** @defaultValue none but Heddle's own files */
  readonly fsRead?: PathPermission;
  /** @defaultValue none */
  readonly fsWrite?: PathPermission;
  /** To start processes, which are bound by nothing. @defaultValue false */
  readonly childProcess?: boolean;
  /** To start threads, which are bound by nothing. @defaultValue false */
  readonly worker?: boolean;
  /** To load native addons. @defaultValue false */
  readonly addons?: boolean;
  /** @defaultValue false */
  readonly wasi?: boolean;
  /** To use the network. Older versions of Node cannot forbid it, and there it may not be `false`. @defaultValue false where Node can forbid it */
  readonly net?: boolean;
}

const SWITCHES = {
  childProcess: '--allow-child-process',
  worker: '--allow-worker',
  addons: '--allow-addons',
  wasi: '--allow-wasi',
  net: '--allow-net',
} as const;
const SWITCH_NAMES = Object.keys(SWITCHES) as (keyof typeof SWITCHES)[]; // `keys` does not say so

/** Whether this Node knows a flag. */
export type KnowsFlag = (flag: string) => boolean;

const knowsFlag: KnowsFlag = (flag) => process.allowedNodeEnvironmentFlags.has(flag);

/** Node's flags for these permissions; beside what was given, the `own` paths may be read and written. */
export function permissionFlags(permissions: Permissions | undefined, own: readonly string[] = [], knows: KnowsFlag = knowsFlag): string[] {
  if (permissions === undefined) return [];
  const { fsRead, fsWrite } = permissions;
  const flags = [knows('--permission') ? '--permission' : '--experimental-permission'];
  flags.push(...pathFlags('--allow-fs-read', fsRead, [...ownFiles(), ...own]), ...pathFlags('--allow-fs-write', fsWrite, own));
  for (const name of SWITCH_NAMES) if (permissions[name] === true && knows(SWITCHES[name])) flags.push(SWITCHES[name]);
  // Every start of a lane would warn that permissions are an experiment.
  return knows('--permission') ? flags : [...flags, '--disable-warning=ExperimentalWarning'];
}

function pathFlags(flag: string, given: PathPermission | undefined, own: readonly string[]): string[] {
  if (given === true) return [`${flag}=*`];
  const paths = given === undefined || given === false ? [] : given.map((path) => (path === '*' ? path : absolute(path)));
  return [...own, ...paths].map((path) => `${flag}=${path}`);
}

/** `resolve` drops what says that a folder is meant. */
function absolute(path: string): string {
  const full = resolve(path);
  return /[\\/]$/.test(path) && !full.endsWith(sep) ? full + sep : full;
}

/** Where a lane's own code is: the packages it is made of, and every `node_modules` they can be found in. */
function ownFiles(): string[] {
  const folders = new Set<string>();
  for (const start of [fileURLToPath(import.meta.url), fileURLToPath(import.meta.resolve('@heddle/core'))]) {
    const file = realpathSync(start);
    folders.add(packageFolder(file));
    for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
      const modules = join(folder, 'node_modules');
      if (existsSync(modules)) folders.add(modules);
    }
  }
  return [...folders].map((folder) => join(folder, '*'));
}

function packageFolder(file: string): string {
  let folder = dirname(file);
  while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}

/** The faults of what was given as `permissions`, each naming its place. */
export function permissionFaults(permissions: unknown, knows: KnowsFlag = knowsFlag): string[] {
  if (permissions === undefined) return [];
  if (!isRecord(permissions)) return [`\`permissions\` must be an object; got ${kindOf(permissions)}`];
  const { fsRead, fsWrite, ...rest } = permissions;
  const faults = [...pathFaults('permissions.fsRead', fsRead), ...pathFaults('permissions.fsWrite', fsWrite)];
  for (const [name, value] of Object.entries(rest)) {
    if (!(name in SWITCHES)) faults.push(`\`permissions.${name}\` is not an option`);
    else if (value !== undefined && typeof value !== 'boolean')
      faults.push(`\`permissions.${name}\` must be a boolean; got ${kindOf(value)}`);
  }
  if (permissions['net'] === false && !knows(SWITCHES.net))
    faults.push(`\`permissions.net\` cannot be false on Node ${process.versions.node}, which cannot forbid the network`);
  return faults;
}

function pathFaults(name: string, value: unknown): string[] {
  if (value === undefined || typeof value === 'boolean') return [];
  if (Array.isArray(value) && value.every((path) => typeof path === 'string' && path !== '' && !path.includes(','))) return [];
  return [`\`${name}\` must be a boolean or an array of paths, none empty, none with a comma; got ${kindOf(value)}`];
}
