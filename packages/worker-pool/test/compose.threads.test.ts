import { type Action, isOutcome, type Outcome, ok, toTool } from '@heddle/core';
import { expect, expectTypeOf, test } from 'vitest';
import { double, label, plus, refuses, stays, total } from './fixtures/compose.ts';
import { echo } from './fixtures/plain.ts';
import { openRuntime } from './support/threads.ts';

test('R-12 a chain runs through threads, typed by its last step', async () => {
  const { runtime } = openRuntime();
  const outcome = await runtime.chain([double, [plus, { by: 10 }], [label, {}, { timeoutMs: 60_000 }]], { n: 1, unit: 'kg' });
  expect(outcome).toMatchObject({ ok: true, value: { text: '12 kg' }, directive: 'doubled 1' });
  expect(outcome.directives).toEqual([{ step: 0, action: 'double', directive: 'doubled 1' }]);
  if (outcome.ok) expectTypeOf(outcome.value).toEqualTypeOf<{ text: string }>();
  const chained = await runtime.chain([plus], outcome.ok ? ok({ n: 1 }) : outcome);
  expect(chained).toMatchObject({ ok: true, value: { n: 2 } });
});

test('R-12 a chain asks for what its first step needs, its overrides aside', async () => {
  const { runtime } = openRuntime();
  // @ts-expect-error `n` is needed
  expect(await runtime.chain([double])).toMatchObject({
    ok: false,
    error: { type: 'validation_error', details: { step: 0, action: 'double' } },
  });
  expect(await runtime.chain([[double, { n: 2 }]])).toMatchObject({ ok: true, value: { n: 4 } });
  const back = await runtime.chain([], { any: 1 });
  expect(back).toMatchObject({ ok: true, value: { any: 1 } });
  const dynamic: Action[] = [double, plus];
  const unknown = await runtime.chain(dynamic, { n: 1 });
  if (unknown.ok) expectTypeOf(unknown.value).toEqualTypeOf<unknown>();
  expect(unknown).toMatchObject({ ok: true, value: { n: 3 } });
});

test('R-12 a chain ends with the first error, its directive and its step', async () => {
  const { runtime } = openRuntime();
  const outcome = await runtime.chain([double, refuses, plus], { n: 1 });
  expect(outcome).toMatchObject({
    ok: false,
    error: { type: 'execution_error', message: 'no', details: { step: 1, action: 'refuses' } },
    directive: 'refused',
  });
  expect(await runtime.chain([plus, (() => 1) as never], { n: 1 })).toMatchObject({
    ok: false,
    error: { type: 'invalid_action', message: expect.stringContaining('defineAction'), details: { step: 1 } },
  });
});

test('R-12 a signal ends a chain in the middle of a step, and a deadline does too', async () => {
  const { runtime } = openRuntime();
  const controller = new AbortController();
  const onProgress = (): void => controller.abort('enough');
  const cancelled = await runtime.chain([[stays, {}, { onProgress }], plus], {}, {}, { signal: controller.signal });
  expect(cancelled).toMatchObject({ ok: false, error: { type: 'cancelled', details: { step: 0, action: 'stays' } } });
  const late = await runtime.chain([stays, plus], {}, {}, { deadline: Date.now() + 50, timeoutMs: Number.POSITIVE_INFINITY });
  expect(late).toMatchObject({ ok: false, error: { type: 'timeout', details: { step: 0, action: 'stays', reason: 'deadline' } } });
});

test('R-12 a plan runs through threads, typed by name', async () => {
  const { runtime } = openRuntime({ threads: { max: 2 } });
  const outcome = await runtime.plan({
    start: { action: double, params: { n: 1 } },
    left: { action: plus, needs: ['start'], params: ({ start }) => ({ n: start.n, by: 10 }) },
    right: { action: double, needs: ['start'], params: ({ start }) => start },
    all: { action: total, needs: ['left', 'right'], params: ({ left, right }) => ({ parts: [left.n, right.n] }) },
  });
  expect(outcome).toMatchObject({ ok: true, value: { start: { n: 2 }, left: { n: 12 }, right: { n: 4 }, all: 16 } });
  if (outcome.ok) expectTypeOf(outcome.value.all).toEqualTypeOf<number>();
  expectTypeOf(outcome.outcomes.left).toEqualTypeOf<Outcome<{ n: number }>>();
  expect(isOutcome(outcome.outcomes.left)).toBe(true);
});

test('R-12 a plan that makes no sense is refused before anything runs, also by its types', async () => {
  const { runtime } = openRuntime();
  const outcome = await runtime.plan({
    a: { action: echo, needs: ['b'] },
    b: { action: echo, needs: ['a'] },
    // @ts-expect-error there is no such step
    c: { action: echo, needs: ['gone'] },
  });
  expect(outcome).toMatchObject({ ok: false, error: { type: 'config_error', message: expect.stringMatching(/gone.*a → b → a/s) } });
  expect(runtime.stats()).toMatchObject({ completed: 0, failed: 0 });
});

test('R-1 chains and plans reject where run does: a closed runtime, options at fault', async () => {
  const { runtime } = openRuntime();
  await expect(runtime.chain([plus], { n: 1 }, {}, { timeoutMs: -1 })).rejects.toMatchObject({ type: 'invalid_input' });
  await runtime.close();
  await expect(runtime.chain([plus], { n: 1 })).rejects.toMatchObject({ type: 'closed' });
  await expect(runtime.plan({ a: { action: echo } })).rejects.toMatchObject({ type: 'closed' });
});

test('A-1 registered actions are the runtime’s to look up', async () => {
  const { runtime } = openRuntime();
  expect(runtime.actions.size).toBe(0);
  const added = await runtime.register(new URL('./fixtures/compose.ts', import.meta.url));
  expect(runtime.actions.get('double')).toBe(added.get('double'));
  await runtime.register(echo);
  expect(runtime.actions.get('echo')).toBe(echo);
  const twin = new URL('./fixtures/same-name.mjs', import.meta.url);
  await expect(runtime.register(twin)).rejects.toMatchObject({
    type: 'config_error',
    message: expect.stringMatching(/compose\.ts.*same-name\.mjs/),
  });
});

test('A-7 a tool runs its action on the runtime, and a model’s text arrives converted', async () => {
  const { runtime } = openRuntime();
  const tool = toTool(plus, runtime);
  expect(await tool.execute('{"n":"1","by":"2"}')).toBe('{"ok":true,"value":{"n":3}}');
  expect(JSON.parse(await tool.execute({ n: 'one' }))).toMatchObject({
    ok: false,
    error: { type: 'validation_error', code: 'ERR_HEDDLE_VALIDATION_ERROR', details: { faults: [{ path: '/n', expected: 'number' }] } },
  });
  await runtime.close();
  expect(JSON.parse(await tool.execute({ n: 1 }))).toMatchObject({ ok: false, error: { type: 'closed' } });
});
