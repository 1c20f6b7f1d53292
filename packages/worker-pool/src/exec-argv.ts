/** Node's flags that mean the same in a thread, and that a thread needs to see the world as the process does. */
const KEPT = [
  /^(-C|--conditions)(=|$)/,
  /^--enable-source-maps$/,
  /^--(no-)?(deprecation|warnings)$/,
  /^--disable-warning(=|$)/,
  /^--(no-)?experimental-(strip-types|transform-types)$/,
  /^--preserve-symlinks$/,
  /^--trace-(warnings|deprecation|uncaught)$/,
  /^--stack-trace-limit=/,
];

/** Flags whose value may stand in the next word. */
const TAKES_VALUE = /^(-C|--conditions|--disable-warning)$/;

/**
 * What of a process's `execArgv` its lanes are given. Inheriting all of it fails: a thread refuses process-wide flags, and a loader
 * given by `--import` may not work in one.
 */
export function laneExecArgv(execArgv: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < execArgv.length; index++) {
    const flag = execArgv[index] ?? '';
    if (!KEPT.some((pattern) => pattern.test(flag))) continue;
    kept.push(flag);
    const value = execArgv[index + 1];
    if (TAKES_VALUE.test(flag) && value !== undefined) {
      kept.push(value);
      index++;
    }
  }
  return kept;
}
