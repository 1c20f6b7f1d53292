import { type FlatLimit, formatNumber, markdownTable, type Trend, trendOf } from '@heddle/measure';
import type { SoakSample } from './sample.ts';

/** What of a sample is judged, and what counts as flat over the whole soak. */
interface Judged {
  readonly name: string;
  readonly unit: string;
  readonly limit: FlatLimit;
  read(sample: SoakSample): number;
}

const MB = 1e6;

const JUDGED: readonly Judged[] = [
  { name: 'cost of a task', unit: 'µs', limit: { share: 0.1, atLeast: 0.5 }, read: ({ cpuUsPerTask }) => cpuUsPerTask },
  { name: 'heap after collection', unit: 'MB', limit: { share: 0.05, atLeast: 1 }, read: ({ heapBytes }) => heapBytes / MB },
  { name: 'resident', unit: 'MB', limit: { share: 0.1, atLeast: 16 }, read: ({ residentBytes }) => residentBytes / MB },
  { name: 'threads', unit: '', limit: { share: 0, atLeast: 2 }, read: ({ threads }) => threads },
  { name: 'handles', unit: '', limit: { share: 0, atLeast: 4 }, read: ({ handles }) => handles },
];

/** One quantity over the soak. */
interface SoakTrend {
  readonly name: string;
  readonly unit: string;
  /** `undefined` where there were too few samples, or none. */
  readonly trend: Trend | undefined;
}

/** What a soak has come to. */
export interface SoakVerdict {
  readonly trends: readonly SoakTrend[];
  readonly started: number;
  readonly lost: number;
  /** Ended otherwise than their kind does. */
  readonly wrong: number;
  /** Everything that was judged is flat, nothing was lost, nothing wrong. */
  readonly good: boolean;
}

/** What was counted. */
export interface SoakCounts {
  readonly started: number;
  readonly lost: number;
  readonly wrong: number;
}

/** Samples before it are not judged: code is still getting hot, heaps find their size. A tenth of all, one at the least. */
export function firstJudged(count: number): number {
  return Math.max(1, Math.floor(count / 10));
}

/** Judges a soak, also one that was ended early. */
export function soakVerdict(samples: readonly SoakSample[], counts: SoakCounts): SoakVerdict {
  const judged = samples.slice(firstJudged(samples.length));
  const times = judged.map(({ seconds }) => seconds);
  const trends = JUDGED.map(({ name, unit, limit, read }) => {
    const values = judged.map(read);
    return { name, unit, trend: values.some(Number.isNaN) ? undefined : trendOf(times, values, limit) };
  });
  const flat = trends.every(({ trend }) => trend?.flat !== false);
  return { trends, ...counts, good: flat && counts.lost === 0 && counts.wrong === 0 };
}

/** The soak to read, as Markdown. */
export function soakMarkdown(samples: readonly SoakSample[], { trends, started, lost, wrong, good }: SoakVerdict): string {
  const lines = samples.map((sample) => [
    formatNumber(sample.seconds / 60),
    formatNumber(sample.tasks),
    formatNumber(sample.cpuUsPerTask),
    formatNumber(sample.heapBytes / MB),
    formatNumber(sample.residentBytes / MB),
    formatNumber(sample.threads),
    formatNumber(sample.handles),
    formatNumber(sample.loopDelayP99Ms),
  ]);
  const rows = trends.map(({ name, unit, trend }) => [
    unit === '' ? name : `${name}, ${unit}`,
    ...(trend === undefined
      ? ['', '', '', '', 'not judged']
      : [...[trend.start, trend.rise, trend.error, trend.allowed].map(formatNumber), trend.flat ? 'flat' : '**not flat**']),
  ]);
  return [
    '# soak',
    `${formatNumber(started)} tasks, steps and signals; ${lost} lost, ${wrong} ended otherwise than their kind does. ${good ? 'Good.' : '**Not good.**'}`,
    markdownTable(['minute', 'tasks', 'CPU, µs/task', 'heap, MB', 'resident, MB', 'threads', 'handles', 'loop delay p99, ms'], lines),
    `The line of least squares through each, without the first ${firstJudged(samples.length)}. Flat: it rises by no more than is allowed, or by no more than three times its standard error.`,
    markdownTable(['what', 'begins at', 'rises by', 'standard error', 'allowed', ''], rows),
    '',
  ].join('\n\n');
}
