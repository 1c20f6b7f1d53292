import { createHash } from 'node:crypto';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Action } from '@heddle/core';
import type { JournalHeader } from '../journal/header.ts';
import type { BatchOptions } from './options.ts';

/** The header of a batch's journal. */
export function createHeader(options: BatchOptions, journal: string, output: string, action: Action<never, unknown>): JournalHeader {
  const fromJournal = (path: string): string => relative(dirname(journal), path);
  return {
    heddle: 'journal',
    version: 1,
    action: action.name,
    module: fromJournal(fileURLToPath(action.module)),
    vsn: action.vsn ?? null,
    format: options.format,
    output: fromJournal(output),
    deadLetter: options.deadLetter === undefined ? null : fromJournal(options.deadLetter),
    idField: options.idField,
    contextHash: createHash('sha256').update(JSON.stringify(options.context)).digest('hex').slice(0, 16),
    keepOrder: options.keepOrder,
  };
}
