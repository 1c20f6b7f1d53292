import { HeddleError, ok } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { RowSource } from '../src/batch/source.ts';
import { createNdjsonReader } from '../src/input/ndjson.ts';
import type { Row } from '../src/input/row.ts';
import { createLedger } from '../src/journal/ledger.ts';
import type { Journal } from '../src/journal/open-journal.ts';
import type { Appender } from '../src/output/appender.ts';
import { createDeadLetter } from '../src/output/dead-letter.ts';
import { settledRow } from '../src/output/line.ts';
import { Sink } from '../src/output/sink.ts';

const row = (index: number): Row => ({
  index,
  line: index + 1,
  id: null,
  raw: { line: index + 1, text: `raw ${index}`, fields: undefined, fault: undefined },
});
const FACTS = { ms: 1, attempts: 1 };

/** A file that notes its writes; breaks when told to. */
function noted(name: string, calls: string[], isBroken: () => boolean = () => false): Appender {
  let offset = 0;
  return {
    get offset() {
      return offset;
    },
    full: false,
    write(text) {
      if (isBroken()) throw new HeddleError('internal_error', `${name} broke`);
      calls.push(`${name} ${text.trimEnd()}`);
      offset += text.length;
    },
    drained: () => Promise.resolve(),
    sync: (done) => done(),
    close: () => calls.push(`${name} closed`),
  };
}

function openSink(isBroken: () => boolean = () => false): { sink: Sink; calls: string[] } {
  const calls: string[] = [];
  const journal: Journal = {
    ledger: createLedger([]),
    dropped: 0,
    append: ({ ok: good, failed, out, dead }) => calls.push(`journal ok ${good} failed ${failed} out ${out} dead ${dead}`),
    sync: (done) => done(),
    close: () => calls.push('journal closed'),
  };
  const deadLetter = createDeadLetter(noted('dead', calls), createNdjsonReader(), 'ndjson');
  const trail = { read: 0, crc: 0 };
  const sink = new Sink({
    output: noted('out', calls, isBroken),
    deadLetter,
    journal,
    trail,
    onBroken: (error) => calls.push(String(error)),
  });
  return { sink, calls };
}

describe('the sink', () => {
  it('writes output, dead letter, journal, in this order, and closes all', async () => {
    const { sink, calls } = openSink();
    sink.add(row(0), { text: 'first', error: undefined });
    sink.add(row(1), { text: 'second', error: new HeddleError('timeout', 'slow') });
    sink.flush();
    sink.add(row(2), { text: 'third', error: undefined });
    await sink.close();
    expect(calls).toEqual([
      ...['out first\nsecond', 'dead raw 1', 'journal ok 0 failed 1 out 13 dead 6'],
      ...['out third', 'journal ok 2 failed  out 19 dead 6'],
      ...['out closed', 'dead closed', 'journal closed'],
    ]);
  });

  it('records nothing after a write that broke, and still closes', async () => {
    let isBroken = true;
    const { sink, calls } = openSink(() => isBroken);
    sink.add(row(0), { text: 'first', error: undefined });
    expect(() => sink.flush()).toThrow('out broke');
    isBroken = false;
    sink.add(row(1), { text: 'second', error: undefined });
    await sink.close();
    expect(calls).toEqual(['out closed', 'dead closed', 'journal closed']);
  });

  it('writes a full batch at once', async () => {
    const { sink, calls } = openSink();
    sink.add(row(0), { text: 'x'.repeat(200_000), error: undefined });
    expect(calls).toHaveLength(2);
    await sink.close();
  });
});

describe('an output line', () => {
  it('begins with the index, whatever the row', () => {
    expect(settledRow(row(7), ok({ index: 8 }), FACTS).text).toBe(
      '{"index":7,"id":null,"ok":true,"value":{"index":8},"ms":1,"attempts":1}',
    );
    expect(settledRow({ ...row(7), id: 'a"b' }, ok(undefined), { ms: undefined, attempts: 0 }).text).toBe(
      '{"index":7,"id":"a\\"b","ok":true,"value":null,"ms":null,"attempts":0}',
    );
  });
});

describe('the source', () => {
  const options = { reader: createNdjsonReader(), isSettled: () => false, limit: Number.POSITIVE_INFINITY, idField: 'id', keepRaw: false };

  it('ends at once when it is stopped while a read waits for ever', async () => {
    async function* silent(): AsyncGenerator<never, void, void> {
      yield await new Promise<never>(() => {});
    }
    const source = new RowSource({ ...options, batches: silent() });
    const read = source.next();
    source.stop();
    expect(await read).toEqual({ done: true, value: undefined });
    expect(await source.next()).toEqual({ done: true, value: undefined });
  });

  it('ends at an input that breaks, and tells why', async () => {
    const broken = new Error('gone');
    async function* breaking(): AsyncGenerator<never, void, void> {
      yield await Promise.reject<never>(broken);
    }
    const source = new RowSource({ ...options, batches: breaking() });
    expect([await source.next(), source.error]).toEqual([{ done: true, value: undefined }, broken]);
  });

  it('passes settled rows over without looking into them, and keeps their places', async () => {
    const raw = (line: number, text: string): { line: number; text: string; fields: undefined; fault: undefined } => ({
      line,
      text,
      fields: undefined,
      fault: undefined,
    });
    async function* one(): AsyncGenerator<ReturnType<typeof raw>[], void, void> {
      yield [raw(1, 'not looked at'), raw(2, '{"id":5}')];
    }
    const source = new RowSource({ ...options, batches: one(), isSettled: (index) => index === 0 });
    expect(await source.next()).toEqual({ done: false, value: { id: 5 } });
    expect(source.take(0)).toEqual({ index: 1, line: 2, id: 5, raw: undefined });
    expect([source.take(0), source.skipped, source.cut]).toEqual([undefined, 1, 2]);
  });
});
