import { HeddleError } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { analyse, type Facts } from '../src/bench/analyse.ts';
import type { Measured, RoundSample, Sample } from '../src/bench/measure.ts';

const facts: Facts = {
  ...{ action: 'resize', module: 'resize.js', params: '{}', rows: 1, inFlight: 16, quick: false, end: 'done', calls: 0, notes: [] },
  machine: { node: '20.19.0', platform: 'linux', arch: 'x64', cores: 4 },
  ...{ threads: [1, 2], cores: 4, base: 'inline', again: 'inline again', map: 'map, 2 threads' },
};

/** Ten calls of so many milliseconds each. */
function sample(msPerCall: number, parts: Partial<Sample> = {}): RoundSample {
  const wallMs = 10 * msPerCall;
  const one: Sample = { calls: 10, failed: 0, error: undefined, wallMs, cpuMs: wallMs, busyMs: wallMs, latenciesMs: [wallMs], ...parts };
  return { ...one, parts: [one] };
}

function measured(parts: Partial<Measured> = {}): Measured {
  return {
    saturated: new Map([
      ['inline', [sample(1), sample(1), sample(4)]],
      ['inline again', [sample(1.01), sample(1.02), sample(4)]],
      ['1 thread', [sample(1.1, { busyMs: 0.5 }), sample(1.2, { busyMs: 0.4 }), sample(4.8, { busyMs: 9 })]],
      ['2 threads', [sample(0.5), sample(0.6), sample(2.4)]],
      ['map, 2 threads', [sample(0.5), sample(0.5), sample(2)]],
    ]),
    single: new Map([['inline', [sample(1), sample(0.9), sample(4, { cpuMs: 9.5 })]]]),
    loop: new Map([['inline', [sample(1, { delayMs: 2 }), sample(1, { delayMs: 4 }), sample(1, { delayMs: 3 })]]]),
    handover: new Map([['1 thread', [sample(1.1, { runMs: 10.7 }), sample(1.2, { runMs: 11.7 }), sample(4.8, { runMs: 40 })]]]),
    ...parts,
  };
}

describe('what is made of the samples', () => {
  it('pairs throughput round by round, and takes the control out', () => {
    const { throughput, gains, rounds } = analyse(facts, measured());
    expect(rounds).toBe(3);
    expect(throughput.rows.map(({ contender, ratio }) => [contender, ratio?.median])).toEqual([
      ['inline', 1],
      ['1 thread', expect.closeTo(1 / 1.2)],
      ['2 threads', expect.closeTo(1 / 0.6)],
      ['map, 2 threads', 2],
    ]);
    expect(throughput.control?.ratio).toBeCloseTo(1 / 1.01);
    expect(gains.map(({ threads, efficiency }) => [threads, efficiency])).toEqual([
      [1, 1],
      [2, expect.closeTo(1)],
    ]);
  });

  it('takes costs from the slices that were least disturbed', () => {
    const { costs, verdict } = analyse(facts, measured());
    expect(costs).toEqual({ inlineMs: 0.9, workShare: 1, hostMs: 0.04, threadMs: expect.closeTo(0.03) as number });
    expect(verdict.kind).toBe('pays');
    expect(verdict.breakEvenMs).toBeCloseTo(0.04);
  });

  it('of rows that differ takes the middle, since the lowest is that of the shortest rows', () => {
    expect(analyse({ ...facts, rows: 20 }, measured()).costs.inlineMs).toBe(0.95);
  });

  it('takes what a thread adds to a short call from its pace', () => {
    const short = measured({
      saturated: new Map([
        ['inline', [sample(0.002)]],
        ['1 thread', [sample(0.012, { busyMs: 0.05 })]],
      ]),
      single: new Map([['inline', [sample(0.002)]]]),
    });
    expect(analyse(facts, short).costs).toMatchObject({ inlineMs: 0.002, hostMs: 0.005, threadMs: expect.closeTo(0.01) as number });
  });

  it('knows an action that waits, and what other threads compute for it', () => {
    const waiting = (cpuMs: number): Measured => {
      const one = [sample(20, { cpuMs, busyMs: 2 })];
      return measured({
        single: new Map([['inline', one]]),
        saturated: new Map([
          ['inline', one],
          ['1 thread', one],
        ]),
      });
    };
    expect(analyse(facts, waiting(4))).toMatchObject({ costs: { inlineMs: 20, workShare: 0.02 }, verdict: { kind: 'waits' } });
    expect(analyse(facts, waiting(190)).costs.workShare).toBe(0.95);
  });

  it('adds up what failed, and keeps the first failure', () => {
    const error = new HeddleError('execution_error', 'no more');
    const loop = new Map([['inline', [sample(1, { failed: 2, error }), sample(1, { failed: 3, error })]]]);
    expect(analyse(facts, measured({ loop }))).toMatchObject({ failed: 5, firstFailure: { type: 'execution_error', message: 'no more' } });
    expect(analyse(facts, measured())).toMatchObject({ failed: 0, firstFailure: null });
  });

  it('gives percentiles, and the delay of the event loop', () => {
    const { single, loopDelay } = analyse(facts, measured());
    expect(single.p50.rows).toMatchObject([{ contender: 'inline', value: { low: 9, median: 10, high: 40 } }]);
    expect(loopDelay.rows).toMatchObject([{ contender: 'inline', value: { median: 3 } }]);
  });
});
