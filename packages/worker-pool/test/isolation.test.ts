import { isHeddleError } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { resourceFlags } from '../src/lane/resource-flags.ts';
import { parseRuntimeOptions } from '../src/options.ts';
import { permissionFaults, permissionFlags } from '../src/permissions.ts';

function faultsOf(options: unknown): unknown {
  try {
    parseRuntimeOptions(options);
    return [];
  } catch (error) {
    return isHeddleError(error) ? error.details['faults'] : error;
  }
}

const newest = (flag: string): boolean => flag !== '--experimental-permission';
const oldest = (flag: string): boolean => !['--permission', '--allow-net'].includes(flag);

describe('the option `isolation`', () => {
  it('is a thread unless something else is asked for', () => {
    expect(parseRuntimeOptions({}).isolation).toBe('thread');
    expect(parseRuntimeOptions({ isolation: 'process' }).isolation).toBe('process');
  });

  it.each(['fork', 1, null])('A-2 is refused as %j', (isolation) => {
    expect(faultsOf({ isolation })).toEqual(['`isolation` must be one of inline, thread, process']);
  });

  it('A-2 names every option that makes no sense inline', () => {
    const flags = ['--no-warnings'];
    expect(faultsOf({ isolation: 'inline', env: {}, execArgv: flags, resourceLimits: {}, permissions: {} })).toEqual(
      ['resourceLimits', 'env', 'execArgv', 'permissions'].map(
        (name) => `\`${name}\` cannot be had with \`isolation: 'inline'\`: actions run in the thread that created the runtime`,
      ),
    );
  });

  it('A-2 names the limits that a process cannot be given', () => {
    expect(faultsOf({ isolation: 'process', resourceLimits: { codeRangeSizeMb: 8, stackSizeMb: 64 } })).toEqual([
      "`resourceLimits.codeRangeSizeMb` cannot be had with `isolation: 'process'`",
      expect.stringContaining('`resourceLimits.stackSizeMb` must be at most 7'),
    ]);
    expect(faultsOf({ isolation: 'thread', resourceLimits: { codeRangeSizeMb: 8, stackSizeMb: 64 } })).toEqual([]);
  });
});

describe('the limits of a process', () => {
  it('are flags of V8, in its units', () => {
    const limits = { maxOldGenerationSizeMb: 64.5, maxYoungGenerationSizeMb: 48, stackSizeMb: 2 };
    expect(resourceFlags(limits)).toEqual(['--max-old-space-size=65', '--max-semi-space-size=16', '--stack-size=2000']);
    expect(resourceFlags({ maxYoungGenerationSizeMb: 1 })).toEqual(['--max-semi-space-size=1']);
    expect(resourceFlags(undefined)).toEqual([]);
  });
});

describe('permissions', () => {
  it('are no flags where none are given, and forbid nearly everything where they are empty', () => {
    expect(permissionFlags(undefined)).toEqual([]);
    const flags = permissionFlags({}, [], newest);
    expect(flags[0]).toBe('--permission');
    // Nothing but where Heddle itself is.
    expect(flags.slice(1).filter((flag) => !/^--allow-fs-read=.*[\\/]\*$/.test(flag))).toEqual([]);
  });

  it('become the flags that this Node has for them', () => {
    const given = { fsRead: true, fsWrite: ['/tmp/x/*'], childProcess: true, worker: true, addons: true, wasi: true, net: true } as const;
    const switches = ['--allow-child-process', '--allow-worker', '--allow-addons', '--allow-wasi'];
    expect(permissionFlags(given, [], newest)).toEqual([
      '--permission',
      '--allow-fs-read=*',
      '--allow-fs-write=/tmp/x/*',
      ...switches,
      '--allow-net',
    ]);
    expect(permissionFlags(given, ['/dev/shm/own'], oldest)).toEqual([
      '--experimental-permission',
      '--allow-fs-read=*',
      '--allow-fs-write=/dev/shm/own',
      '--allow-fs-write=/tmp/x/*',
      ...switches,
      '--disable-warning=ExperimentalWarning',
    ]);
  });

  it('give no more for `false` than for nothing', () => {
    const none = { fsRead: false, fsWrite: false, childProcess: false, net: false };
    expect(permissionFlags(none, [], newest)).toEqual(permissionFlags({}, [], newest));
  });

  it('take paths from where the process is', () => {
    const flags = permissionFlags({ fsWrite: ['out/*', 'log/', '*'] }, [], newest).filter((flag) => flag.startsWith('--allow-fs-write'));
    expect(flags).toEqual([`${process.cwd()}/out/*`, `${process.cwd()}/log/`, '*'].map((path) => `--allow-fs-write=${path}`));
  });

  it('A-2 are refused with every fault named', () => {
    expect(permissionFaults('all')).toEqual(['`permissions` must be an object; got a string']);
    expect(permissionFaults({ fsRead: '/tmp', fsWrite: ['a,b'], worker: 1, network: true, net: false }, oldest)).toEqual([
      expect.stringMatching(/^`permissions\.fsRead` must be a boolean or an array of paths/),
      expect.stringMatching(/^`permissions\.fsWrite` must be/),
      '`permissions.worker` must be a boolean; got a number',
      '`permissions.network` is not an option',
      expect.stringMatching(/^`permissions\.net` cannot be false on Node /),
    ]);
    expect(permissionFaults({ net: false }, newest)).toEqual([]);
    expect(faultsOf({ permissions: { fsRead: 1 } })).toHaveLength(1);
  });
});
