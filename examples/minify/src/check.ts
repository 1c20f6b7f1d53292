import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import type { OutputRow } from './batch.ts';
import { parses } from './parses.ts';

/**
 * What is wrong with a run's results; empty when each is there, decompresses, parses, and is the same as the other run's.
 * Relative paths are relative to `folder`.
 */
export function checkResults(folder: string, rows: readonly OutputRow[], others: readonly OutputRow[]): string[] {
  const filesOfOthers = new Map(others.map((row) => [row.id, row.ok ? resolve(folder, row.value.file) : undefined]));
  return rows.flatMap((row) => {
    if (!row.ok) return [];
    const fault = faultOf(resolve(folder, row.value.file), filesOfOthers.get(row.id));
    return fault === undefined ? [] : [`${row.id}: ${fault}`];
  });
}

function faultOf(file: string, other: string | undefined): string | undefined {
  try {
    const compressed = readFileSync(file);
    if (other !== undefined && !compressed.equals(readFileSync(other))) return 'the two runs wrote different results';
    if (!parses(brotliDecompressSync(compressed).toString())) return 'the result is no JavaScript';
    return isSourceMap(brotliDecompressSync(readFileSync(file.replace(/br$/, 'map.br'))).toString()) ? undefined : 'its source map is none';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function isSourceMap(text: string): boolean {
  const map: unknown = JSON.parse(text);
  return typeof map === 'object' && map !== null && 'version' in map && map.version === 3 && 'mappings' in map;
}
