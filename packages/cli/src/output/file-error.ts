import { HeddleError } from '@heddle/core';

/** The system's code of an error: `ENOENT`; `undefined` of anything else. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is no folder',
  ENOSPC: 'no space left on the device',
  EROFS: 'the file system is read-only',
  EPIPE: 'its reader is gone',
};

/** Why a file could not be opened: the command names a wrong one. */
export function openError(what: string, path: string, error: unknown): HeddleError {
  return new HeddleError('invalid_input', `${what} \`${path}\` cannot be opened: ${reason(error)}`, { cause: error });
}

/** Why a file or pipe that was open could not be read or written any more. */
export function transferError(what: string, path: string, error: unknown): HeddleError {
  return new HeddleError('internal_error', `${what} \`${path}\` broke off: ${reason(error)}`, { cause: error });
}

function reason(error: unknown): string {
  const code = systemCode(error);
  return (code === undefined ? undefined : WORDS[code]) ?? (error instanceof Error ? error.message : String(error));
}
