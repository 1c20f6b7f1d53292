import { formatCount } from '../report/duration.ts';

/** A time with three figures that mean something, in the unit that suits it: `84 µs`, `1.2 ms`, `2.4 s`. Takes milliseconds. */
export function timeText(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  const us = ms * 1000;
  if (us < 0.05) return '0 µs';
  if (us < 999.5) return `${figures(us)} µs`;
  return ms < 999.5 ? `${figures(ms)} ms` : `${figures(ms / 1000)} s`;
}

/** A ratio: `1.90 ×`. */
export function timesText(ratio: number): string {
  if (!Number.isFinite(ratio)) return '–';
  if (ratio >= 99.5) return `${formatCount(ratio)} ×`;
  return `${ratio < 0.095 ? Number(ratio.toPrecision(1)) : ratio.toFixed(ratio < 9.995 ? 2 : 1)} ×`;
}

/** A part of a whole: `98 %`. */
export function shareText(share: number): string {
  return Number.isFinite(share) ? `${Math.round(share * 100)} %` : '–';
}

/** A count or a rate: whole from a hundred on, thousands apart. */
export function countText(count: number): string {
  if (!Number.isFinite(count)) return '–';
  return count >= 99.5 ? formatCount(count) : figures(count);
}

/** A text as the beginning of a sentence. */
export function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function figures(value: number): string {
  return value >= 99.5 ? String(Math.round(value)) : String(Number(value.toPrecision(value >= 1 ? 3 : 2)));
}
