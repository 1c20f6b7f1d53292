import { type Action, HeddleError, isOutcome } from '@heddle/core';
import { createCheck } from '../batch/dry-run.ts';
import { createCsvReader } from '../input/csv.ts';
import { createNdjsonReader } from '../input/ndjson.ts';
import { openInput } from '../input/open-input.ts';
import { createTrail } from '../input/trail.ts';
import { formatCount } from '../report/duration.ts';
import { shortMessage } from '../report/tally.ts';
import type { Shell } from '../shell/shell.ts';
import type { BenchOptions } from './options.ts';

/** Rows kept at the most: more say nothing new of how long a call takes. */
const MOST_ROWS = 1000;
const SHOWN = 5;

/**
 * What the calls are given, in turns: the params of the command line, or the rows of a file, checked by the action's schema.
 *
 * @throws HeddleError `invalid_input` for a file without rows, and for rows at fault, naming their lines
 */
export async function readParams(options: BenchOptions, action: Action<never, unknown>, shell: Shell): Promise<readonly unknown[]> {
  const { input: path, format } = options;
  if (path === undefined) return [options.params];
  const reader = format === 'csv' ? createCsvReader({ schema: action.schema, keepText: false }) : createNdjsonReader();
  const input = openInput(path, shell);
  const check = createCheck(action);
  const rows: unknown[] = [];
  const faults: string[] = [];
  reading: for await (const batch of reader.batches(input.chunks(createTrail(path, [])))) {
    for (const raw of batch) {
      if (rows.length + faults.length >= MOST_ROWS) break reading;
      const params = reader.decode(raw);
      const error = isOutcome(params) && !params.ok ? params.error : check(raw, params);
      if (error === undefined) rows.push(params);
      else faults.push(`line ${raw.line}: ${shortMessage(error)}`);
    }
  }
  input.stop();
  if (faults.length > 0) throw rowsAtFault(path, action.name, rows.length, faults);
  if (rows.length === 0) throw new HeddleError('invalid_input', `The input \`${path}\` has no rows: expected params, one a line`);
  return rows;
}

function rowsAtFault(path: string, action: string, right: number, faults: readonly string[]): HeddleError {
  const [count, all] = [formatCount(faults.length), formatCount(faults.length + right)];
  const more = faults.length > SHOWN ? `; … and ${formatCount(faults.length - SHOWN)} more` : '';
  const message = `${count} of ${all} rows of \`${path}\` are not what \`${action}\` takes: ${faults.slice(0, SHOWN).join('; ')}${more}`;
  return new HeddleError('invalid_input', message);
}
