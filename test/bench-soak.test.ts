import { describe, expect, it } from 'vitest';
import { Ledger } from '../bench/src/soak/ledger.ts';
import { Random } from '../bench/src/soak/random.ts';
import type { SoakSample } from '../bench/src/soak/sample.ts';
import { parseSoakOptions } from '../bench/src/soak/soak-options.ts';
import { firstJudged, soakMarkdown, soakVerdict } from '../bench/src/soak/verdict.ts';

const COUNTS = { started: 1000, lost: 0, doubles: 0, wrong: 0 };

const sampleAt = (minute: number, differing: Partial<SoakSample> = {}): SoakSample => ({
  seconds: minute * 60,
  tasks: 100_000,
  cpuUsPerTask: 15,
  heapBytes: 15e6,
  residentBytes: 200e6,
  threads: 16,
  handles: 1,
  listeners: 11,
  loopDelayP99Ms: 20,
  loopDelayMaxMs: 40,
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
    expect(verdict.trends.length).toBe(6);
    expect(soakMarkdown(hour(), verdict)).toMatch(/0 lost, 0 ended twice, 0 ended otherwise.* Good\./);
  });

  it('finds what grows, and names it', () => {
    expect(notFlat(hour((minute) => ({ cpuUsPerTask: 15 + minute / 20 })))).toEqual(['cost of a task']);
    expect(notFlat(hour((minute) => ({ heapBytes: 15e6 + minute * 40_000 })))).toEqual(['heap after collection']);
    expect(notFlat(hour((minute) => ({ residentBytes: 200e6 + minute * 1e6 })))).toEqual(['resident']);
    expect(notFlat(hour((minute) => ({ probeUs: 5, probeRatio: 1 + minute / 200 })))).toEqual([
      'cost of a call, by that of a message to a bare thread',
    ]);
    expect(notFlat(hour((minute) => ({ probeUs: 5 + minute, probeRatio: 1, cpuUsPerTask: 1000 + minute * 100 })))).toEqual([]);
    const grown = hour((minute) => ({ threads: 16 + minute, handles: minute, listeners: 11 + minute }));
    expect(notFlat(grown)).toEqual(['threads', 'handles', 'listeners']);
    const growing = hour((minute) => ({ handles: minute }));
    const verdict = soakVerdict(growing, COUNTS);
    expect(verdict.good).toBe(false);
    expect(soakMarkdown(growing, verdict)).toMatch(/handles: \*\*not flat\*\*; first tenth 9.00, last tenth 58.0; rises by 53.0/);
  });

  it('does not judge the first tenth: code is still getting hot there, heaps find their size', () => {
    expect([1, 9, 10, 25, 60].map(firstJudged)).toEqual([1, 1, 1, 2, 6]);
    expect(notFlat(hour((minute) => (minute <= 6 ? { heapBytes: 1e6 } : {})))).toEqual([]);
  });

  it('is not good where a task was lost or ended wrongly, however flat all is', () => {
    expect(soakVerdict(hour(), { ...COUNTS, lost: 1 }).good).toBe(false);
    expect(soakVerdict(hour(), { ...COUNTS, doubles: 1 }).good).toBe(false);
    expect(soakVerdict(hour(), { ...COUNTS, wrong: 1 }).good).toBe(false);
  });

  it('judges nothing it knows too little of: a soak that was ended early, threads that the system does not count', () => {
    const early = soakVerdict(hour().slice(0, 3), COUNTS);
    expect([early.good, early.trends.every(({ trend }) => trend === undefined)]).toEqual([true, true]);
    const uncounted = soakVerdict(
      hour(() => ({ threads: Number.NaN })),
      COUNTS,
    );
    expect(uncounted.trends.map(({ name }) => name)).not.toContain('threads');
    expect(soakVerdict([], COUNTS).good).toBe(true);
  });
});

describe('the ledger of a soak', () => {
  function ledgerAt(): { ledger: Ledger; clock: { ms: number }; heard: string[] } {
    const clock = { ms: 0 };
    const heard: string[] = [];
    return {
      ledger: new Ledger(
        () => clock.ms,
        (text) => void heard.push(text),
      ),
      clock,
      heard,
    };
  }

  it('knows what is open, and how everything else has ended', () => {
    const { ledger, heard } = ledgerAt();
    const [one, two] = [ledger.begin('call', 'round 1'), ledger.begin('call', 'round 1')];
    ledger.begin('call', 'round 2');
    ledger.end(one, 'ok', ['ok']);
    ledger.end(two, 'timeout', ['ok', 'timeout']);
    expect([ledger.started, ledger.ended, ledger.open, ledger.wrongs]).toEqual([3, 2, 1, 0]);
    expect([ledger.ends, heard]).toEqual([{ call: { ok: 1, timeout: 1 } }, []]);
  });

  it('complains of an end that is not allowed, and of a second one', () => {
    const { ledger, heard } = ledgerAt();
    const call = ledger.begin('call', 'round 1, part 2 (calls)');
    ledger.end(call, 'ok', ['timeout'], '(why)');
    ledger.end(call, 'timeout', ['timeout']);
    expect([ledger.wrongs, ledger.doubles, ledger.ended]).toEqual([2, 1, 1]);
    expect(heard).toEqual([
      'round 1, part 2 (calls): call may end with timeout; ok came (why)',
      expect.stringMatching(/^round 1, part 2 \(calls\): call ended twice/),
    ]);
  });

  it('says what has been open for too long, since when, and where it stands', () => {
    const { ledger, clock } = ledgerAt();
    ledger.begin('call', 'round 1', () => 'it is queued');
    clock.ms = 60_000;
    ledger.begin('call', 'round 2');
    clock.ms = 91_000;
    expect(ledger.overdue(90_000)).toEqual(['round 1: call has not ended for 91 s; it is queued']);
  });

  it('keeps a few of the complaints that are alike, and counts all', () => {
    const { ledger, heard } = ledgerAt();
    for (let number = 0; number < 100; number++) ledger.complain(`round ${number}, part 3 (maps): item ${number} came twice`);
    ledger.complain('something else');
    expect([heard.length, ledger.wrongs, ledger.complaints]).toEqual([4, 101, heard]);
  });
});

describe('chance in a soak', () => {
  it('is repeated by its seeds, and another with any other', () => {
    const row = (...seeds: number[]): number[] => {
      const random = new Random(...seeds);
      return Array.from({ length: 20 }, () => random.whole(1, 6));
    };
    expect(row(1, 2)).toEqual(row(1, 2));
    expect(row(1, 2)).not.toEqual(row(1, 3));
    expect(row(1, 2)).not.toEqual(row(2, 1));
    expect(new Set(row(1, 2)).size).toBeGreaterThan(3);
  });
});

describe('the options of a soak', () => {
  it('are an hour with a line a minute; a short one has lines enough to tell a trend', () => {
    expect(parseSoakOptions([], [])).toMatchObject({ minutes: 60, everySeconds: 60, steady: false, stallSeconds: 90, only: [] });
    expect(parseSoakOptions(['--minutes', '5'], [])).toMatchObject({ everySeconds: 10 });
    expect(parseSoakOptions(['--seed', '7', '--rounds', '3'], [])).toMatchObject({ seed: 7, rounds: 3 });
  });

  it('name what is wrong with them', () => {
    expect(parseSoakOptions(['--minutes', 'x'], [])).toBe('`--minutes` takes a number > 0; got x');
    expect(parseSoakOptions(['--only', 'naps'], ['maps'])).toBe('`--only` takes one of maps; got naps');
    expect(parseSoakOptions(['--nothing'], [])).toContain('--nothing');
  });
});
