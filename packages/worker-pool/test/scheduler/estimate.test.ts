import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Estimate, TINY_US } from '../../src/scheduler/estimate.ts';

function after(...durations: readonly number[]): Estimate {
  const estimate = new Estimate();
  for (const duration of durations) estimate.add(duration);
  return estimate;
}

describe('the estimate of an action', () => {
  it('knows nothing, and calls nothing tiny, before the first attempt', () => {
    expect([new Estimate().us, new Estimate().tiny]).toEqual([undefined, false]);
  });

  it('takes the first attempt as it is', () => {
    expect(after(42).us).toBe(42);
  });

  it('calls tiny what takes up to its limit', () => {
    expect([after(TINY_US).tiny, after(TINY_US + 1).tiny]).toEqual([true, false]);
  });

  it('is moved little by one slow attempt in a thousand', () => {
    const estimate = after(...Array.from({ length: 500 }, () => 10));
    estimate.add(200_000);
    expect(estimate.tiny).toBe(true);
    expect(estimate.us).toBeLessThan(50);
  });

  it('follows a lasting change within a few dozen attempts, up and down', () => {
    const slower = after(...Array.from({ length: 500 }, () => 10), ...Array.from({ length: 40 }, () => 20_000));
    expect(slower.tiny).toBe(false);
    for (let count = 0; count < 40; count++) slower.add(10);
    expect(slower.tiny).toBe(true);
  });

  it('stays between the shortest and the longest attempt', () => {
    const durations = fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(durations, (all) => {
        const us = after(...all).us ?? -1;
        expect(us).toBeGreaterThanOrEqual(Math.min(...all) - 1e-6);
        expect(us).toBeLessThanOrEqual(Math.max(...all) + 1e-6);
      }),
    );
  });

  it('knows whether attempts give promises: one in a while does not make it so, and none for a while ends it', () => {
    const estimate = new Estimate();
    expect(estimate.awaits).toBe(false);
    estimate.add(10, true);
    expect(estimate.awaits).toBe(true);
    for (let n = 0; n < 24; n++) estimate.add(10);
    expect(estimate.awaits).toBe(false);
    estimate.add(10, true);
    expect(estimate.awaits).toBe(false);
    estimate.add(10, true);
    expect(estimate.awaits).toBe(true);
  });
});
