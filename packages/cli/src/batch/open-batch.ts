import type { Action } from '@heddle/core';
import type { Input } from '../input/open-input.ts';
import type { RowReader } from '../input/row.ts';
import { createTrail, type Trail, verifyFile } from '../input/trail.ts';
import { type Journal, openJournal } from '../journal/open-journal.ts';
import { type Appender, openFile, openStream } from '../output/appender.ts';
import { createDeadLetter, type DeadLetter } from '../output/dead-letter.ts';
import { Sink } from '../output/sink.ts';
import { formatCount } from '../report/duration.ts';
import { Tally } from '../report/tally.ts';
import type { Shell } from '../shell/shell.ts';
import { createHeader } from './header.ts';
import { type BatchOptions, deadLetterFormat } from './options.ts';
import { createReader } from './reader.ts';
import { RowSource } from './source.ts';
import type { BatchState } from './state.ts';

/** A batch ready to run: everything that is open, and who closes it (`sink`). */
export interface OpenBatch {
  readonly action: string;
  readonly source: RowSource;
  readonly sink: Sink;
  readonly tally: Tally;
  readonly trail: Trail;
  readonly earlier: { readonly ok: number; readonly failed: number };
}

/** What a batch is opened with. */
export interface OpenBatchOptions {
  readonly options: BatchOptions;
  readonly shell: Shell;
  readonly input: Input;
  readonly action: Action<never, unknown>;
  readonly state: BatchState;
  readonly note: (line: string) => void;
}

/**
 * Opens journal, output and dead letter, in this order, and lines the input up with what is recorded.
 *
 * @throws HeddleError `invalid_input` when a file cannot be opened, or a journal cannot be resumed; then nothing is left open
 */
export async function openBatch(parts: OpenBatchOptions): Promise<OpenBatch> {
  const { options, input, action } = parts;
  const journal = await openRecorded(parts);
  try {
    const checkpoints = journal?.ledger.checkpoints ?? [];
    // A file is checked before anything runs, a pipe as it is read.
    if (input.size !== undefined) await verifyFile(options.input, checkpoints);
    const trail = createTrail(options.input, input.size === undefined ? checkpoints : []);
    return assemble(parts, journal, trail, createReader(options, action));
  } catch (error) {
    journal?.close();
    throw error;
  }
}

async function openRecorded({ options, action, note }: OpenBatchOptions): Promise<Journal | undefined> {
  const { journal: path, output, deadLetter, journalMode } = options;
  if (path === undefined || output === undefined) return undefined;
  const header = createHeader(options, path, output, action);
  const journal = await openJournal({ journal: path, output, deadLetter }, header, journalMode);
  if (journal.dropped > 0) note('some of the last rows were recorded and did not reach the output (a power cut): they run again');
  const { ok, failed } = journal.ledger;
  if (journalMode !== 'new') note(`going on after ${formatCount(ok.size + failed.size)} rows done (${formatCount(failed.size)} failed)`);
  return journal;
}

function assemble(parts: OpenBatchOptions, journal: Journal | undefined, trail: Trail, reader: RowReader): OpenBatch {
  const { options, input, action, state } = parts;
  const ledger = journal?.ledger;
  const source = new RowSource({
    reader,
    batches: reader.batches(input.chunks(trail)),
    isSettled: ledger === undefined ? () => false : (index) => ledger.ok.has(index) || ledger.failed.has(index),
    limit: options.limit,
    idField: options.idField,
    keepRaw: options.deadLetter !== undefined,
  });
  const onBroken = (error: unknown): void => {
    state.broken ??= error;
    source.stop();
    input.stop();
  };
  const { output, deadLetter } = openOutputs(parts, journal, reader, onBroken);
  const sink = new Sink({ output, deadLetter, journal, trail, onBroken });
  const earlier = { ok: ledger?.ok.size ?? 0, failed: ledger?.failed.size ?? 0 };
  return { action: action.name, source, sink, tally: new Tally(), trail, earlier };
}

function openOutputs(
  { options, shell }: OpenBatchOptions,
  journal: Journal | undefined,
  reader: RowReader,
  onBroken: (error: unknown) => void,
): { readonly output: Appender; readonly deadLetter: DeadLetter | undefined } {
  const { output: path, deadLetter: deadPath } = options;
  const output = path === undefined ? openStream(shell.stdout, onBroken) : openFile('The output', path, journal?.ledger.out ?? 0);
  if (deadPath === undefined) return { output, deadLetter: undefined };
  try {
    const file = openFile('The dead letter', deadPath, journal?.ledger.dead ?? 0);
    return { output, deadLetter: createDeadLetter(file, reader, deadLetterFormat(deadPath)) };
  } catch (error) {
    output.close(false);
    throw error;
  }
}
