import { describe, expect, it } from 'vitest';
import { Bucket } from '../../src/tenant/bucket.ts';

describe('a token bucket', () => {
  it('has its burst at first, and then a token for each part of a second', () => {
    const bucket = new Bucket(4, 2, 1000);
    for (const _ of [1, 2]) {
      expect(bucket.waitMs(1000)).toBe(0);
      bucket.take(1000);
    }
    expect(bucket.waitMs(1000)).toBe(250);
    expect(bucket.waitMs(1100)).toBe(150);
    expect(bucket.waitMs(1250)).toBe(0);
  });

  it('saves up no more than its burst', () => {
    const bucket = new Bucket(1000, 3, 0);
    expect(bucket.isFull(0)).toBe(true);
    bucket.take(0);
    expect(bucket.isFull(0)).toBe(false);
    expect(bucket.isFull(60_000)).toBe(true);
    for (let taken = 0; taken < 3; taken++) bucket.take(60_000);
    expect(bucket.waitMs(60_000)).toBe(1);
  });

  it('pays back what it was overdrawn by', () => {
    const bucket = new Bucket(10, 1, 0);
    for (let taken = 0; taken < 3; taken++) bucket.take(0);
    expect(bucket.waitMs(0)).toBe(300);
  });

  it('gives a token when the time it named has passed, whatever the rounding', () => {
    for (const rate of [3, 7, 0.3, 999, 1e6]) {
      const bucket = new Bucket(rate, 1, 0.1);
      bucket.take(0.1);
      expect(bucket.waitMs(0.1 + bucket.waitMs(0.1))).toBe(0);
    }
  });

  it('does not fill when the clock stands still or goes back', () => {
    const bucket = new Bucket(10, 1, 500);
    bucket.take(500);
    expect([bucket.waitMs(500), bucket.waitMs(400)]).toEqual([100, 100]);
  });
});
