import type { Action, Outcome } from '@heddle/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as fuzzed from './fixtures/fuzzed.ts';
import { anyValue } from './support/hostile.ts';
import { openRuntime } from './support/threads.ts';

const RUNS = 100;
const OPTIONS = { maxRetries: 0, timeoutMs: Number.POSITIVE_INFINITY } as const;
const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

/** What an outcome may be, whatever it was made of: a value, or an error that can be told. */
function expectTold(outcome: Outcome, types: readonly string[]): void {
  if (outcome.ok) return;
  expect(types).toContain(outcome.error.type);
  expect(typeof outcome.error.message).toBe('string');
  expect(JSON.stringify(outcome.error)).toContain(outcome.error.code);
}

const ANY: readonly [string, Action<{ seed: number }, unknown>, readonly string[]][] = [
  ['returned', fuzzed.returnsAny, ['uncloneable', 'execution_error']],
  ['returned as a failure', fuzzed.failsAny, ['execution_error']],
  ['thrown', fuzzed.throwsAny, ['execution_error']],
  ['a directive', fuzzed.directsAny, ['uncloneable']],
  ['reported as progress', fuzzed.progressesAny, ['uncloneable']],
  ['logged', fuzzed.logsAny, []],
];

test.each(ANY)('A-6 R-8 E-8 anything at all, %s, is an outcome, and its lane goes on', async (_how, action, types) => {
  const { runtime } = openRuntime();
  await fc.assert(
    fc.asyncProperty(seeds, async (seed) => expectTold(await runtime.run(action, { seed }, {}, OPTIONS), types)),
    { numRuns: RUNS },
  );
  expect(await runtime.run(fuzzed.echoes, { after: 1 })).toMatchObject({ ok: true, value: { after: 1 } });
  expect(runtime.stats()).toMatchObject({ lanesLost: 0, lanesKilled: 0 });
});

test('C-6 E-8 anything at all that is yielded ends in a step, and its lane goes on', async () => {
  const { runtime } = openRuntime();
  await fc.assert(
    fc.asyncProperty(seeds, async (seed) => {
      const coroutine = runtime.coroutine(fuzzed.yieldsAny, { seed });
      const step = await coroutine.next(undefined, { timeoutMs: Number.POSITIVE_INFINITY });
      expect(['suspended', 'thrown']).toContain(step.kind);
      await coroutine.stop();
    }),
    { numRuns: RUNS },
  );
  expect(runtime.stats()).toMatchObject({ lanesLost: 0, lanesKilled: 0 });
});

test('R-2 E-8 anything at all given as a param comes back as a clone of it, or its task alone fails', async () => {
  const { runtime } = openRuntime();
  await fc.assert(
    fc.asyncProperty(anyValue, async (make) => {
      const value = make();
      expectTold(await runtime.run(fuzzed.echoes, { value }, {}, OPTIONS), ['uncloneable']);
    }),
    { numRuns: RUNS },
  );
  expect(await runtime.run(fuzzed.echoes, { after: 1 })).toMatchObject({ ok: true, value: { after: 1 } });
});
