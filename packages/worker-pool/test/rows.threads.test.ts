import { expect, test } from 'vitest';
import { echo, reusesFlat } from './fixtures/plain.ts';
import { openRuntime } from './support/threads.ts';

/** Has both sides know the keys of small params. */
async function teach(runtime: ReturnType<typeof openRuntime>['runtime']): Promise<void> {
  for (let round = 0; round < 3; round++) await Promise.all(Array.from({ length: 20 }, (_, n) => runtime.run(echo, { n, text: 'known' })));
}

test('R-2 params and results that look alike arrive as a structured clone would, among those that do not', async () => {
  const { runtime } = openRuntime();
  await teach(runtime);
  const params = Array.from({ length: 300 }, (_, n) => {
    if (n % 7 === 0) return { n, text: { deep: [n] } };
    if (n % 5 === 0) return { text: 'other order', n };
    return n % 3 === 0 ? { n, text: undefined } : { n, text: `t${n}`, more: n % 2 === 0 ? null : -0 };
  });
  const outcomes = await Promise.all(params.map((each, n) => runtime.run(echo, each, n % 11 === 0 ? { n } : {})));
  expect(outcomes.map((outcome) => outcome.ok && outcome.value)).toStrictEqual(params);
});

test('R-2 what an action changes after it was returned is not what arrives', async () => {
  const { runtime } = openRuntime();
  const outcomes = await Promise.all(Array.from({ length: 100 }, () => runtime.run(reusesFlat)));
  const values = outcomes.map((outcome) => outcome.ok && outcome.value);
  expect(values).toEqual(Array.from({ length: 100 }, (_, index) => ({ count: index + 1 })));
});

test('E-8 a param whose getter cancels its neighbours leaves the lane whole', async () => {
  const { runtime } = openRuntime();
  await teach(runtime);
  const cancels: (() => void)[] = [];
  const cancelAll = (): void => {
    for (const cancel of cancels.splice(0)) cancel();
  };
  const params = Array.from({ length: 9 }, (_, n) => ({
    n,
    get text(): string {
      if (n === 4) cancelAll();
      return 'read';
    },
  }));
  const refs = params.map((each) => runtime.start(echo, each));
  cancels.push(...refs.map((ref) => () => void ref.cancel()));
  const outcomes = await Promise.all(refs.map((ref) => ref.outcome()));
  // Most were waiting still, and are cancelled for certain; one that had begun may have been done.
  expect(outcomes.filter((outcome) => !outcome.ok && outcome.error.type === 'cancelled').length).toBeGreaterThan(5);
  for (let n = 0; n < 3; n++) expect(await runtime.run(echo, { n, text: 'after' })).toMatchObject({ ok: true });
  expect(runtime.stats()).toMatchObject({ running: 0, queued: 0, completed: expect.any(Number) });
});
