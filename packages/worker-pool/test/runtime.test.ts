import { type Action, fail, HeddleError, type Outcome, ok, unwrap } from '@heddle/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Logger } from '../src/logger.ts';
import { createRuntime } from '../src/runtime.ts';
import { markLaneThread } from '../src/worker/lane-thread.ts';
import byDefault from './fixtures/by-default.ts';
import * as actions from './fixtures/served.ts';
import { gate, shared } from './support/gate.ts';
import { localRuntime } from './support/local-pool.ts';
import { quietLogger } from './support/quiet.ts';

beforeEach(() => {
  shared().gates.clear();
  shared().trace.length = 0;
});

function errorOf(outcome: Outcome): HeddleError {
  if (outcome.ok) throw new Error('expected a failure');
  return outcome.error;
}

describe('`run`', () => {
  it('R-1 gives the outcome', async () => {
    const { runtime } = localRuntime();
    expect(await runtime.run(actions.echo, { a: 1 })).toEqual({ ok: true, value: { a: 1 } });
    expect(unwrap(await runtime.run(actions.echo))).toEqual({});
    expect(errorOf(await runtime.run(actions.throws, { message: 'no' }, {}, { maxRetries: 0 })).message).toBe('no');
  });

  it('R-2 takes an outcome as its params: the value of a good one, the end of a bad one', async () => {
    const { runtime } = localRuntime();
    expect(await runtime.run(actions.echo, ok({ from: 'before' }))).toEqual({ ok: true, value: { from: 'before' } });
    const bad = fail(new HeddleError('execution_error', 'before'), { kept: 1 });
    expect(await runtime.run(actions.echo, bad)).toMatchObject({ ok: false, error: { message: 'before' }, directive: { kept: 1 } });
    expect(await runtime.run(actions.echo, { ok: true, value: 1 })).toEqual({ ok: true, value: { ok: true, value: 1 } });
    expect(shared().trace.length).toBe(2);
  });

  it.each([null, 1, 'text', [], new Date(0), new Map(), () => {}, Symbol('s')])(
    'R-2 refuses params that are no plain object: %s',
    async (params) => {
      const { runtime } = localRuntime();
      const error = errorOf(await runtime.run(actions.echo, params as never));
      expect(error).toMatchObject({ type: 'invalid_input', message: /^Invalid params type: action echo takes a plain object, got / });
    },
  );

  it.each([null, 1, 'text', [], new Date(0)])('R-2 refuses a context that is no plain object: %s', async (context) => {
    const { runtime } = localRuntime();
    expect(errorOf(await runtime.run(actions.echo, {}, context as never))).toMatchObject({
      type: 'invalid_input',
      message: /^Invalid context type/,
    });
  });

  it('A-1 finds its action by name among all exports of its file, the default one included', async () => {
    const { runtime } = localRuntime();
    expect(await runtime.run(byDefault)).toEqual({ ok: true, value: 'found' });
  });

  it('R-2 takes any value that clones where the schema is no object’s', async () => {
    const { runtime } = localRuntime();
    expect(await runtime.run(actions.sums, [1, 2, 3])).toEqual({ ok: true, value: 6 });
    expect(errorOf(await runtime.run(actions.sums, ['one'] as never))).toMatchObject({ type: 'validation_error' });
    expect(errorOf(await runtime.run(actions.sums, {} as never))).toMatchObject({ type: 'validation_error' });
  });

  it('R-2 fails only the task whose params or context do not clone, naming the path', async () => {
    const { runtime, pool } = localRuntime();
    const given = [{ n: 1 }, { n: 2, fn: () => {} }, { n: 3 }];
    const outcomes = await Promise.all(given.map((params) => runtime.run(actions.echo, params)));
    expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, false, true]);
    expect(errorOf(outcomes[1] as Outcome)).toMatchObject({ type: 'uncloneable', details: { path: 'params.fn' } });
    const context = await runtime.run(actions.echo, {}, { user: { save() {} } });
    expect(errorOf(context)).toMatchObject({ type: 'uncloneable', details: { path: 'context.user.save' } });
    expect((await runtime.run(actions.echo, { after: 1 })).ok).toBe(true);
    expect([pool.threads.length, shared().trace.length]).toEqual([1, 3]);
  });

  it('R-2 a whole batch that does not clone leaves the lane as good as new', async () => {
    const { runtime } = localRuntime();
    for (let round = 0; round < 3; round++) {
      const bad = Array.from({ length: 20 }, () => runtime.run(actions.echo, { fn: () => {} }));
      const good = Array.from({ length: 20 }, (_, n) => runtime.run(actions.echo, { n }));
      expect((await Promise.all(bad)).every((outcome) => !outcome.ok)).toBe(true);
      expect((await Promise.all(good)).every((outcome) => outcome.ok)).toBe(true);
    }
    expect(runtime.stats()).toMatchObject({ queued: 0, running: 0, completed: 60, failed: 60 });
  });

  it('A-4 validates before a thread is used, unless a hook comes first', async () => {
    const { runtime } = localRuntime();
    expect((await runtime.run(actions.hooked, { n: '4' } as never)).ok).toBe(true);
    const { runtime: other, pool } = localRuntime({ threads: { min: 0 }, name: 'other' });
    const error = errorOf(await other.run(actions.checked, { n: 'no number' } as never));
    expect(error).toMatchObject({ type: 'validation_error', details: { action: 'checked', what: 'params' } });
    expect(pool.threads).toEqual([]);
  });

  it('A-8 refuses what is no action, and says what to do', async () => {
    const { runtime } = localRuntime();
    const given: [unknown, RegExp][] = [
      [() => 1, /^Got an anonymous function instead of an action\. Functions cannot be sent to a thread/],
      [function work() {}, /^Got the function `work`/],
      [{ run() {} }, /wrap it in `defineAction/],
      [{ ...actions.echo }, /instead of an action/],
      [null, /^Got null/],
      ['echo', /^Got a string/],
    ];
    for (const [action, message] of given)
      expect(errorOf(await runtime.run(action as Action, {} as never))).toMatchObject({ type: 'invalid_action', message });
    expect(runtime.stats().failed).toBe(given.length);
  });

  it('A-5 refuses a coroutine, naming what runs one', async () => {
    const { runtime } = localRuntime();
    const error = errorOf(await runtime.run(actions.counts as never));
    expect(error).toMatchObject({ type: 'invalid_action', message: /`runtime.coroutine`.*`runtime.stream`/ });
    expect(errorOf(await runtime.start(actions.counts as never).outcome())).toMatchObject({ type: 'invalid_action' });
    expect(() => runtime.map(actions.counts as never, [])).toThrow(HeddleError);
  });

  it('R-1 rejects where `start` throws: options', async () => {
    const { runtime } = localRuntime();
    for (const options of [{ timeoutMs: -1 }, { maxRetries: 1.5 }, { nonsense: 1 }] as never[]) {
      await expect(runtime.run(actions.echo, {}, {}, options)).rejects.toMatchObject({ type: 'invalid_input' });
      expect(() => runtime.start(actions.echo, {}, {}, options)).toThrow(HeddleError);
      expect(() => runtime.start({} as never, {} as never, {}, options)).toThrow(HeddleError);
    }
    expect(runtime.stats().failed).toBe(0);
  });
});

describe('what a running task says', () => {
  it('A-9 reaches `onProgress`, the ref and the logger, before the outcome', async () => {
    const said: unknown[] = [];
    const info = (fields: object, message?: string): void => void said.push([fields, message]);
    const logger: Logger = { ...quietLogger, level: 'info', info };
    const { runtime } = localRuntime({ logger });
    const ref = runtime.start(actions.reports, {}, {}, { onProgress: (details) => said.push(details) });
    void ref.outcome().then(() => said.push('outcome'));
    await ref.outcome();
    expect(said).toEqual([
      { step: 1 },
      [{ step: 2, action: 'reports', taskId: ref.id, attempt: 1, threadId: 1 }, 'between'],
      { step: 3 },
      'outcome',
    ]);
    expect(ref.progress).toEqual({ step: 3 });
  });

  it('R-9 a callback or a logger that throws changes nothing', async () => {
    const refuse = (): never => {
      throw new Error('a broken subscriber');
    };
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const { runtime, events } = localRuntime({ logger: { ...quietLogger, level: 'info', info: refuse, warn: refuse } });
    const ref = runtime.start(actions.reports, {}, {}, { onProgress: refuse });
    expect(await ref.outcome()).toEqual({ ok: true, value: 4 });
    expect(events).toMatchObject([
      { kind: 'callbackFailed', callback: 'onProgress', taskId: ref.id },
      { kind: 'callbackFailed', callback: 'onProgress' },
    ]);
    // The record, and the two events: where they would be told is what threw.
    expect(warned.mock.calls).toEqual(Array.from({ length: 3 }, () => ['`logger` threw: a broken subscriber', 'HeddleWarning']));
    warned.mockRestore();
  });

  it('E-11 a stray error is an event of its own task, and the next is not touched', async () => {
    const { runtime, pool, events } = localRuntime();
    shared().uncaught = (thrown) => pool.threads.at(-1)?.lane.uncaught(thrown);
    const first = runtime.start(actions.strays, {});
    expect((await first.outcome()).ok).toBe(true);
    const next = runtime.start(actions.waits, { at: 'next' });
    await gate('next').arrived;
    while (events.length === 0) await new Promise((resolve) => setImmediate(resolve));
    gate('next').open();
    expect(await next.outcome()).toEqual({ ok: true, value: 'next' });
    expect(events).toMatchObject([{ kind: 'strayError', taskId: first.id, action: 'strays', error: { message: 'from a timer' } }]);
    // The lane is recycled when idle.
    expect((await runtime.run(actions.echo)).ok).toBe(true);
    expect(pool.threads.length).toBeGreaterThan(1);
  });
});

describe('`createRuntime`', () => {
  afterEach(() => {
    delete (globalThis as Record<symbol, unknown>)[Symbol.for('heddle.laneThread')];
  });

  it('A-10 is refused inside a lane, and says what to do', () => {
    markLaneThread();
    expect(() => createRuntime()).toThrow(/Move the action to a file of its own/);
    expect(() => createRuntime()).toThrow(expect.objectContaining({ type: 'config_error' }));
  });

  it('refuses options at fault, every one at once', () => {
    expect(() => createRuntime({ graceMs: -1, nonsense: 1 } as never)).toThrow(/`graceMs`.*`nonsense`/);
  });
});

describe('`register`', () => {
  it('A-1 imports a file and gives its actions by name', async () => {
    const { runtime } = localRuntime();
    const url = new URL('./fixtures/served.ts', import.meta.url);
    const found = await runtime.register(url);
    expect([...found.keys()]).toContain('echo');
    expect(await runtime.run(found.get('later') as Action<object>, { a: 1 })).toEqual({ ok: true, value: { a: 1 } });
    expect([...(await runtime.register(url.pathname)).keys()]).toEqual([...found.keys()]);
  });

  it('rejects with a `load_error` that names the file', async () => {
    const { runtime } = localRuntime();
    const file = new URL('./fixtures/broken/throws-null.mjs', import.meta.url).href;
    await expect(runtime.register(file)).rejects.toMatchObject({ type: 'load_error', details: { module: file } });
  });
});
