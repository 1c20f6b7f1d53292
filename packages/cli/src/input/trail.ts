import { createReadStream } from 'node:fs';
import { crc32 } from 'node:zlib';
import { HeddleError } from '@heddle/core';
import type { Checkpoint } from '../journal/ledger.ts';
import { openError } from '../output/file-error.ts';

/**
 * Follows the bytes of the input: how many went by, and their CRC-32. Holds them against the checkpoints of an earlier run, so that a
 * changed input is found out, while one that was touched, moved, or added to is not refused.
 */
export interface Trail {
  readonly read: number;
  readonly crc: number;
  /** @throws HeddleError `invalid_input` when these are not the bytes an earlier run read */
  follow(chunk: Buffer): void;
  /** The input is at its end. @throws HeddleError `invalid_input` when an earlier run read more */
  end(): void;
}

/** `checkpoints` ascending. */
export function createTrail(name: string, checkpoints: readonly Checkpoint[]): Trail {
  let read = 0;
  let crc = 0;
  let next = 0;
  return {
    get read() {
      return read;
    },
    get crc() {
      return crc;
    },
    follow(chunk) {
      const end = read + chunk.length;
      let start = 0;
      for (let point = checkpoints[next]; point !== undefined && point.read <= end; point = checkpoints[next]) {
        const length = point.read - read;
        crc = crc32(chunk.subarray(start, start + length), crc);
        read += length;
        start += length;
        next += 1;
        if (crc !== point.crc) throw changed(name, `its first ${point.read} bytes are others`);
      }
      const rest = start === 0 ? chunk : chunk.subarray(start);
      crc = crc32(rest, crc);
      read += rest.length;
    },
    end() {
      const last = checkpoints.at(-1);
      if (last !== undefined && last.read > read) throw changed(name, `it ends after ${read} of ${last.read} bytes`);
    },
  };
}

/**
 * Checks the part of a file that an earlier run read, before anything is run: about a gigabyte a second.
 *
 * @throws HeddleError `invalid_input` when it was changed
 */
export async function verifyFile(path: string, checkpoints: readonly Checkpoint[]): Promise<void> {
  const length = checkpoints.at(-1)?.read ?? 0;
  if (length === 0) return;
  const trail = createTrail(path, checkpoints);
  try {
    for await (const chunk of createReadStream(path, { end: length - 1, highWaterMark: 1024 * 1024 })) trail.follow(chunk);
  } catch (error) {
    throw error instanceof HeddleError ? error : openError('The input', path, error);
  }
  trail.end();
}

function changed(name: string, how: string): HeddleError {
  const hint =
    'rows are told apart by their place, so only the same input can be gone on with; give corrected rows in a run of their own (`--dead-letter` collects them)';
  return new HeddleError('invalid_input', `The input \`${name}\` has changed since the journal was written: ${how} (${hint})`);
}
