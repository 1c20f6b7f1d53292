import { decodeRanges, encodeRanges } from './range.ts';

/**
 * One line of a journal: rows settled since the line before, and how long each file was once they were written.
 *
 * Order of writes: output, dead letter, journal. So a recorded row is always in the output, while a row of the output that is
 * not recorded is cut off at the next resume and run again.
 */
export interface JournalRecord {
  /** Rows that ended well, as ranges. */
  readonly ok: string;
  readonly failed: string;
  /** How many of the failed, by error type. */
  readonly types: Readonly<Record<string, number>>;
  /** Bytes of the output, and of the dead letter, with these rows written. */
  readonly out: number;
  readonly dead: number;
  /** Bytes of the input read by then, and their CRC-32: how a changed input is found out. */
  readonly read: number;
  readonly crc: number;
  /**
   * Set when the record replaces all before it: the failed rows were taken out, and the output was rewritten without them
   * as the file with this number in its name, then put in place.
   */
  readonly rewrite?: number;
}

/** The record's line, without its end. */
export function encodeRecord(record: JournalRecord): string {
  return JSON.stringify(record);
}

/** A record of the rows given; the ranges are made here. */
export function createRecord(ok: Iterable<number>, failed: Iterable<number>, rest: Omit<JournalRecord, 'ok' | 'failed'>): JournalRecord {
  return { ok: encodeRanges(ok), failed: encodeRanges(failed), ...rest };
}

/** The record of a line; `undefined` when the line is torn or none. */
export function parseRecord(line: string): JournalRecord | undefined {
  try {
    const record: unknown = JSON.parse(line);
    return isRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(record: unknown): record is JournalRecord {
  if (typeof record !== 'object' || record === null) return false;
  const given = record as Readonly<Record<string, unknown>>; // an object has keys to look at
  const { ok, failed, types } = given;
  return (
    ['out', 'dead', 'read', 'crc'].every((key) => Number.isSafeInteger(given[key])) &&
    typeof ok === 'string' &&
    typeof failed === 'string' &&
    typeof types === 'object' &&
    types !== null &&
    decodeRanges(ok) !== undefined &&
    decodeRanges(failed) !== undefined
  );
}
