/** `0.4 ms`, `12 ms`, `3.2 s`, `4 min 5 s`, `2 h 3 min`. */
export function durationText(ms: number | undefined): string {
  if (ms === undefined) return '–';
  if (ms < 0.005) return '0 ms';
  if (ms < 0.995) return `${ms.toFixed(2)} ms`;
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min${seconds % 60 === 0 ? '' : ` ${seconds % 60} s`}`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** `950`, `12.3 k`, `4.56 M`. */
export function countText(count: number): string {
  if (count < 10_000) return String(Math.round(count));
  if (count < 999_500) return `${(count / 1000).toPrecision(3)} k`;
  return `${(count / 1_000_000).toPrecision(3)} M`;
}

/** The time of day. */
export function timeText(at: number | undefined): string {
  return at === undefined ? '–' : new Date(at).toLocaleTimeString([], { hour12: false });
}

/** The end of a task's id: its number, and of a child's the path below its parent's. */
export function shortId(id: string): string {
  return `#${id.slice(id.indexOf('-') + 1)}`;
}

/** What is shown of a state: a mark beside the word, so that it is told by more than its colour. */
export const STATES: Readonly<Record<string, { readonly mark: string; readonly word: string }>> = {
  queued: { mark: '◌', word: 'queued' },
  running: { mark: '▶', word: 'running' },
  suspended: { mark: '❚❚', word: 'suspended' },
  retrying: { mark: '↻', word: 'retrying' },
  retried: { mark: '↻', word: 'retried' },
  compensating: { mark: '↩', word: 'compensating' },
  cancelling: { mark: '◔', word: 'cancelling' },
  settled: { mark: '●', word: 'settled' },
  ok: { mark: '✓', word: 'ok' },
  error: { mark: '✕', word: 'failed' },
  timeout: { mark: '◷', word: 'timed out' },
  cancelled: { mark: '⊘', word: 'cancelled' },
};
