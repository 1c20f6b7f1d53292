import type { HeddleError } from '@heddle/core';

/**
 * What the command's exit code says: 0 all ok · 1 something ran and failed · 2 the command, the action or the input is wrong ·
 * 3 the runtime, a file or a pipe failed · 130/143 ended by Ctrl-C or SIGTERM.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 130 | 143;

/** The signals the command handles. */
export type Signal = 'SIGINT' | 'SIGTERM';

/** 128 and the signal's number, as shells count. */
export function exitCodeOfSignal(signal: Signal): ExitCode {
  return signal === 'SIGINT' ? 130 : 143;
}

/** The exit code of a command, or of a single task, that ended with this error. */
export function exitCodeOfError(error: HeddleError): ExitCode {
  switch (error.type) {
    case 'invalid_input':
    case 'invalid_action':
    case 'config_error':
    case 'load_error':
      return 2;
    case 'validation_error':
      // An output that its own schema refuses is a task that failed; params refused are the caller's.
      return error.details['what'] === 'output' ? 1 : 2;
    case 'execution_error':
    case 'timeout':
    case 'cancelled':
    case 'compensation_error':
    case 'uncloneable':
    case 'limit_exceeded':
      return 1;
    default:
      return 3;
  }
}
