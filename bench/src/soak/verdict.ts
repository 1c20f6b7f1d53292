import { type FlatLimit, formatNumber, markdownTable, summarise, type Trend, trendOf } from '@heddle/measure';
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
  {
    name: 'cost of a task',
    unit: 'µs',
    limit: { share: 0.1, atLeast: 0.5 },
    // Where the load is not alike, the mix is shown and not judged.
    read: ({ cpuUsPerTask, probeRatio }) => (probeRatio === undefined ? cpuUsPerTask : Number.NaN),
  },
  {
    name: 'cost of a call, by that of a message to a bare thread',
    unit: '×',
    limit: { share: 0.1, atLeast: 0.02 },
    read: ({ probeRatio = Number.NaN }) => probeRatio,
  },
  { name: 'heap after collection', unit: 'MB', limit: { share: 0.1, atLeast: 2 }, read: ({ heapBytes }) => heapBytes / MB },
  { name: 'resident', unit: 'MB', limit: { share: 0.1, atLeast: 16 }, read: ({ residentBytes }) => residentBytes / MB },
  { name: 'threads', unit: '', limit: { share: 0, atLeast: 2 }, read: ({ threads }) => threads },
  { name: 'handles', unit: '', limit: { share: 0, atLeast: 4 }, read: ({ handles }) => handles },
  { name: 'listeners', unit: '', limit: { share: 0, atLeast: 2 }, read: ({ listeners }) => listeners },
];

/** One quantity over the soak. */
interface SoakTrend {
  readonly name: string;
  readonly unit: string;
  /** Medians of the first and of the last tenth that are judged. */
  readonly first: number;
  readonly last: number;
  /** `undefined` where there were too few samples, or none. */
  readonly trend: Trend | undefined;
}

/** What a soak has come to. */
export interface SoakVerdict extends SoakCounts {
  readonly trends: readonly SoakTrend[];
  /** Everything that was judged is flat, nothing was lost or ended twice, nothing wrong. */
  readonly good: boolean;
}

/** What was counted. */
export interface SoakCounts {
  readonly started: number;
  readonly lost: number;
  /** Ended more than once. */
  readonly doubles: number;
  /** Ended otherwise than their kind does, and whatever else was not as it should be. */
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
  const tenth = Math.max(1, Math.floor(judged.length / 10));
  const told = JUDGED.filter(({ read }) => judged.length === 0 || !judged.every((sample) => Number.isNaN(read(sample))));
  const trends = told.map(({ name, unit, limit, read }) => {
    const values = judged.map(read);
    const trend = values.some(Number.isNaN) ? undefined : trendOf(times, values, limit);
    return { name, unit, first: summarise(values.slice(0, tenth)).median, last: summarise(values.slice(-tenth)).median, trend };
  });
  const flat = trends.every(({ trend }) => trend?.flat !== false);
  return { trends, ...counts, good: flat && counts.lost === 0 && counts.doubles === 0 && counts.wrong === 0 };
}

/** The soak to read, as Markdown. */
export function soakMarkdown(samples: readonly SoakSample[], verdict: SoakVerdict): string {
  const { trends, started, lost, doubles, wrong, good } = verdict;
  const lines = samples.map((sample) =>
    [
      sample.seconds / 60,
      sample.tasks,
      sample.cpuUsPerTask,
      ...(sample.probeUs === undefined ? [] : [sample.probeUs, sample.probeRatio ?? Number.NaN]),
      sample.heapBytes / MB,
      sample.residentBytes / MB,
      sample.threads,
      sample.handles,
      sample.listeners,
      sample.loopDelayP99Ms,
      sample.loopDelayMaxMs,
    ].map(formatNumber),
  );
  const probe = samples.some(({ probeUs }) => probeUs !== undefined) ? ['call, µs', 'call, × a message'] : [];
  const head = [
    'minute',
    'tasks',
    'CPU, µs/task',
    ...probe,
    'heap, MB',
    'resident, MB',
    'threads',
    'handles',
    'listeners',
    'loop delay p99, ms',
    'longest, ms',
  ];
  return [
    '# soak',
    `${formatNumber(started)} started; ${lost} lost, ${doubles} ended twice, ${wrong} ended otherwise than their kind does. ${good ? 'Good.' : '**Not good.**'}`,
    trends.map((trend) => `- ${sentenceOf(trend)}`).join('\n'),
    markdownTable(head, lines),
    `The line of the median slope through each, without the first ${firstJudged(samples.length)}. Flat: it rises by no more than is allowed, or scatter alone could make the rise (99 %).`,
    '',
  ].join('\n\n');
}

function sentenceOf({ name, unit, first, last, trend }: SoakTrend): string {
  if (trend === undefined) return `${name}: not judged`;
  const { rise, low, high, allowed, flat } = trend;
  const of = unit === '' ? '' : ` ${unit}`;
  const tenths = `first tenth ${formatNumber(first)}${of}, last tenth ${formatNumber(last)}${of}`;
  const between = `rises by ${formatNumber(rise)}${of} (${formatNumber(low)} … ${formatNumber(high)})`;
  const margin =
    rise <= allowed
      ? `${formatNumber(allowed)}${of} are allowed, ${formatNumber(allowed - rise)} are left`
      : `${formatNumber(allowed)}${of} are allowed`;
  return `${name}: ${flat ? 'flat' : '**not flat**'}; ${tenths}; ${between}; ${margin}`;
}
