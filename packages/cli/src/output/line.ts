import { HeddleError, type Outcome } from '@heddle/core';
import type { Row } from '../input/row.ts';

/** How a row ended, ready to be written. */
export interface SettledRow {
  /** The line of the output, without its end. */
  readonly text: string;
  /** Why it failed; `undefined` when it is ok. */
  readonly error: HeddleError | undefined;
}

/** What was measured of a row's task. */
export interface RowFacts {
  readonly ms: number | undefined;
  readonly attempts: number;
}

/**
 * The output line of a row: `index, id, ok, value | error, ms, attempts`, and for a failed one the input's `line`. `index` comes first, always:
 * a journal's rewrite tells rows by it.
 */
export function settledRow(row: Row, outcome: Outcome, facts: RowFacts): SettledRow {
  if (!outcome.ok) return failedRow(row, outcome.error, facts);
  try {
    // `undefined` has no JSON; a value that is not there is written as null.
    const value = JSON.stringify(outcome.value) ?? 'null';
    return { text: `${head(row)},"ok":true,"value":${value}${tail(facts)}`, error: undefined };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    const message = `The value cannot be written as JSON: ${reason}`;
    return failedRow(row, new HeddleError('execution_error', message, { cause: error, retryable: false }), facts);
  }
}

function failedRow(row: Row, error: HeddleError, facts: RowFacts): SettledRow {
  return { text: `${head(row)},"line":${row.line},"ok":false,"error":${errorJson(error)}${tail(facts)}`, error };
}

function head({ index, id }: Row): string {
  return `{"index":${index},"id":${id === null ? 'null' : JSON.stringify(id)}`;
}

function tail({ ms, attempts }: RowFacts): string {
  return `,"ms":${ms === undefined ? 'null' : Math.round(ms * 1000) / 1000},"attempts":${attempts}}`;
}

/** An error as JSON; what the action put into it may be no JSON at all. */
function errorJson(error: HeddleError): string {
  try {
    return JSON.stringify(error);
  } catch {
    const { type, code, message, retryable } = error;
    return JSON.stringify({ name: 'HeddleError', type, code, message, retryable, details: {} });
  }
}
