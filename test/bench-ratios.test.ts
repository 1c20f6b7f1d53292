import { describe, expect, it } from 'vitest';
import { bestOf, judgeRatios, MARGINS, type RatioName, type Ratios, ratiosMarkdown } from '../bench/src/ratios/margins.ts';

const times = (factor: number): Ratios => Object.fromEntries(MARGINS.map(({ name, normal }) => [name, normal * factor]));
const failed = (ratios: Ratios): RatioName[] => judgeRatios(ratios).flatMap(({ name, held }) => (held ? [] : [name]));

describe('the margins that Heddle is held to beside piscina', () => {
  it('hold what is normal', () => {
    expect(failed(times(1))).toEqual([]);
  });

  it('are wide, and still catch what has become several times slower', () => {
    for (const { normal, atMost } of MARGINS) expect(atMost / normal).toBeGreaterThanOrEqual(2);
    expect(failed(times(30))).toEqual(MARGINS.map(({ name }) => name));
  });

  it('do not hold what was not measured', () => {
    const { kill: _, ...others } = times(1);
    expect(failed(others)).toEqual(['kill']);
    expect(ratiosMarkdown(judgeRatios(others))).toMatch(/kill.*not measured.*not held/);
  });

  it('take the better of several tries, of each ratio by itself', () => {
    const [quiet, busy] = [times(1), times(30)];
    expect(
      bestOf([
        { ...busy, kill: quiet.kill ?? 0 },
        { ...quiet, kill: 99 },
      ]),
    ).toEqual(quiet);
    expect(bestOf([{ kill: 3 }, {}])).toEqual({ kill: 3 });
    expect(failed(bestOf([busy, busy]))).toEqual(MARGINS.map(({ name }) => name));
  });
});
