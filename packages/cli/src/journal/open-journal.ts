import { existsSync, readFileSync, statSync } from 'node:fs';
import { HeddleError } from '@heddle/core';
import { type Appender, openFile } from '../output/appender.ts';
import { openError } from '../output/file-error.ts';
import { encodeHeader, headerFaults, type JournalHeader, orderFaults } from './header.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { lockJournal } from './lock.ts';
import { readJournal } from './read-journal.ts';
import { encodeRecord, type JournalRecord } from './record.ts';
import { type JournalFiles, recover, sizeOf } from './recover.ts';
import { forgetFailed } from './rewrite.ts';

/** How a journal is taken up. */
export type JournalMode = 'new' | 'resume' | 'resume-failed';

/** A journal open for this run. */
export interface Journal {
  /** What earlier runs settled; empty at a first run. */
  readonly ledger: Ledger;
  /** Records dropped because the rows they tell of are not in the output. */
  readonly dropped: number;
  append(record: JournalRecord): void;
  sync(done: () => void): void;
  close(): void;
}

/**
 * Opens a journal, new or to be resumed, alone. After it, output and dead letter are to be opened with what the ledger says they keep.
 *
 * @throws HeddleError `invalid_input` when there is one already, when it is of another run, or when it cannot be resumed
 */
export async function openJournal(files: JournalFiles, header: JournalHeader, mode: JournalMode): Promise<Journal> {
  const unlock = lockJournal(files.journal);
  try {
    const { appender, ledger, dropped } = await take(files, header, mode);
    return {
      ledger,
      dropped,
      append: (record) => appender.write(`${encodeRecord(record)}\n`),
      sync: (done) => appender.sync(done),
      close() {
        appender.close(true);
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

interface Taken {
  readonly appender: Appender;
  readonly ledger: Ledger;
  readonly dropped: number;
}

async function take(files: JournalFiles, header: JournalHeader, mode: JournalMode): Promise<Taken> {
  const bytes = existsSync(files.journal) ? read(files.journal) : Buffer.alloc(0);
  const contents = bytes.length === 0 ? undefined : readJournal(files.journal, bytes);
  // A torn header is of a run that was killed before it recorded anything: its output is ours to begin anew.
  if (contents === undefined) return begin(files, header, bytes.length === 0 && mode !== 'new');
  if (mode === 'new') throw exists(files.journal);
  const faults = headerFaults(contents.header, header);
  if (faults.length > 0) throw otherRun(files.journal, faults);
  const { ledger, journalEnd, dropped } = recover(files, contents);
  const isOrdered = contents.header.keepOrder && ledger.rewrites === 0 && mode === 'resume';
  const disorder = orderFaults(isOrdered, header);
  if (disorder.length > 0) throw otherRun(files.journal, disorder);
  const appender = openFile('The journal', files.journal, journalEnd);
  if (mode === 'resume' || ledger.failed.size === 0) return { appender, ledger, dropped };
  const record = await forgetFailed(files.output, ledger, appender);
  return { appender, ledger: { ...createLedger([record]), checkpoints: ledger.checkpoints }, dropped };
}

function begin(files: JournalFiles, header: JournalHeader, mustResume: boolean): Taken {
  const found = statSync(files.output, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile()) throw noFile(files.output);
  if (mustResume && sizeOf(files.output) > 0) throw noJournal(files);
  const appender = openFile('The journal', files.journal, 0);
  appender.write(`${encodeHeader(header)}\n`);
  return { appender, ledger: createLedger([]), dropped: 0 };
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw openError('The journal', path, error);
  }
}

function exists(path: string): HeddleError {
  return new HeddleError('invalid_input', `The journal \`${path}\` is there already: go on with it by \`--resume\`, or remove it`);
}

function noFile(path: string): HeddleError {
  return new HeddleError('invalid_input', `A journal needs an output that is a file; \`${path}\` is none`);
}

function noJournal({ journal, output }: JournalFiles): HeddleError {
  const hint = 'name the right journal, or remove the output to begin anew';
  return new HeddleError('invalid_input', `There is nothing to resume in \`${journal}\`, and \`${output}\` is not empty: ${hint}`);
}

function otherRun(path: string, faults: readonly string[]): HeddleError {
  const hint = 'repeat the command it was written by, or begin anew with another `--journal` and output';
  return new HeddleError('invalid_input', `The journal \`${path}\` is of another run: ${faults.join('; ')} (${hint})`);
}
