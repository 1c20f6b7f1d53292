import { describe, expect, it } from 'vitest';
import { formatCount, formatDuration, parseDuration } from '../src/report/duration.ts';

describe('parseDuration', () => {
  it.each([
    ['500', 500],
    ['500ms', 500],
    ['2s', 2000],
    ['1.5s', 1500],
    ['1m', 60_000],
    ['2h', 7_200_000],
    ['0', 0],
    [' 3 s ', 3000],
  ])('reads %s as %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', 's', '-1s', '1 minute', '1,5s', '0x10', 'Infinity', '1s2'])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe('formatDuration', () => {
  it.each([
    [0.4, '0.4 ms'],
    [0.004, '0 ms'],
    [480, '480 ms'],
    [999.6, '1 s'],
    [2440, '2.4 s'],
    [59_949, '59.9 s'],
    [59_960, '1 min'],
    [200_000, '3 min 20 s'],
    [3_599_600, '1 h'],
    [3_840_000, '1 h 4 min'],
  ])('shows %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

it('formatCount sets thousands apart', () => {
  expect([0, 999, 1000, 12_345, 1_234_567].map(formatCount)).toEqual(['0', '999', '1 000', '12 345', '1 234 567']);
});
