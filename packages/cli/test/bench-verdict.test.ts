import { describe, expect, it } from 'vitest';
import { breakEvenMs } from '../src/bench/break-even.ts';
import { countText, shareText, timesText, timeText } from '../src/bench/format.ts';
import { type Findings, type Gain, judge } from '../src/bench/verdict.ts';

const gain = (threads: number, speedUp: number, low = speedUp): Gain => ({ threads, speedUp, low, high: speedUp, coresUsed: threads });

const findings = (parts: Partial<Findings>): Findings => ({
  action: 'resize',
  inlineMs: 0.084,
  workShare: 1,
  costs: { hostMs: 0.009, threadMs: 0.006 },
  gains: [gain(1, 0.9), gain(2, 1.9)],
  mapGain: undefined,
  cores: 4,
  inFlight: 16,
  control: { ratio: 1, valid: true },
  ...parts,
});

const said = (parts: Partial<Findings>): string => judge(findings(parts)).sentences.join('\n');

describe('the break-even length of a call', () => {
  const costs = { hostMs: 2, threadMs: 9 };

  it('is what the narrowest of main thread, threads and machine asks for', () => {
    expect(breakEvenMs(costs, 2, 12)).toBe(9);
    expect(breakEvenMs(costs, 4, 12)).toBe(3);
    expect(breakEvenMs(costs, 10, 100)).toBe(2);
    expect(breakEvenMs(costs, 4, 2)).toBe(11);
  });

  it('is where the throughput of threads and inline meet', () => {
    const [threads, cores] = [3, 4];
    const at = breakEvenMs(costs, threads, cores) ?? Number.NaN;
    const { hostMs, threadMs } = costs;
    expect(Math.max(hostMs, (threadMs + at) / threads, (hostMs + threadMs + at) / cores)).toBeCloseTo(at);
  });

  it('is nowhere for one thread, nor on one core', () => {
    expect([breakEvenMs(costs, 1, 4), breakEvenMs(costs, 4, 1)]).toEqual([undefined, undefined]);
  });
});

describe('the verdict', () => {
  it('says that threads pay, from what length on, and how much', () => {
    const verdict = judge(findings({}));
    expect(verdict.kind).toBe('pays');
    expect(verdict.breakEvenMs).toBeCloseTo(0.009);
    expect(verdict.sentences).toEqual([
      'A call of `resize` takes 84 µs inline. Handing it to a thread costs 9 µs of the main thread.',
      'Threads pay from about 9 µs a call on; with 2 threads you get 1.90 ×.',
    ]);
  });

  it('says that they do not, and what would help', () => {
    const verdict = judge(findings({ inlineMs: 0.002, gains: [gain(1, 0.1), gain(2, 0.2)] }));
    expect(verdict.kind).toBe('does-not-pay');
    expect(verdict.sentences).toEqual([
      "Threads don't pay here: a call of `resize` takes 2 µs inline, and handing it to a thread costs 9 µs of the main thread; the best, 2 threads, gives 0.20 × the throughput.",
      'They would from about 9 µs a call on.',
      'Call it directly, or give each call more to do: a chunk of rows in the place of one.',
    ]);
  });

  it('tells calls that copy much from calls that do little', () => {
    const copies = said({ inlineMs: 1.4, gains: [gain(2, 0.4)], costs: { hostMs: 1.7, threadMs: 2 } });
    expect(copies).toContain('What costs so much is copying params and value');
    expect(copies).not.toContain('more to do');
  });

  it('says that they free the event loop where that is all they do', () => {
    const verdict = judge(findings({ gains: [gain(1, 0.95)], cores: 1 }));
    expect([verdict.kind, verdict.breakEvenMs]).toEqual(['frees-loop', null]);
    expect(verdict.sentences).toEqual([
      "Threads don't pay here for throughput: a call of `resize` takes 84 µs inline, and the best, 1 thread, gives 0.95 × the throughput.",
      'They still keep the event loop free: a call on a thread keeps the main thread busy for 9 µs instead of 84 µs.',
    ]);
  });

  it('tells an action that waits from one that computes', () => {
    const verdict = judge(findings({ inlineMs: 20, workShare: 0.02, gains: [gain(1, 0.06), gain(2, 0.12)] }));
    expect([verdict.kind, verdict.breakEvenMs]).toEqual(['waits', null]);
    expect(verdict.sentences.join(' ')).toMatch(
      /takes 20 ms inline, and computes for 2 % of it.*inline, 16 calls wait at once.*--concurrency/,
    );
  });

  it('never contradicts what was seen: the length of the call bounds the break-even', () => {
    expect(judge(findings({ inlineMs: 0.004 })).breakEvenMs).toBe(0.004);
    expect(judge(findings({ inlineMs: 0.5, gains: [gain(2, 0.5)] })).breakEvenMs).toBe(null);
  });

  it('cannot tell where rounds contradict each other, or where the baseline gains as much on itself', () => {
    expect(judge(findings({ gains: [gain(2, 1.5, 0.6)] })).kind).toBe('unclear');
    expect(said({ gains: [gain(2, 1.5, 0.6)] })).toContain('2 threads gave between 0.60 × and 1.50 ×');
    expect(judge(findings({ gains: [gain(2, 1.3, 1.2)], control: { ratio: 0.8, valid: false } })).kind).toBe('unclear');
  });

  it('cannot tell where the threads had no cores to run on', () => {
    const starved = { ...gain(2, 0.7), coresUsed: 1.2 };
    expect(judge(findings({ gains: [starved] }))).toMatchObject({ kind: 'unclear', breakEvenMs: null });
    expect(said({ gains: [starved] })).toMatch(/2 threads got 1.2 of 2 cores.*\n.*threads should pay from about 9 µs a call on/);
    // Cheap calls leave threads idle, and that is what is to be said.
    expect(judge(findings({ gains: [starved], inlineMs: 0.002 })).kind).toBe('does-not-pay');
    expect(judge(findings({ gains: [gain(2, 0.7)] })).kind).toBe('frees-loop');
  });

  it('doubts the figures of a machine where something else was at work', () => {
    expect(said({ control: { ratio: 1.12, valid: false } })).toContain('The baseline against itself gave 1.12 ×');
    expect(said({})).not.toContain('against itself');
  });

  it('names the batch where it gains more than single calls', () => {
    const inlineMs = 0.002;
    const gains = [gain(2, 0.2)];
    expect(said({ inlineMs, gains, mapGain: gain(2, 1.4) })).toContain('As a batch (`runtime.map`, `heddle batch`) 2 threads give 1.40 ×');
    expect(said({ inlineMs, gains, mapGain: gain(2, 0.9) })).not.toContain('As a batch');
    expect(said({ mapGain: gain(2, 1.92) })).not.toContain('As a batch');
  });

  it('holds threads against one thread where there is no inline', () => {
    const verdict = judge(findings({ inlineMs: undefined, gains: [gain(1, 1), gain(2, 1.8)] }));
    expect(verdict.kind).toBe('threads-only');
    expect(verdict.sentences[0]).toContain('2 threads, 1.80 × its throughput');
  });
});

describe('figures in words', () => {
  it.each([
    [timeText, 0.084, '84 µs'],
    [timeText, 0.00009, '0.09 µs'],
    [timeText, 0.00001, '0 µs'],
    [timeText, 0.9996, '1 ms'],
    [timeText, 12.345, '12.3 ms'],
    [timeText, 2400, '2.4 s'],
    [timeText, Number.NaN, '–'],
    [timesText, 1.9, '1.90 ×'],
    [timesText, 12.34, '12.3 ×'],
    [timesText, 0.0123, '0.01 ×'],
    [timesText, 1234, '1 234 ×'],
    [shareText, 0.984, '98 %'],
    [countText, 12345.6, '12 346'],
    [countText, 1.23456, '1.23'],
  ])('%o of %d is %s', (text, value, expected) => {
    expect(text(value)).toBe(expected);
  });
});
