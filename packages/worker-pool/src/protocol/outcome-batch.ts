import { type Outcome, ok } from '@heddle/core';
import { decodeOutcome } from './codec.ts';
import { FORM_ROW } from './output.ts';
import type { RowReader } from './row.ts';

/** Slot, form and duration stand before the payload. */
const HEAD = 3;

/** The outcome that stands at an offset of a batch; the first stands at 1. */
export function outcomeAt(batch: readonly unknown[], offset: number, rows: RowReader): Outcome {
  const form = batch[offset + 1] as number; // written by the lane's outcome buffer
  return form < FORM_ROW ? decodeOutcome(form, batch[offset + HEAD]) : ok(rows.at(form - FORM_ROW, batch, offset + HEAD));
}

/** Where the outcome after it stands. */
export function nextOutcome(batch: readonly unknown[], offset: number, rows: RowReader): number {
  const form = batch[offset + 1] as number; // as above
  return offset + HEAD + (form < FORM_ROW ? 1 : rows.width(form - FORM_ROW));
}
