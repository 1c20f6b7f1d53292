import { type HeddleError, isHeddleError } from '@heddle/core';
import { jsonLine } from '../coroutine/step-line.ts';
import { errorText } from '../shell/error-text.ts';
import { type ExitCode, exitCodeOfError } from '../shell/exit-code.ts';
import type { Shell } from '../shell/shell.ts';

/** Prints what a run ended with as JSON on stdout, laid out for a terminal; answers the exit code. */
export function printValue(value: unknown, shell: Shell): ExitCode {
  try {
    shell.stdout.write(jsonLine(value, 'The value', shell.stdout.isTTY === true ? 2 : 0));
    return 0;
  } catch (error) {
    if (!isHeddleError(error)) throw error;
    return printError(error, shell);
  }
}

/** Prints why a run failed on stderr; answers the exit code. */
export function printError(error: HeddleError, shell: Shell): ExitCode {
  shell.stderr.write(`${errorText(shell.stderr, error)}\n`);
  return exitCodeOfError(error);
}
