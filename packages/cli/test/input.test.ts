import { isOutcome, Type } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { createCsvReader } from '../src/input/csv.ts';
import { createNdjsonReader } from '../src/input/ndjson.ts';
import type { RawRow, RowReader } from '../src/input/row.ts';
import { createTrail } from '../src/input/trail.ts';

async function* inChunks(text: string | Buffer, size: number): AsyncGenerator<Buffer, void, void> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function readAll(reader: RowReader, text: string, size = 7): Promise<RawRow[]> {
  const rows: RawRow[] = [];
  for await (const batch of reader.batches(inChunks(text, size))) rows.push(...batch);
  return rows;
}

async function decodeAll(reader: RowReader, text: string, size?: number): Promise<unknown[]> {
  return (await readAll(reader, text, size)).map((row) => {
    const params = reader.decode(row);
    return isOutcome(params) && !params.ok ? `line ${String(params.error.details['line'])}: ${params.error.message}` : params;
  });
}

describe('NDJSON', () => {
  it.each([1, 2, 3, 5, 1000])('is the same in chunks of %d bytes, across multi-byte characters and line ends', async (size) => {
    const text = '{"a":"é"}\r\n\n  \n{"a":"日本"}\n{"a":3}';
    expect(await decodeAll(createNdjsonReader(), text, size)).toEqual([{ a: 'é' }, { a: '日本' }, { a: 3 }]);
  });

  it('counts empty lines as lines, not as rows, and drops a byte order mark', async () => {
    const rows = await readAll(createNdjsonReader(), '\uFEFF{"a":1}\n\n{"a":2}\n');
    expect(rows.map(({ line }) => line)).toEqual([1, 3]);
    expect(createNdjsonReader().decode(rows[0] as RawRow)).toEqual({ a: 1 });
  });

  it('names line and column of what is no JSON, and goes on', async () => {
    const [first, second, third] = await decodeAll(createNdjsonReader(), '{"a":1}\n{"a":oops}\n{"a":3}\n');
    expect([first, third]).toEqual([{ a: 1 }, { a: 3 }]);
    expect(second).toMatch(/^line 2: expected a JSON object/);
    expect(second).toContain('`{"a":oops}`');
  });

  it('tells what to do about a JSON array', async () => {
    expect((await decodeAll(createNdjsonReader(), '[\n{"a":1}\n]\n'))[0]).toContain('jq -c ".[]"');
  });
});

describe('CSV', () => {
  const schema = Type.Object({ n: Type.Number(), name: Type.Optional(Type.String()) });
  const reader = (): RowReader => createCsvReader({ schema, keepText: false });

  it.each([1, 2, 3, 1000])('is the same in chunks of %d bytes: quotes, newlines in cells, CRLF, byte order mark', async (size) => {
    const text = '\uFEFFn,name\r\n1,"a ""b"""\r\n\r\n2,"x\ny"\r\n3,\r\n';
    expect(await decodeAll(reader(), text, size)).toEqual([{ n: 1, name: 'a "b"' }, { n: 2, name: 'x\ny' }, { n: 3 }]);
  });

  it('knows the line a record begins on', async () => {
    const rows = await readAll(reader(), 'n,name\n1,"x\ny"\n\n2,"a\n\nb"\n3,c\n', 1000);
    expect(rows.map(({ line }) => line)).toEqual([2, 5, 8]);
  });

  it('names the line of a record with too many or too few cells, and goes on', async () => {
    expect(await decodeAll(reader(), 'n,name\n1,a\n2\n3,c,d\n4,e\n')).toEqual([
      { n: 1, name: 'a' },
      'line 3: expected 2 cells, as the header has, got 1',
      'line 4: expected 2 cells, as the header has, got 3',
      { n: 4, name: 'e' },
    ]);
  });

  it('loses no record to a stray quote', async () => {
    expect(await decodeAll(reader(), 'n,name\n1,"a"x\n2,b\n3,c"d\n')).toEqual([
      { n: 1, name: '"a"x' },
      { n: 2, name: 'b' },
      { n: 3, name: 'c"d' },
    ]);
  });

  it('names a quote that is never closed', async () => {
    const rows = await decodeAll(reader(), 'n,name\n1,a\n2,"b\n3,c\n');
    expect(rows[0]).toEqual({ n: 1, name: 'a' });
    expect(rows[1]).toMatch(/^line 3: Quote Not Closed/);
  });

  it('leaves columns without a name out, and keeps those the schema does not name as text', async () => {
    expect(await decodeAll(reader(), 'n,,extra\n1,x,2\n')).toEqual([{ n: 1, extra: '2' }]);
  });

  it('refuses a header with a name twice', async () => {
    await expect(decodeAll(reader(), 'n,n\n1,2\n')).rejects.toThrow('the column `n` is there twice');
  });
});

describe('the trail of the input', () => {
  it('is the same however the bytes are cut, and accepts what an earlier run read', async () => {
    const text = 'some rows of input\nand more\n';
    const whole = createTrail('in', []);
    whole.follow(Buffer.from(text));
    const points = [3, 10, 19].map((read) => {
      const part = createTrail('in', []);
      part.follow(Buffer.from(text.slice(0, read)));
      return { read, crc: part.crc };
    });
    for (let size = 1; size <= text.length; size++) {
      const trail = createTrail('in', points);
      for await (const chunk of inChunks(text, size)) trail.follow(chunk);
      trail.end();
      expect([trail.read, trail.crc]).toEqual([whole.read, whole.crc]);
    }
  });

  it('refuses bytes that differ, and an input that ends early', () => {
    const points = [{ read: 4, crc: 1 }];
    expect(() => createTrail('in', points).follow(Buffer.from('other'))).toThrow('has changed since the journal was written');
    expect(() => createTrail('in', points).end()).toThrow('it ends after 0 of 4 bytes');
  });
});
