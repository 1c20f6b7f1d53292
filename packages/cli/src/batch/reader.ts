import type { Action } from '@heddle/core';
import { createCsvReader } from '../input/csv.ts';
import { createNdjsonReader } from '../input/ndjson.ts';
import type { RowReader } from '../input/row.ts';
import { type BatchOptions, deadLetterFormat } from './options.ts';

/** The reader of a batch's input. */
export function createReader({ format, deadLetter }: BatchOptions, action: Action<never, unknown>): RowReader {
  if (format === 'ndjson') return createNdjsonReader();
  const keepText = deadLetter !== undefined && deadLetterFormat(deadLetter) === 'csv';
  return createCsvReader({ schema: action.schema, keepText });
}
