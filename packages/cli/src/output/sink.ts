import { called } from '../input/called.ts';
import type { Row } from '../input/row.ts';
import type { Journal } from '../journal/open-journal.ts';
import { createRecord } from '../journal/record.ts';
import type { Appender } from './appender.ts';
import type { DeadLetter } from './dead-letter.ts';
import type { SettledRow } from './line.ts';

/** Characters kept back until they are written at once. */
const BATCH_LENGTH = 128 * 1024;
/** Milliseconds a settled row waits for others to be written with it. */
const BATCH_MS = 50;
/** Milliseconds between two syncs to the disk. */
const SYNC_MS = 1000;

/** Where settled rows go. */
export interface SinkOptions {
  readonly output: Appender;
  readonly deadLetter: DeadLetter | undefined;
  readonly journal: Journal | undefined;
  /** How far the input was read. */
  readonly trail: { readonly read: number; readonly crc: number };
  /** A file broke while nobody was writing. */
  readonly onBroken: (error: unknown) => void;
}

/**
 * Writes settled rows in batches: output, dead letter, journal, in this order (see {@link JournalRecord}).
 *
 * What survives: a row is recorded within 50 ms of settling, or with the next 128 KB. `kill -9` takes what is not written yet, and
 * nothing that is: those rows run again. The disk is synced each second, output before journal, so a power cut takes the last second or so.
 */
export class Sink {
  readonly #options: SinkOptions;
  #lines = '';
  #dead = '';
  #ok: number[] = [];
  #failed: number[] = [];
  #types: Record<string, number> = {};
  #timer: NodeJS.Timeout | undefined;
  readonly #syncTimer: NodeJS.Timeout | undefined;
  /** The sync under way, if any: closing waits for it. */
  #syncing: Promise<void> | undefined;
  #dirty = false;
  #broken = false;

  constructor(options: SinkOptions) {
    this.#options = options;
    if (options.journal !== undefined) this.#syncTimer = setInterval(() => this.#syncSoon(), SYNC_MS).unref();
  }

  /** Whether the output takes no more for now: then wait for {@link drained}. */
  get full(): boolean {
    return this.#options.output.full;
  }

  drained(): Promise<void> {
    return this.#options.output.drained();
  }

  /** @throws HeddleError when a file cannot be written any more */
  add(row: Row, { text, error }: SettledRow): void {
    this.#lines += `${text}\n`;
    if (error === undefined) this.#ok.push(row.index);
    else {
      this.#failed.push(row.index);
      this.#types[error.type] = (this.#types[error.type] ?? 0) + 1;
      if (row.raw !== undefined) this.#dead += this.#options.deadLetter?.encode(row.raw) ?? '';
    }
    if (this.#lines.length >= BATCH_LENGTH) this.flush();
    else this.#timer ??= setTimeout(() => this.#flushLate(), BATCH_MS);
  }

  /** Writes all that is kept back. After a write that broke, nothing more is written: the journal must not record it. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#lines === '' || this.#broken) return;
    const { output, deadLetter, journal, trail } = this.#options;
    const [lines, dead, ok, failed, types] = [this.#lines, this.#dead, this.#ok, this.#failed, this.#types];
    this.#lines = '';
    this.#dead = '';
    this.#ok = [];
    this.#failed = [];
    this.#types = {};
    this.#broken = true;
    output.write(lines);
    deadLetter?.write(dead);
    const deadOffset = deadLetter?.file.offset ?? 0;
    journal?.append(createRecord(ok, failed, { types, out: output.offset, dead: deadOffset, read: trail.read, crc: trail.crc }));
    this.#broken = false;
    this.#dirty = true;
  }

  /** Writes the rest, brings it to the disk where there is a journal, and closes output, dead letter and journal. */
  async close(): Promise<void> {
    const { output, deadLetter, journal } = this.#options;
    clearInterval(this.#syncTimer);
    try {
      this.flush();
    } finally {
      await this.#syncing;
      output.close(journal !== undefined && !this.#broken);
      deadLetter?.file.close(journal !== undefined && !this.#broken);
      journal?.close();
    }
  }

  #flushLate(): void {
    try {
      this.flush();
    } catch (error) {
      this.#options.onBroken(error);
    }
  }

  #syncSoon(): void {
    if (!this.#dirty || this.#syncing !== undefined) return;
    this.#dirty = false;
    this.#syncing = this.#sync().finally(() => {
      this.#syncing = undefined;
    });
  }

  async #sync(): Promise<void> {
    const { output, deadLetter, journal } = this.#options;
    await called((done) => output.sync(done));
    if (deadLetter !== undefined) await called((done) => deadLetter.file.sync(done));
    if (journal !== undefined) await called((done) => journal.sync(done));
  }
}
