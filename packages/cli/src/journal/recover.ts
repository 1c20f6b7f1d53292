import { closeSync, existsSync, openSync, readSync, renameSync, rmSync, statSync } from 'node:fs';
import { HeddleError } from '@heddle/core';
import { createLedger, type Ledger } from './ledger.ts';
import type { JournalContents, PlacedRecord } from './read-journal.ts';

/** The files a journal speaks of. */
export interface JournalFiles {
  readonly journal: string;
  readonly output: string;
  readonly deadLetter: string | undefined;
}

/** Where a run goes on: what is settled, and what the journal is to be cut to. */
export interface Recovery {
  readonly ledger: Ledger;
  readonly journalEnd: number;
  /** Records that a power cut kept while it lost the rows they tell of; those rows run again. */
  readonly dropped: number;
}

/** The file an output is rewritten to before it takes the output's place. */
export function rewritePath(output: string, rewrite: number): string {
  return `${output}.rewrite-${rewrite}`;
}

/**
 * Brings journal and output to agree. The journal is the truth, as far as the output bears it out:
 * rows written but not recorded are cut off the output (its offset says where), records whose rows are not in the output are dropped.
 *
 * @throws HeddleError `invalid_input` when the output is gone, or was changed by somebody else
 */
export function recover(files: JournalFiles, contents: JournalContents): Recovery {
  const rewrites = finishRewrite(files.output, contents.records);
  // One that was begun and not recorded never was.
  rmSync(rewritePath(files.output, rewrites + 1), { force: true });
  const outSize = sizeOf(files.output);
  const deadSize = files.deadLetter === undefined ? Number.POSITIVE_INFINITY : sizeOf(files.deadLetter);
  const records = [...contents.records];
  for (let last = records.at(-1); last !== undefined; last = records.at(-1)) {
    if (last.record.out <= outSize && last.record.dead <= deadSize) break;
    records.pop();
  }
  const dropped = contents.records.length - records.length;
  refuseLoss(files, contents.records, records);
  const ledger = createLedger(records.map(({ record }) => record));
  refuseForeign(files.output, ledger.out);
  if (files.deadLetter !== undefined) refuseForeign(files.deadLetter, ledger.dead);
  return { ledger, journalEnd: records.at(-1)?.end ?? contents.headerEnd, dropped };
}

/** Puts a rewrite in place that was recorded and not yet put there; answers how many there have been. */
function finishRewrite(output: string, records: readonly PlacedRecord[]): number {
  const rewrite = records.findLast(({ record }) => record.rewrite !== undefined)?.record.rewrite;
  if (rewrite === undefined) return 0;
  const path = rewritePath(output, rewrite);
  if (existsSync(path)) renameSync(path, output);
  return rewrite;
}

/** A power cut takes the last second at most; an output that is gone, or shorter than a rewrite left it, was taken by somebody. */
function refuseLoss(files: JournalFiles, all: readonly PlacedRecord[], kept: readonly PlacedRecord[]): void {
  if (kept.length === all.length) return;
  const cutRewrite = all.slice(kept.length).some(({ record }) => record.rewrite !== undefined);
  const gone = [files.output, files.deadLetter].find((path) => path !== undefined && !existsSync(path));
  if (gone === undefined && !cutRewrite) return;
  const path = gone ?? files.output;
  throw changed(path, gone === undefined ? 'is shorter than the journal says' : 'is gone');
}

/** Every row ends in a newline: so must what we keep. */
function refuseForeign(path: string, keep: number): void {
  if (keep === 0) return;
  const byte = Buffer.alloc(1);
  const fd = openSync(path, 'r');
  readSync(fd, byte, 0, 1, keep - 1);
  closeSync(fd);
  if (byte[0] !== 10) throw changed(path, 'was changed since the journal was written');
}

function changed(path: string, how: string): HeddleError {
  const hint = 'bring it back, or begin anew with another `--journal`';
  return new HeddleError('invalid_input', `\`${path}\` ${how}, so the run cannot be resumed: ${hint}`);
}

/** Bytes of a file; 0 where there is none. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
