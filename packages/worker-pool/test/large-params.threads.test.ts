import { expect, test } from 'vitest';
import { inTurn, weighs } from './fixtures/plain.ts';
import { openRuntime } from './support/threads.ts';

test('E-8 large params of an action that is quick otherwise come through, many at once', async () => {
  const { runtime } = openRuntime({ threads: { min: 2, max: 2 } });
  // So that such tasks are sent ahead.
  for (let round = 0; round < 20; round++) await Promise.all(Array.from({ length: 200 }, () => runtime.run(weighs, { parts: [{ n: 1 }] })));
  const parts = Array.from({ length: 60_000 }, (_, n) => ({ n, text: `part ${n}`, more: { half: n / 2, even: n % 2 === 0 } }));
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => runtime.run(weighs, { parts }, {}, { maxRetries: 0 })));
  expect(outcomes.map((outcome) => (outcome.ok ? outcome.value : outcome.error.message))).toEqual(Array(8).fill(60_000));
});

test('R-3 large and small among each other begin in the order they came', async () => {
  const { runtime } = openRuntime({ threads: { min: 1, max: 1 } });
  const values = (n: number): number => (n % 3 === 0 ? 300 : n % 7 === 0 ? 3000 : 1);
  for (let round = 0; round < 3; round++) {
    const runs = Array.from({ length: 200 }, (_, n) => runtime.run(inTurn, { parts: Array(values(n)).fill(n) }));
    const outcomes = await Promise.all(runs);
    expect(outcomes.map((outcome) => outcome.ok && outcome.value)).toEqual(runs.map((_, n) => round * 200 + n));
  }
});
