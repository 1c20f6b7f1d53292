import { expect, it } from 'vitest';
import { barOption } from '../src/chart-option.ts';
import { summarise } from '../src/statistics.ts';

it('bars of a logarithmic chart begin at its left edge, also those below one', () => {
  const bars = [0.02, 50].map((value) => ({ name: `${value}`, value: summarise([value]), label: '' }));
  expect(barOption({ kind: 'bars', title: 'times', unit: 'ms', bars }).option.xAxis).toMatchObject({
    type: 'log',
    min: 0.01,
    startValue: 0.01,
  });
});
