import { closeSync, createReadStream, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { splitLines } from '../input/line.ts';
import type { Appender } from '../output/appender.ts';
import type { Ledger } from './ledger.ts';
import { createRecord, encodeRecord, type JournalRecord } from './record.ts';
import { rewritePath } from './recover.ts';

const INDEX = /^\{"index":(\d+),/;

/**
 * Takes the failed rows out of output and journal, so that they run again and the output ends with one line a row.
 *
 * Safe at every point: the rewritten output is whole on disk before the journal names it, and the journal names it before it takes
 * the output's place; a kill in between is finished at the next resume.
 */
export async function forgetFailed(output: string, ledger: Ledger, journal: Appender): Promise<JournalRecord> {
  const rewrite = ledger.rewrites + 1;
  const path = rewritePath(output, rewrite);
  const out = await copyOk(output, path, ledger);
  const { read, crc } = ledger.checkpoints.at(-1) ?? { read: 0, crc: 0 };
  const record = createRecord(ledger.ok.values(), [], { types: {}, out, dead: 0, read, crc, rewrite });
  journal.write(`${encodeRecord(record)}\n`);
  await new Promise<void>((resolve) => journal.sync(resolve));
  renameSync(path, output);
  return record;
}

/** Copies the lines of the rows that ended well; answers how many bytes they are. */
async function copyOk(from: string, to: string, ledger: Ledger): Promise<number> {
  const fd = openSync(to, 'w');
  let size = 0;
  try {
    for await (const lines of splitLines(createReadStream(from, { end: Math.max(ledger.out - 1, 0) }))) {
      const kept = lines.filter((line) => ledger.ok.has(Number(INDEX.exec(line)?.[1] ?? Number.NaN)));
      if (kept.length === 0) continue;
      const bytes = Buffer.from(`${kept.join('\n')}\n`);
      for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
      size += bytes.length;
    }
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  return size;
}
