import type { BatchSummary, OutputRow } from './batch.ts';

const SHOWN = 5;

/** A count with its thousands apart. */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** Bytes, in units of a thousand. */
export function bytesText(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(2)} MB`;
}

/** Milliseconds as seconds. */
export function secondsText(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** The files that took longest. */
export function slowestLines(slowest: BatchSummary['slowest']): string[] {
  return slowest.map(({ id, ms }, place) => `${headed('slowest', place)}${secondsText(ms)}  ${id}`);
}

/** The rows that failed, and why. */
export function failureLines(rows: readonly OutputRow[]): string[] {
  const failed = rows.filter((row) => !row.ok);
  const shown = failed.slice(0, SHOWN).map(({ id, error }, place) => `${headed('failed', place)}${id}: ${error.message}`);
  return failed.length > SHOWN ? [...shown, `          … and ${countText(failed.length - SHOWN)} more`] : shown;
}

/** The heading of a list's first line, and its room on the others. */
function headed(heading: string, place: number): string {
  return (place === 0 ? heading : '').padEnd(10);
}
