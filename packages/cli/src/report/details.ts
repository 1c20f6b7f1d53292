import type { Screen, Shell } from '../shell/shell.ts';
import { createProgressBar } from './progress-bar.ts';

const LINE_GAP_MS = 1000;

/** Shows a task's `ctx.progress(details)`: on a terminal in place, else a plain line, one a second at most. */
export function showDetails(shell: Pick<Shell, 'stderr' | 'now'>): { show(details: unknown): void; stop(): void } {
  const { stderr } = shell;
  const bar = stderr.isTTY === true ? createProgressBar(stderr) : undefined;
  let last = Number.NEGATIVE_INFINITY;
  return {
    show(details) {
      const { fraction, text } = detailsOf(details);
      if (bar !== undefined) return bar.draw(fraction, shorten(stderr, text));
      if (shell.now() - last < LINE_GAP_MS) return;
      last = shell.now();
      stderr.write(`${[...(fraction === undefined ? [] : [`${Math.floor(fraction * 100)} %`]), text].join(' ').trim()}\n`);
    },
    stop: () => bar?.clear(),
  };
}

/** What can be drawn of details: a number from 0 to 1, `{ fraction }`, `{ percent }` or `{ done, total }` is a bar, the rest is text. */
export function detailsOf(details: unknown): { readonly fraction: number | undefined; readonly text: string } {
  if (typeof details === 'string') return { fraction: undefined, text: details };
  if (typeof details === 'number')
    return details >= 0 && details <= 1 ? { fraction: details, text: '' } : { fraction: undefined, text: String(details) };
  if (typeof details !== 'object' || details === null) return { fraction: undefined, text: String(details) };
  const given = details as Readonly<Record<string, unknown>>; // an object has keys to look at
  const { done, total, percent, fraction } = given;
  const part = [ratio(done, total), ratio(percent, 100), ratio(fraction, 1)].find((value) => value !== undefined);
  return {
    fraction: part,
    text: Object.entries(given)
      .map(([key, value]) => `${key} ${typeof value === 'string' ? value : jsonText(value)}`)
      .join(' · '),
  };
}

function ratio(done: unknown, total: unknown): number | undefined {
  if (typeof done !== 'number' || typeof total !== 'number' || !(total > 0)) return undefined;
  return Math.min(Math.max(done / total, 0), 1);
}

function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

function shorten({ columns = 80 }: Screen, text: string): string {
  const room = Math.max(columns - 36, 20);
  return text.length > room ? `${text.slice(0, room - 1)}…` : text;
}
