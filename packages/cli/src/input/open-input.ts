import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { HeddleError } from '@heddle/core';
import { openError, transferError } from '../output/file-error.ts';
import type { Shell } from '../shell/shell.ts';
import type { Trail } from './trail.ts';

/** The input as bytes. */
export interface Input {
  /** Bytes it has in all; `undefined` of a pipe. */
  readonly size: number | undefined;
  chunks(trail: Trail): AsyncGenerator<Buffer, void, void>;
  /** Stops reading, also while a read is waiting. */
  stop(): void;
}

/**
 * Opens a file, or stdin for `-`.
 *
 * @throws HeddleError `invalid_input` when there is no such file
 */
export function openInput(path: string, shell: Shell): Input {
  const size = path === '-' ? undefined : fileSize(path);
  let stream: Readable | undefined;
  let stopped = false;
  const stop = (): void => {
    stopped = true;
    stream?.destroy();
  };
  async function* chunks(trail: Trail): AsyncGenerator<Buffer, void, void> {
    if (stopped) return;
    stream = path === '-' ? shell.stdin : createReadStream(path, { highWaterMark: 256 * 1024 });
    try {
      for await (const chunk of stream) {
        trail.follow(chunk);
        yield chunk;
      }
    } catch (error) {
      if (stopped) return;
      throw error instanceof HeddleError ? error : transferError('The input', path, error);
    }
    trail.end();
  }
  return { size, chunks, stop };
}

function fileSize(path: string): number | undefined {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
    return stat.isFile() ? stat.size : undefined;
  } catch (error) {
    throw openError('The input', path, error);
  }
}
