import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder of a test's own, gone when the test is. */
export interface Folder {
  readonly path: string;
  at(name: string): string;
  write(name: string, text: string | Buffer): string;
  read(name: string): string;
  /** The JSON of each line. */
  rows(name: string): OutputRow[];
}

/** A line of a batch's output. */
export interface OutputRow {
  readonly index: number;
  readonly id: unknown;
  readonly ok: boolean;
  readonly value?: unknown;
  readonly line?: number;
  readonly error?: { readonly type: string; readonly message: string };
  readonly ms: number | null;
  readonly attempts: number;
}

export function createFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'heddle-cli-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  const at = (name: string): string => join(path, name);
  const read = (name: string): string => readFileSync(at(name), 'utf8');
  return {
    path,
    at,
    read,
    write(name, text) {
      writeFileSync(at(name), text);
      return at(name);
    },
    rows: (name) => parseRows(read(name)),
  };
}

export function parseRows(text: string): OutputRow[] {
  expectWhole(text);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as OutputRow);
}

function expectWhole(text: string): void {
  if (text !== '' && !text.endsWith('\n')) throw new Error(`the last line is torn: ${text.slice(-80)}`);
}

/** NDJSON of `count` rows `{ n }`, from 0. */
export function numbers(count: number): string {
  return Array.from({ length: count }, (_, n) => `{"n":${n}}\n`).join('');
}
