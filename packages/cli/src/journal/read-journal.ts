import { HeddleError } from '@heddle/core';
import { JOURNAL_START, type JournalHeader, parseHeader } from './header.ts';
import { type JournalRecord, parseRecord } from './record.ts';

/** A record, and where its line ends in the file. */
export interface PlacedRecord {
  readonly record: JournalRecord;
  readonly end: number;
}

/** A journal read back: header and the whole records. What is torn is left out; the file is to be cut to the last `end`. */
export interface JournalContents {
  readonly header: JournalHeader;
  readonly headerEnd: number;
  readonly records: readonly PlacedRecord[];
}

const NEWLINE = 10;

/**
 * Reads a journal's bytes. A last line without its end, or one that is garbage (a power cut), is torn: it was never recorded.
 * `undefined` when not even the header was written whole: then nothing was recorded at all.
 *
 * @throws HeddleError `invalid_input` when the file is no journal of ours, or is damaged before its last line
 */
export function readJournal(path: string, bytes: Buffer): JournalContents | undefined {
  const headerEnd = bytes.indexOf(NEWLINE) + 1;
  if (headerEnd === 0) return tornHeader(path, bytes.toString());
  const header = parseHeader(bytes.toString('utf8', 0, headerEnd - 1));
  if (header === undefined) throw notAJournal(path);
  const records: PlacedRecord[] = [];
  for (let start = headerEnd, line = 2; start < bytes.length; line++) {
    const end = bytes.indexOf(NEWLINE, start) + 1;
    if (end === 0) break;
    const record = parseRecord(bytes.toString('utf8', start, end - 1));
    if (record !== undefined) records.push({ record, end });
    else if (end < bytes.length) throw damaged(path, line);
    start = end;
  }
  return { header, headerEnd, records };
}

function tornHeader(path: string, text: string): undefined {
  if (!text.startsWith(JOURNAL_START) && !JOURNAL_START.startsWith(text)) throw notAJournal(path);
}

function notAJournal(path: string): HeddleError {
  const hint = 'name another file for `--journal`, or remove this one';
  return new HeddleError('invalid_input', `\`${path}\` is no journal of this version of heddle: ${hint}`);
}

function damaged(path: string, line: number): HeddleError {
  const hint = 'what it recorded after that cannot be known; begin anew with another `--journal` and output';
  return new HeddleError('invalid_input', `The journal \`${path}\` is damaged at line ${line}: ${hint}`);
}
