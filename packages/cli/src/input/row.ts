import { type Failure, fail, HeddleError } from '@heddle/core';

/** A row as it was cut out of the input, not yet looked into: rows that are skipped cost no more. */
export interface RawRow {
  /** The line it begins on, from 1. */
  readonly line: number;
  /** As it stands in the input. CSV: only when asked for. */
  readonly text: string;
  /** CSV: its cells. */
  readonly fields: readonly string[] | undefined;
  /** Why it could not be cut out, if so. */
  readonly fault: string | undefined;
}

/** Reads one format. */
export interface RowReader {
  /** The rows of the input, a batch for each chunk. */
  batches(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly RawRow[], void, void>;
  /** The params of a row; a failure, as a task's, when it holds none. */
  decode(row: RawRow): unknown;
  /** What a dead letter of the same format begins with: a CSV's header. */
  readonly preamble: string;
}

/** A row under way: what is needed once its task has settled. */
export interface Row {
  /** Its place among the rows of the input, from 0. */
  readonly index: number;
  readonly line: number;
  readonly id: unknown;
  /** Kept for the dead letter alone. */
  readonly raw: RawRow | undefined;
}

/** The failure of a row that cannot be read. */
export function badRow(line: number, problem: string, details: Readonly<Record<string, unknown>> = {}): Failure {
  return fail(new HeddleError('invalid_input', problem, { details: { line, ...details } }));
}
