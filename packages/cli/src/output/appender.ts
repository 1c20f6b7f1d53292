import { closeSync, fdatasync, fsyncSync, openSync, truncateSync, writeSync } from 'node:fs';
import type { Screen } from '../shell/shell.ts';
import { openError, transferError } from './file-error.ts';

/**
 * Something text is added to. Writes are whole and in order; whoever writes looks at `full` and waits for `drained`.
 */
export interface Appender {
  /** Bytes in it, these writes included. */
  readonly offset: number;
  readonly full: boolean;
  write(text: string): void;
  drained(): Promise<void>;
  /** Brings what was written to the disk, where there is one. */
  sync(done: () => void): void;
  /** Closes it; with `durable`, after everything is on the disk. */
  close(durable: boolean): void;
}

/**
 * Opens a file, keeping its first `keep` bytes.
 *
 * Written synchronously: a batch of 100 KB goes to the page cache in some 50 µs, order between files is the order of the calls, and
 * nothing is left in memory that a kill could take.
 *
 * @throws HeddleError `invalid_input` when it cannot be opened
 */
export function openFile(what: string, path: string, keep: number): Appender {
  const fd = openKept(what, path, keep);
  let offset = keep;
  return {
    get offset() {
      return offset;
    },
    full: false,
    write(text) {
      const bytes = Buffer.from(text);
      writeAll(what, path, fd, bytes);
      offset += bytes.length;
    },
    drained: () => Promise.resolve(),
    // Not every file has a disk behind it (a pipe, /dev/null): then there is nothing to sync.
    sync: (done) => fdatasync(fd, () => done()),
    close(durable) {
      if (durable) fsyncSync(fd);
      closeSync(fd);
    },
  };
}

function openKept(what: string, path: string, keep: number): number {
  try {
    if (keep === 0) return openSync(path, 'w');
    truncateSync(path, keep);
    return openSync(path, 'a');
  } catch (error) {
    throw openError(what, path, error);
  }
}

function writeAll(what: string, path: string, fd: number, bytes: Buffer): void {
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
  } catch (error) {
    throw transferError(what, path, error);
  }
}

/** Appends to a stream (stdout). What breaks it is thrown by the next write and told to `onBroken`. */
export function openStream(stream: Screen, onBroken: (error: unknown) => void): Appender {
  let offset = 0;
  let broken: unknown;
  const fail = (error: unknown): void => {
    broken = transferError('The output', 'stdout', error);
    onBroken(broken);
  };
  stream.on('error', fail);
  return {
    get offset() {
      return offset;
    },
    get full() {
      return broken === undefined && stream.writableNeedDrain;
    },
    write(text) {
      if (broken !== undefined) throw broken;
      const bytes = Buffer.from(text);
      stream.write(bytes);
      offset += bytes.length;
    },
    drained: () => settled(stream),
    sync: (done) => done(),
    close: () => stream.off('error', fail),
  };
}

function settled(stream: Screen): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      for (const event of EVENTS) stream.off(event, end);
      resolve();
    };
    for (const event of EVENTS) stream.once(event, end);
  });
}

const EVENTS = ['drain', 'error', 'close'] as const;
