import { IndexSet } from './index-set.ts';
import { decodeRanges } from './range.ts';
import type { JournalRecord } from './record.ts';

/** How far the input was read at one moment, and the CRC-32 of what was read. */
export interface Checkpoint {
  readonly read: number;
  readonly crc: number;
}

/** What a journal says, all records taken together. */
export interface Ledger {
  readonly ok: IndexSet;
  readonly failed: IndexSet;
  readonly types: Readonly<Record<string, number>>;
  /** What the output and the dead letter are to be cut to. */
  readonly out: number;
  readonly dead: number;
  /** Ascending, each length once. */
  readonly checkpoints: readonly Checkpoint[];
  /** The number of the last rewrite; 0 before the first. */
  readonly rewrites: number;
}

/** Adds the records up, in order. Pure. */
export function createLedger(records: readonly JournalRecord[]): Ledger {
  let ok = new IndexSet();
  let failed = new IndexSet();
  let types: Record<string, number> = {};
  let rewrites = 0;
  const checkpoints = new Map<number, number>();
  for (const record of records) {
    if (record.rewrite !== undefined) {
      ok = new IndexSet();
      failed = new IndexSet();
      types = {};
      rewrites = record.rewrite;
    }
    addRanges(ok, record.ok);
    addRanges(failed, record.failed);
    for (const [type, count] of Object.entries(record.types)) types[type] = (types[type] ?? 0) + count;
    checkpoints.set(record.read, record.crc);
  }
  const last = records.at(-1);
  return {
    ok,
    failed,
    types,
    out: last?.out ?? 0,
    dead: last?.dead ?? 0,
    checkpoints: [...checkpoints].map(([read, crc]) => ({ read, crc })).sort((a, b) => a.read - b.read),
    rewrites,
  };
}

function addRanges(set: IndexSet, text: string): void {
  for (const [first, last] of decodeRanges(text) ?? []) {
    for (let index = first; index <= last; index++) set.add(index);
  }
}
