import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Action, defineAction, type HeddleErrorType, type Outcome } from '@heddle/core';
import type { Runtime, RuntimeOptions } from '@heddle/worker-pool';
import { describe, expect, test } from 'vitest';
import * as faulty from './fixtures/faulty.ts';
import { openRuntime, until } from './support/threads.ts';

/** One fault: what runs, what its outcome must be. */
interface Fault {
  readonly name: string;
  run(runtime: Runtime): Promise<Outcome>;
  readonly type: HeddleErrorType;
  readonly message: RegExp;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly options?: RuntimeOptions;
}

const ONCE = { maxRetries: 0 } as const;

function broken(file: string): Action<Readonly<Record<string, unknown>>, unknown> {
  return defineAction({ module: new URL(`./fixtures/broken/${file}`, import.meta.url).href, name: 'x', run: () => {} });
}

const thrown = (what: string, message: RegExp): Fault => ({
  name: `throws ${what}`,
  run: (runtime) => runtime.run(faulty.throwsValue, { what }, {}, ONCE),
  type: 'execution_error',
  message,
});

const returned = (what: string, message: RegExp): Fault => ({
  name: `returns what does not clone: ${what}`,
  run: (runtime) => runtime.run(faulty.returnsValue, { what }, {}, ONCE),
  type: 'uncloneable',
  message,
});

const loads = (file: string, message: RegExp): Fault => ({
  name: `module ${file}`,
  run: (runtime) => runtime.run(broken(file), {}, {}, ONCE),
  type: 'load_error',
  message,
});

const FAULTS: readonly Fault[] = [
  {
    name: 'for(;;) that times out',
    run: (runtime) => runtime.run(faulty.spin, {}, {}, { timeoutMs: 20, ...ONCE }),
    type: 'timeout',
    message: /^Action spin timed out after 20ms; raise `timeoutMs`/,
    details: { forced: true },
  },
  {
    name: 'for(;;) that is cancelled',
    run: async (runtime) => {
      const ref = runtime.start(faulty.spin, {}, {}, { timeoutMs: Number.POSITIVE_INFINITY });
      await until(() => ref.progress === 'spinning');
      await runtime.cancel(ref, 'enough');
      return ref.outcome();
    },
    type: 'cancelled',
    message: /^Action spin was cancelled: enough$/,
    details: { forced: true },
  },
  {
    name: 'process.exit(3)',
    run: (runtime) => runtime.run(faulty.exits, {}, {}, ONCE),
    type: 'worker_lost',
    message: /exited with code 3/,
    details: { exitCode: 3 },
  },
  {
    name: 'process.exit from a timer',
    run: (runtime) => runtime.run(faulty.exitsLater, {}, {}, ONCE),
    type: 'worker_lost',
    message: /exited with code 4/,
  },
  {
    name: 'out of memory',
    run: (runtime) => runtime.run(faulty.eatsMemory, {}, {}, ONCE),
    type: 'worker_lost',
    message: /out of memory/,
    details: { outOfMemory: true },
  },
  { name: 'stack overflow', run: (runtime) => runtime.run(faulty.overflows, {}, {}, ONCE), type: 'execution_error', message: /call stack/ },
  thrown('null', /threw `null`, which is no Error/),
  thrown('undefined', /threw `undefined`/),
  thrown('zero', /threw `0`/),
  thrown('empty', /threw an empty string/),
  thrown('function', /threw a function/),
  thrown('symbol', /threw a symbol/),
  thrown('plain', /^plain object$/),
  thrown('proxy', /cannot be read/),
  returned('function', /`result` is a function|`result` is the function/),
  returned('symbol', /`result` is a symbol/),
  returned('nested', /`result\.deep\[0\]\.fn` is the function `fn`/),
  returned('getter', /`result\.secret`/),
  returned('weakMap', /`result` is a WeakMap/),
  returned('promise', /`result\.later` is a promise/),
  {
    name: 'a timer of a running task throws',
    run: (runtime) => runtime.run(faulty.throwsInTimer, {}, {}, ONCE),
    type: 'execution_error',
    message: /in a timer/,
    details: { uncaught: true },
  },
  {
    name: 'an unhandled rejection of a running task',
    run: (runtime) => runtime.run(faulty.rejectsFloating, {}, {}, ONCE),
    type: 'execution_error',
    message: /floating/,
    details: { uncaught: true },
  },
  {
    name: 'a promise that never settles',
    run: (runtime) => runtime.run(faulty.never, {}, {}, { timeoutMs: 20, ...ONCE }),
    type: 'timeout',
    message: /timed out after 20ms/,
  },
  {
    name: 'a catastrophic regular expression',
    run: (runtime) => runtime.run(faulty.backtracks, {}, {}, { timeoutMs: 20, ...ONCE }),
    type: 'timeout',
    message: /timed out/,
  },
  loads('syntax.mjs', /syntax\.mjs does not load: Unexpected token .*node --check/),
  loads('missing-import.mjs', /missing-import\.mjs does not load: Cannot find module .*not-there\.mjs/),
  loads('not-there.mjs', /not-there\.mjs does not load: there is no such file/),
  { ...loads('never-loads.mjs', /did not finish loading within 2000ms/), options: { loadTimeoutMs: 2000 } },
  loads('not-exported.mjs', /is not among the exports of .*not-exported\.mjs, which exports `other`/),
  loads('starts-runtime.mjs', /Move the action to a file of its own/),
  loads('throws-null.mjs', /does not load: null/),
];

const LIMITS = { maxOldGenerationSizeMb: 32 };

describe('E-10 A-6 R-8 every fault settles with its own error, and the next task succeeds', () => {
  test.each(FAULTS)('$name', async ({ run, type, message, details = {}, options = {} }) => {
    const { runtime } = openRuntime({ graceMs: 20, resourceLimits: LIMITS, ...options });
    const outcome = await run(runtime);
    expect(outcome.ok).toBe(false);
    if (outcome.ok) return;
    expect(outcome.error.type).toBe(type);
    expect(outcome.error.message).toMatch(message);
    expect(outcome.error.details).toMatchObject(details);
    expect(await runtime.run(faulty.echo, { after: 1 })).toEqual(expect.objectContaining({ ok: true, value: { after: 1 } }));
  });
});

test('E-11 a late throw of a finished task is reported against that task, and the next task succeeds', async () => {
  const { runtime, events } = openRuntime();
  const ref = runtime.start(faulty.throwsLate, {}, {}, ONCE);
  expect(await ref.outcome()).toMatchObject({ ok: true, value: 'returned' });
  await until(() => events.some(({ kind }) => kind === 'strayError'));
  const stray = events.find((event) => event.kind === 'strayError');
  expect(stray).toMatchObject({ taskId: ref.id, action: 'throwsLate', error: { message: 'too late' } });
  expect(await runtime.run(faulty.echo, { after: 1 })).toMatchObject({ ok: true });
  // The lane was recycled: the thread that heard the stray error serves no more.
  await until(() => runtime.stats().lanes.every(({ threadId }) => threadId !== ref.threadId));
});

test('R-8 what an action throws crosses whole: name, code, own properties, cause, the errors of an AggregateError', async () => {
  const { runtime } = openRuntime();
  const outcome = await runtime.run(faulty.throwsRich, {}, {}, ONCE);
  expect(outcome.ok).toBe(false);
  const cause = outcome.ok ? undefined : outcome.error.cause;
  expect(cause).toBeInstanceOf(AggregateError);
  expect(cause).toMatchObject({ name: 'AggregateError', message: 'many', code: 'E_MANY', data: { rows: [1, 2] } });
  expect((cause as AggregateError).errors.map(String)).toEqual(['TypeError: first', 'RangeError: second']);
  expect((cause as Error).cause).toMatchObject({ name: 'SyntaxError', message: 'behind it' });
  expect((cause as Error).stack).toContain('faulty.ts');
});

test('E-7 a thread stuck in native code is reported as a zombie, its task settles, and a replacement serves', async () => {
  const { runtime, events } = openRuntime({ graceMs: 10 });
  const folder = mkdtempSync(join(tmpdir(), 'heddle-faults-'));
  const file = join(folder, 'done');
  const stuck = await runtime.run(faulty.blocksNatively, { file }, {}, { timeoutMs: 20, ...ONCE });
  expect(stuck).toMatchObject({ ok: false, error: { type: 'timeout', details: { forced: true, zombie: true } } });
  expect(events.map(({ kind }) => kind)).toContain('zombie');
  expect(await runtime.run(faulty.echo, { after: 1 })).toMatchObject({ ok: true });
  writeFileSync(file, '');
  await until(() => events.some(({ kind }) => kind === 'zombieEnded'));
  rmSync(folder, { recursive: true });
});

test('A-8 what is no action is an invalid_action outcome that says what to do', async () => {
  const { runtime } = openRuntime();
  const given: readonly unknown[] = [() => 1, { run() {} }, null, 'resize'];
  const outcomes = await Promise.all(given.map((action) => runtime.run(action as never, {} as never)));
  expect(outcomes.map((outcome) => (outcome as Outcome).ok)).toEqual([false, false, false, false]);
  const messages = outcomes.map((outcome) => ((outcome as Outcome).ok ? '' : (outcome as { error: Error }).error.message));
  expect(messages[0]).toMatch(/Functions cannot be sent to a thread/);
  expect(messages[1]).toMatch(/wrap it in `defineAction/);
});

test('R-2 a param that does not clone fails that task alone, before a thread is used, naming the path', async () => {
  const { runtime } = openRuntime();
  await runtime.ready();
  const results = await Promise.all([
    runtime.run(faulty.echo, { n: 1 }),
    runtime.run(faulty.echo, { deep: [{ fn: () => 1 }] }),
    runtime.run(faulty.echo, { n: 3 }, { secret: Symbol('s') }),
    runtime.run(faulty.echo, { n: 4 }),
  ]);
  expect(results[0]).toMatchObject({ ok: true, value: { n: 1 } });
  expect(results[1]).toMatchObject({ ok: false, error: { type: 'uncloneable', message: expect.stringContaining('`params.deep[0].fn`') } });
  expect(results[2]).toMatchObject({ ok: false, error: { type: 'uncloneable', message: expect.stringContaining('`context.secret`') } });
  expect(results[3]).toMatchObject({ ok: true, value: { n: 4 } });
});
