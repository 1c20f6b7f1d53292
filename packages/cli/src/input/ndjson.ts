import { splitLines } from './line.ts';
import { badRow, type RawRow, type RowReader } from './row.ts';

const BYTE_ORDER_MARK = '\uFEFF';

/** Reads rows of JSON, one a line. Empty lines are no rows. */
export function createNdjsonReader(): RowReader {
  return { batches, decode, preamble: '' };
}

async function* batches(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly RawRow[], void, void> {
  let line = 0;
  for await (const texts of splitLines(chunks)) {
    const rows: RawRow[] = [];
    for (const text of texts) {
      line += 1;
      const own = line === 1 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
      if (own.trim() !== '') rows.push({ line, text: own, fields: undefined, fault: undefined });
    }
    yield rows;
  }
}

function decode({ line, text }: RawRow): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return notJson(line, text, error instanceof Error ? error.message : String(error));
  }
}

function notJson(line: number, text: string, message: string): unknown {
  const trimmed = text.trim();
  if (line === 1 && (trimmed === '[' || trimmed.startsWith('[{'))) {
    return badRow(line, 'expected one JSON object a line, got the beginning of an array: `jq -c ".[]"` makes lines of it');
  }
  const position = /position (\d+)/.exec(message)?.[1];
  const column = position === undefined ? undefined : Number(position) + 1;
  const where = column === undefined ? '' : `, column ${column}`;
  const shown = trimmed.length > 40 ? `${trimmed.slice(0, 40)}…` : trimmed;
  return badRow(line, `expected a JSON object${where}: ${message} (the line is \`${shown}\`)`, column === undefined ? {} : { column });
}
