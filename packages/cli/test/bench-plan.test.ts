import { describe, expect, it } from 'vitest';
import { type PlanLimits, planRounds, type SliceKind } from '../src/bench/plan.ts';

const kind = (aspect: SliceKind['aspect'], unit: number, msPerCall: number): SliceKind => ({ aspect, contender: 'any', unit, msPerCall });

const kinds = (msPerCall: number): SliceKind[] => [
  kind('saturated', 1, msPerCall),
  kind('saturated', 2, msPerCall / 2),
  kind('single', 1, msPerCall),
  kind('loop', 2, msPerCall / 2),
  kind('handover', 1, msPerCall),
];

const limits = (parts: Partial<PlanLimits> = {}): PlanLimits => ({
  durationMs: 10_000,
  rounds: undefined,
  quick: false,
  maxCalls: Number.POSITIVE_INFINITY,
  madeCalls: 0,
  ...parts,
});

describe('the plan of the rounds', () => {
  it('spreads the time over slices of the same length', () => {
    const { rounds, passes, calls, totalMs } = planRounds(kinds(0.1), limits());
    expect([rounds, passes]).toEqual([5, 4]);
    expect(totalMs).toBeCloseTo(10_000, -2);
    const [inline = 0, threads = 0, single = 0, loop = 0] = calls;
    expect([threads, single, loop]).toEqual([2 * inline, inline, expect.closeTo(6 * inline, -2)]);
  });

  it('gives every thread as many calls', () => {
    for (const ms of [0.003, 0.7, 90, 4000]) {
      for (const [at, calls] of planRounds(kinds(ms), limits()).calls.entries()) expect(calls % (kinds(ms)[at]?.unit ?? 0)).toBe(0);
    }
  });

  it('makes fewer slices, then fewer rounds, where calls are long, and one call a thread where they are very long', () => {
    expect(planRounds(kinds(400), limits())).toMatchObject({ rounds: 5, passes: 1 });
    expect(planRounds(kinds(3000), limits())).toMatchObject({ rounds: 3, passes: 1, calls: [1, 2, 1, 2, 1] });
  });

  it('makes more rounds where there is more time', () => {
    expect(planRounds(kinds(0.1), limits({ durationMs: 25_000 })).rounds).toBe(12);
    expect(planRounds(kinds(0.1), limits({ durationMs: 600_000 })).rounds).toBe(20);
  });

  it('makes the rounds it was told to', () => {
    expect(planRounds(kinds(3000), limits({ rounds: 7 }))).toMatchObject({ rounds: 7, passes: 1 });
    expect(planRounds(kinds(0.1), limits({ rounds: 1, quick: true })).rounds).toBe(1);
  });

  it.each([12, 20, 50, 200, 1000])('never makes more than %d calls, those before included', (maxCalls) => {
    const { totalCalls, calls } = planRounds(kinds(0.1), limits({ maxCalls, madeCalls: 5 }));
    expect(totalCalls).toBeLessThanOrEqual(maxCalls - 5);
    expect(totalCalls).toBeGreaterThan((maxCalls - 5) / 4);
    expect(Math.min(...calls)).toBeGreaterThan(0);
  });

  it('takes from the many where others have their fewest', () => {
    const mixed = [kind('saturated', 1, 0.0001), kind('saturated', 2, 900), kind('single', 1, 1700), kind('handover', 1, 0.1)];
    expect(planRounds(mixed, limits({ maxCalls: 40 }))).toMatchObject({ rounds: 3, passes: 1 });
    expect(planRounds(mixed, limits({ maxCalls: 6 })).totalCalls).toBeLessThanOrEqual(6);
  });

  it.each([4, 11])('says how many it takes where %d are allowed', (maxCalls) => {
    expect(() => planRounds(kinds(0.1), limits({ maxCalls, madeCalls: 5 }))).toThrow(
      `\`--max-calls ${maxCalls}\` is too few: getting ready takes 5 calls, and one round 7`,
    );
  });
});
