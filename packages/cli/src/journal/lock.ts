import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { HeddleError } from '@heddle/core';
import { openError, systemCode } from '../output/file-error.ts';

/**
 * Keeps a second run off a journal: two writing to one output would each cut off what the other wrote.
 * The lock is a file with the process id in it; one left by a killed process is taken over.
 *
 * @throws HeddleError `invalid_input` when a living process holds it
 * @returns how to let go of it
 */
export function lockJournal(journal: string): () => void {
  const path = `${journal}.lock`;
  if (!take(path)) {
    const holder = holderOf(path);
    if (holder !== undefined) throw inUse(journal, path, holder);
    rmSync(path, { force: true });
    if (!take(path)) throw inUse(journal, path, holderOf(path));
  }
  return () => rmSync(path, { force: true });
}

function take(path: string): boolean {
  try {
    const fd = openSync(path, 'wx');
    writeSync(fd, String(process.pid));
    closeSync(fd);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw openError('The lock', path, error);
  }
}

/** The living process that holds the lock, if any. Our own id was another process's, in another container. */
function holderOf(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) return undefined;
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    // EPERM: it lives and is somebody else's.
    return systemCode(error) === 'EPERM' ? -1 : undefined;
  }
}

function inUse(journal: string, path: string, pid: number | undefined): HeddleError {
  const who = pid === undefined || pid < 0 ? 'another process' : `process ${pid}`;
  return new HeddleError(
    'invalid_input',
    `The journal \`${journal}\` is in use by ${who}: wait for its end, or remove \`${path}\` if that is no heddle`,
  );
}
