import { Parser } from 'csv-parse';
import { called } from './called.ts';

/** One record of a CSV file, as text. */
export interface CsvRecord {
  /** The line it begins on, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
  /** The record as it stands in the file, when asked for; else ''. */
  readonly raw: string;
  /** Why it could not be taken apart, if so. */
  readonly fault: string | undefined;
}

/** A record longer than this, in characters, is taken for a quote that was never closed. */
const MAX_LENGTH = 64 * 1024 * 1024;

/**
 * The records of a CSV file, header included, a batch for each chunk. Empty lines are none; a byte order mark is dropped.
 * A record at fault comes in its place, and those after it as well. The adapter of csv-parse.
 */
export async function* readCsvRecords(
  chunks: AsyncIterable<Buffer>,
  { raw }: { readonly raw: boolean },
): AsyncGenerator<readonly CsvRecord[], void, void> {
  let records: CsvRecord[] = [];
  let last = 0;
  const add = (fields: readonly string[], text: string, lines: number, fault: string | undefined): void => {
    // The parser knows the line a record ends on; where more than one went by, the quoted newlines say where it began.
    const line = lines === last + 1 || fault !== undefined ? last + 1 : lines - newlinesIn(fields);
    records.push({ line, fields, raw: text.replace(/^[\r\n]+|[\r\n]+$/g, ''), fault });
    last = lines;
  };
  const parser: Parser = new Parser({
    bom: true,
    columns: false,
    raw,
    max_record_size: MAX_LENGTH,
    relax_column_count: true,
    // A stray quote is text; taken for an error, it would swallow the records up to the next quote.
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    // Both callbacks run inside `write`, in the order of the file; `null` keeps the record out of the stream.
    on_record: (record: unknown, { lines }) => {
      const { fields, text } = partsOf(record);
      add(fields, text, lines, undefined);
      return null;
    },
    on_skip: (error, text) => {
      add([], text ?? '', parser.info.lines, error?.message ?? 'this is no CSV');
      return undefined;
    },
  });
  parser.on('error', () => {});
  for await (const chunk of chunks) {
    await called((done) => parser.write(chunk, done));
    if (records.length === 0) continue;
    yield records;
    records = [];
  }
  await called((done) => parser.end(done));
  if (records.length > 0) yield records;
}

/** With `raw` the parser gives `{ record, raw }`, else the fields alone. */
function partsOf(record: unknown): { readonly fields: readonly string[]; readonly text: string } {
  if (Array.isArray(record)) return { fields: record, text: '' };
  const { record: fields, raw: text } = record as { record: string[]; raw: string }; // as csv-parse documents `raw: true`
  return { fields, text };
}

function newlinesIn(fields: readonly string[]): number {
  return fields.reduce((count, field) => count + field.split('\n').length - 1, 0);
}
