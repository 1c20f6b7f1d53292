import { isOutcome } from '@heddle/core';
import type { RawRow, RowReader } from '../input/row.ts';
import type { Appender } from './appender.ts';

/** Collects the inputs of failed rows, as a file that is an input itself. */
export interface DeadLetter {
  /** The row as text of the dead letter's format, its end included. */
  encode(raw: RawRow): string;
  write(text: string): void;
  readonly file: Appender;
}

/** `csv` writes records as they stand in the input, under its header; `ndjson` writes lines as they stand, and a CSV's rows as JSON. */
export function createDeadLetter(file: Appender, reader: RowReader, format: 'ndjson' | 'csv'): DeadLetter {
  return {
    file,
    encode: (raw) => (raw.fields === undefined || format === 'csv' ? `${raw.text}\n` : `${JSON.stringify(jsonOf(raw, reader))}\n`),
    write(text) {
      if (text === '') return;
      file.write(format === 'csv' && file.offset === 0 ? `${reader.preamble}\n${text}` : text);
    },
  };
}

/** A CSV row's params; the bare cells of one that holds none. */
function jsonOf(raw: RawRow, reader: RowReader): unknown {
  const params = reader.decode(raw);
  return isOutcome(params) ? (raw.fields ?? []) : params;
}
