import { HeddleError } from '@heddle/core';
import { type Coerce, compileCoercion } from './coerce.ts';
import { type CsvRecord, readCsvRecords } from './csv-record.ts';
import { badRow, type RawRow, type RowReader } from './row.ts';

/** What a CSV is read with. */
export interface CsvOptions {
  /** The action's schema: what the cells are turned into. */
  readonly schema: unknown;
  /** Whether rows keep their text. */
  readonly keepText: boolean;
}

/**
 * Reads rows of CSV: a header, then a record a row, cells turned into what the action's schema asks for.
 * Columns without a name are left out.
 */
export function createCsvReader({ schema, keepText }: CsvOptions): RowReader {
  let columns: readonly string[] = [];
  let coercions: readonly Coerce[] = [];
  let preamble = '';
  const readHeader = (header: CsvRecord): void => {
    columns = checkHeader(header);
    coercions = compileCoercion(schema, columns);
    preamble = header.raw;
  };
  return {
    get preamble() {
      return preamble;
    },
    async *batches(chunks) {
      for await (const records of readCsvRecords(chunks, { raw: keepText })) {
        const [first] = records;
        const isFirst = columns.length === 0 && first !== undefined;
        if (isFirst) readHeader(first);
        yield (isFirst ? records.slice(1) : records).map(toRow);
      }
    },
    decode: ({ line, fields = [], fault }) => {
      if (fault !== undefined) return badRow(line, fault);
      if (fields.length !== columns.length) {
        return badRow(line, `expected ${columns.length} cells, as the header has, got ${fields.length}`);
      }
      return coerceRecord(columns, coercions, fields);
    },
  };
}

function toRow({ line, raw, fields, fault }: CsvRecord): RawRow {
  return { line, text: raw, fields, fault };
}

function coerceRecord(columns: readonly string[], coercions: readonly Coerce[], fields: readonly string[]): unknown {
  const params: Record<string, unknown> = {};
  for (let at = 0; at < columns.length; at++) {
    const column = columns[at] ?? '';
    const value = column === '' ? undefined : coercions[at]?.(fields[at] ?? '');
    if (value === undefined) continue;
    // A field like any other: an assignment would set the prototype.
    if (column === '__proto__') Object.defineProperty(params, column, { value, enumerable: true, configurable: true, writable: true });
    else params[column] = value;
  }
  return params;
}

function checkHeader({ fields, fault }: CsvRecord): readonly string[] {
  const columns = fields.map((name) => name.trim());
  const twice = columns.find((name, at) => name !== '' && columns.indexOf(name) !== at);
  const problem = fault ?? (twice === undefined ? undefined : `the column \`${twice}\` is there twice`);
  if (problem !== undefined) throw new HeddleError('invalid_input', `The header of the CSV cannot be used: ${problem}`);
  return columns;
}
