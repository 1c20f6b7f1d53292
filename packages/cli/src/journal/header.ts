/**
 * What a journal is for: its first line. A journal is resumed only by a command that would give the same rows the same results.
 * Paths are relative to the journal, so that a folder can be moved as a whole. The context is kept as a hash: it may hold secrets.
 */
export interface JournalHeader {
  readonly heddle: 'journal';
  readonly version: 1;
  readonly action: string;
  readonly module: string;
  /** The action's `vsn`, `null` without one. */
  readonly vsn: string | null;
  readonly format: 'ndjson' | 'csv';
  readonly output: string;
  readonly deadLetter: string | null;
  readonly idField: string;
  readonly contextHash: string;
  readonly keepOrder: boolean;
}

/** How every journal begins; what tells one from a file that is not ours. */
export const JOURNAL_START = '{"heddle":"journal",';

/** The header's line, without its end. */
export function encodeHeader(header: JournalHeader): string {
  const { heddle, version, ...rest } = header;
  return JSON.stringify({ heddle, version, ...rest });
}

/** The header of a line; `undefined` when it is none, or of a version this command does not know. */
export function parseHeader(line: string): JournalHeader | undefined {
  if (!line.startsWith(JOURNAL_START)) return undefined;
  try {
    const header: unknown = JSON.parse(line);
    return isHeader(header) ? header : undefined;
  } catch {
    return undefined;
  }
}

function isHeader(header: unknown): header is JournalHeader {
  if (typeof header !== 'object' || header === null) return false;
  const { version, action, output } = header as Readonly<Record<string, unknown>>; // an object has keys to look at
  return version === 1 && typeof action === 'string' && typeof output === 'string';
}

/** Why a command may not go on with a journal; empty when it may. Threads, timeouts, retries and limits may change freely. */
export function headerFaults(recorded: JournalHeader, wanted: JournalHeader): string[] {
  const faults: string[] = [];
  const same = (what: string, before: unknown, now: unknown): void => {
    if (before !== now) faults.push(`${what} was ${show(before)} and is now ${show(now)}`);
  };
  same('the action', recorded.action, wanted.action);
  same('the module', recorded.module, wanted.module);
  same("the action's `vsn`", recorded.vsn, wanted.vsn);
  same('the input format', recorded.format, wanted.format);
  same('the output', recorded.output, wanted.output);
  same('`--dead-letter`', recorded.deadLetter, wanted.deadLetter);
  same('`--id-field`', recorded.idField, wanted.idField);
  if (recorded.contextHash !== wanted.contextHash) faults.push('`--context` is another');
  return faults;
}

/**
 * Why a command may not go on with an output for the order of its rows; empty when it may. `isOrdered`: the rows so far are in order,
 * and this run does not run earlier ones again.
 */
export function orderFaults(isOrdered: boolean, wanted: JournalHeader): string[] {
  if (wanted.keepOrder === isOrdered) return [];
  if (isOrdered) return ['`--keep-order` was given and is not now'];
  return ['`--keep-order` cannot begin halfway: the rows written so far are not in order'];
}

function show(value: unknown): string {
  return value === null || value === undefined ? 'not given' : `\`${String(value)}\``;
}
