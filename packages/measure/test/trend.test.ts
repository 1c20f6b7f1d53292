import { describe, expect, it } from 'vitest';
import { trendOf } from '../src/index.ts';

const minutes = (count: number): number[] => Array.from({ length: count }, (_, index) => index * 60);
const limit = { share: 0.1, atLeast: 2 };

describe('a trend', () => {
  it('is a line: where it begins, how far it rises, and between what the rise lies', () => {
    const trend = trendOf([0, 1, 2, 3], [10, 13, 16, 19], limit);
    expect(trend?.start).toBeCloseTo(10);
    expect(trend?.rise).toBeCloseTo(9);
    expect([trend?.low, trend?.high]).toEqual([9, 9]);
    expect(trend?.flat).toBe(false);
  });

  it('is flat up to a share of where it begins, or up to so much', () => {
    const rising = (start: number, rise: number): number[] => minutes(61).map((_, index) => start + (rise * index) / 60);
    expect(trendOf(minutes(61), rising(100, 9.9), limit)?.flat).toBe(true);
    expect(trendOf(minutes(61), rising(100, 10.1), limit)?.flat).toBe(false);
    expect(trendOf(minutes(61), rising(5, 1.9), limit)?.flat).toBe(true);
    expect(trendOf(minutes(61), rising(5, 2.1), limit)?.flat).toBe(false);
    expect(trendOf(minutes(61), rising(100, -50), limit)?.flat).toBe(true);
  });

  it('finds a leak in scatter that is larger than the leak of a minute', () => {
    const values = minutes(60).map((_, index) => 100 + index + (index % 2 === 0 ? 20 : -20));
    expect(trendOf(minutes(60), values, limit)?.flat).toBe(false);
  });

  it('takes no scatter for a rise: a late outlier bends nothing', () => {
    const values = minutes(10).map((_, index) => (index === 9 ? 140 : 100));
    const trend = trendOf(minutes(10), values, limit);
    expect([trend?.rise, trend?.flat]).toEqual([0, true]);
    const wide = minutes(12).map((_, index) => 100 + ((index * 7) % 12) * 20);
    expect([(trendOf(minutes(12), wide, limit)?.low ?? 0) < 0, trendOf(minutes(12), wide, limit)?.flat]).toEqual([true, true]);
  });

  it('says nothing about fewer than four points', () => {
    expect(trendOf([0, 1, 2], [1, 2, 3], limit)).toBeUndefined();
    expect(trendOf([], [], limit)).toBeUndefined();
  });
});
