import { describe, expect, it } from 'vitest';
import { laneExecArgv } from '../src/exec-argv.ts';

describe('the flags a lane is given', () => {
  it.each<[string[], string[]]>([
    [[], []],
    [['--conditions=development'], ['--conditions=development']],
    [
      ['--conditions', 'development', '--inspect'],
      ['--conditions', 'development'],
    ],
    [
      ['-C', 'x', '--enable-source-maps'],
      ['-C', 'x', '--enable-source-maps'],
    ],
    [
      ['--no-warnings', '--disable-warning=ExperimentalWarning', '--no-deprecation'],
      ['--no-warnings', '--disable-warning=ExperimentalWarning', '--no-deprecation'],
    ],
    [
      ['--experimental-strip-types', '--no-experimental-strip-types'],
      ['--experimental-strip-types', '--no-experimental-strip-types'],
    ],
    [
      ['--preserve-symlinks', '--trace-warnings', '--stack-trace-limit=50'],
      ['--preserve-symlinks', '--trace-warnings', '--stack-trace-limit=50'],
    ],
  ])('keep what means the same in a thread: %j', (given, kept) => {
    expect(laneExecArgv(given)).toEqual(kept);
  });

  it.each([
    [['--inspect-brk']],
    [['--import', 'tsx']],
    [['--require', './hook.cjs']],
    [['--max-old-space-size=4096']],
    [['--expose-gc']],
    [['--test']],
    [['--env-file=.env']],
    [['--conditionsx=1']],
  ])('leave out what a thread refuses, or what belongs to the process: %j', (given) => {
    expect(laneExecArgv(given)).toEqual([]);
  });

  it('do not take the next flag for a value that is missing', () => {
    expect(laneExecArgv(['--conditions'])).toEqual(['--conditions']);
  });
});
