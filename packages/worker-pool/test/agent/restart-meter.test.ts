import { expect, it } from 'vitest';
import { RestartMeter } from '../../src/agent/restart-meter.ts';

it('W-1 an agent may be restarted so often within a time, and again when that has passed', () => {
  const meter = new RestartMeter({ max: 2, withinMs: 100 });
  expect([0, 50, 99, 100, 120, 149, 150].map((now) => meter.allows(now))).toEqual([true, true, false, true, false, false, true]);
  expect(new RestartMeter({ max: 0, withinMs: 100 }).allows(0)).toBe(false);
  const endless = new RestartMeter({ max: Number.POSITIVE_INFINITY, withinMs: 100 });
  expect(Array.from({ length: 50 }, () => endless.allows(0)).every(Boolean)).toBe(true);
});
