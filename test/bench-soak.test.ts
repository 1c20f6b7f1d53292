import { describe, expect, it } from 'vitest';
import type { SoakSample } from '../bench/src/soak/sample.ts';
import { firstJudged, soakMarkdown, soakVerdict } from '../bench/src/soak/verdict.ts';

const COUNTS = { started: 1000, lost: 0, wrong: 0 };

const sampleAt = (minute: number, differing: Partial<SoakSample> = {}): SoakSample => ({
  seconds: minute * 60,
  tasks: 100_000,
  cpuUsPerTask: 15,
  heapBytes: 15e6,
  residentBytes: 200e6,
  threads: 16,
  handles: 1,
  loopDelayP99Ms: 20,
  ...differing,
});
const hour = (at: (minute: number) => Partial<SoakSample> = () => ({})): SoakSample[] =>
  Array.from({ length: 60 }, (_, index) => sampleAt(index + 1, at(index + 1)));
const notFlat = (samples: readonly SoakSample[]): string[] =>
  soakVerdict(samples, COUNTS).trends.flatMap(({ name, trend }) => (trend?.flat === false ? [name] : []));

describe('the verdict of a soak', () => {
  it('is good where everything stays where it is', () => {
    const verdict = soakVerdict(hour(), COUNTS);
    expect(verdict).toMatchObject({ good: true, lost: 0, wrong: 0 });
    expect(verdict.trends.length).toBe(5);
    expect(soakMarkdown(hour(), verdict)).toMatch(/0 lost, 0 ended otherwise.* Good\./);
  });

  it('finds what grows, and names it', () => {
    expect(notFlat(hour((minute) => ({ cpuUsPerTask: 15 + minute / 20 })))).toEqual(['cost of a task']);
    expect(notFlat(hour((minute) => ({ heapBytes: 15e6 + minute * 40_000 })))).toEqual(['heap after collection']);
    expect(notFlat(hour((minute) => ({ residentBytes: 200e6 + minute * 1e6 })))).toEqual(['resident']);
    expect(notFlat(hour((minute) => ({ threads: 16 + minute, handles: minute })))).toEqual(['threads', 'handles']);
    const growing = hour((minute) => ({ handles: minute }));
    const verdict = soakVerdict(growing, COUNTS);
    expect(verdict.good).toBe(false);
    expect(soakMarkdown(growing, verdict)).toMatch(/handles .*\*\*not flat\*\*/);
  });

  it('does not judge the first tenth: code is still getting hot there, heaps find their size', () => {
    expect([1, 9, 10, 25, 60].map(firstJudged)).toEqual([1, 1, 1, 2, 6]);
    expect(notFlat(hour((minute) => (minute <= 6 ? { heapBytes: 1e6 } : {})))).toEqual([]);
  });

  it('is not good where a task was lost or ended wrongly, however flat all is', () => {
    expect(soakVerdict(hour(), { ...COUNTS, lost: 1 }).good).toBe(false);
    expect(soakVerdict(hour(), { ...COUNTS, wrong: 1 }).good).toBe(false);
  });

  it('judges nothing it knows too little of: a soak that was ended early, threads that the system does not count', () => {
    const early = soakVerdict(hour().slice(0, 3), COUNTS);
    expect([early.good, early.trends.every(({ trend }) => trend === undefined)]).toEqual([true, true]);
    const uncounted = soakVerdict(
      hour(() => ({ threads: Number.NaN })),
      COUNTS,
    );
    expect(uncounted.trends.filter(({ trend }) => trend === undefined).map(({ name }) => name)).toEqual(['threads']);
    expect(soakVerdict([], COUNTS).good).toBe(true);
  });
});
