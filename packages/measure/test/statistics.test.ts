import { describe, expect, it } from 'vitest';
import { judgeControl } from '../src/control.ts';
import { addRound, type Slices, shuffled, takeTurns } from '../src/interleave.ts';
import { pairedRatio, quantileOf, summarise } from '../src/statistics.ts';
import { totalUsage } from '../src/usage.ts';

describe('statistics of measurements', () => {
  it('summarises rounds by median and extremes', () => {
    expect(summarise([5, 1, 3])).toEqual({ median: 3, low: 1, high: 5 });
    expect(summarise([2, 4]).median).toBe(3);
    expect(summarise([]).median).toBeNaN();
  });

  it('leaves the list it is given as it was', () => {
    const values = [3, 1, 2];
    summarise(values);
    quantileOf(values, 0.5);
    expect(values).toEqual([3, 1, 2]);
  });

  it('takes ratios round by round, so that a slow round cancels out', () => {
    expect(pairedRatio([20, 200, 2], [10, 100, 1])).toEqual({ median: 2, low: 2, high: 2 });
  });

  it('leaves out rounds that have no partner', () => {
    expect(pairedRatio([4, 6], [2])).toEqual({ median: 2, low: 2, high: 2 });
  });

  it('voids a run whose baseline disagrees with itself by more than three per cent', () => {
    expect(judgeControl([100, 100, 100], [102, 97, 103]).valid).toBe(true);
    expect(judgeControl([100, 100, 100], [104, 105, 90]).valid).toBe(false);
    expect(judgeControl([100], [96]).valid).toBe(false);
    expect(judgeControl([], []).valid).toBe(false);
  });

  it('adds stretches of work up', () => {
    const part = { tasks: 10, wallMs: 2, cpuMs: 3, voluntarySwitches: 1 };
    expect(totalUsage([part, part])).toEqual({ tasks: 20, wallMs: 4, cpuMs: 6, voluntarySwitches: 2 });
  });
});

describe('turns of measurements', () => {
  it('gives each contender one slice a pass', async () => {
    const order: string[] = [];
    const contenders = ['a', 'b', 'c'].map((name) => ({
      name,
      slice: async () => {
        order.push(name);
        return name;
      },
    }));
    const results = await takeTurns(contenders, 2, 0);
    expect([order.slice(0, 3).sort(), order.slice(3).sort()]).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ]);
    expect([...results]).toEqual(['a', 'b', 'c'].map((name) => [name, [name, name]]));
  });

  it('keeps rounds apart', () => {
    const slices: Slices<number> = new Map();
    addRound(slices, new Map([['a', [1, 2]]]));
    addRound(slices, new Map([['a', [3]]]));
    expect(slices.get('a')).toEqual([[1, 2], [3]]);
  });

  it('changes the order with the seed, and only with it', () => {
    const list = [1, 2, 3, 4, 5, 6];
    const orders = Array.from({ length: 50 }, (_, seed) => shuffled(list, seed));
    for (const order of orders) expect([...order].sort()).toEqual(list);
    expect(new Set(orders.map(String)).size).toBeGreaterThan(40);
    // Everybody comes first now and then.
    expect(new Set(orders.map(([first]) => first)).size).toBe(list.length);
    expect(shuffled(list, 3)).toEqual(orders[3]);
  });
});
