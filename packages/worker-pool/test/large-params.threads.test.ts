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

test('E-8 a getter among large params that cancels the next of its message ends that one once', async () => {
  const { runtime } = openRuntime({ threads: { min: 1, max: 1 } });
  for (let round = 0; round < 3; round++)
    await Promise.all(Array.from({ length: 50 }, () => runtime.run(weighs, { parts: [1] }, {}, { maxRetries: 0 })));
  const { completed, cancelled } = runtime.stats();
  let armed = false;
  const cancels: (() => void)[] = [];
  const meddling = {
    parts: Array.from({ length: 300 }, (_, n) => n),
    get word(): string {
      if (armed) for (const cancel of cancels.splice(0)) cancel();
      return 'read';
    },
  };
  const refs = [meddling, ...Array.from({ length: 5 }, () => ({ parts: Array(300).fill(1) }))].map((params) =>
    runtime.start(weighs, params),
  );
  cancels.push(...refs.slice(1, 4).map((ref) => () => void ref.cancel('not wanted')));
  armed = true;
  const outcomes = await Promise.all(refs.map((ref) => ref.outcome()));
  expect(outcomes.map((outcome) => (outcome.ok ? outcome.value : outcome.error.type))).toEqual([
    300,
    'cancelled',
    'cancelled',
    'cancelled',
    300,
    300,
  ]);
  expect(await runtime.run(weighs, { parts: [1, 2] })).toMatchObject({ value: 2 });
  expect(runtime.stats()).toMatchObject({ running: 0, queued: 0, completed: completed + 4, cancelled: cancelled + 3 });
});

test('E-8 large params that do not clone fail alone, and leave nothing behind that has to be looked after', async () => {
  const { runtime } = openRuntime({ threads: { min: 1, max: 1 } });
  for (let round = 0; round < 3; round++) await Promise.all(Array.from({ length: 50 }, () => runtime.run(weighs, { parts: [1] })));
  const parts: unknown[] = Array.from({ length: 300 }, (_, n) => n);
  parts[7] = () => 7;
  const runs = [{ parts }, ...Array.from({ length: 9 }, () => ({ parts: [1, 2] }))].map((params) => runtime.run(weighs, params));
  const outcomes = await Promise.all(runs);
  expect(outcomes.map((outcome) => (outcome.ok ? outcome.value : outcome.error.type))).toEqual(['uncloneable', ...Array(9).fill(2)]);
  expect(runtime.stats()).toMatchObject({ running: 0, queued: 0 });
});
