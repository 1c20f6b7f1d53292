import type { HeddleError, Outcome } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import type { RuntimeOptions } from '../../src/options.ts';
import { serviceCaller } from '../../src/service/caller.ts';
import * as actions from '../fixtures/calls.ts';
import { Desk } from '../support/desk.ts';
import { settle } from '../support/fake-clock.ts';
import { localRuntime } from '../support/local-pool.ts';

const ONCE = { maxRetries: 0, timeoutMs: Number.POSITIVE_INFINITY } as const;

function open(options: RuntimeOptions = {}): ReturnType<typeof localRuntime> & { desk: Desk } {
  const desk = new Desk(serviceCaller);
  return { ...localRuntime({ services: { desk }, ...options }), desk };
}

function resultOf(outcome: Outcome): unknown {
  if (!outcome.ok) throw outcome.error;
  return outcome.value;
}

function errorOf(outcome: Outcome): HeddleError {
  if (outcome.ok) throw new Error(`expected a failure, got ${JSON.stringify(outcome.value)}`);
  return outcome.error;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await settle();
}

describe('a call of a service', () => {
  it('A-9 gives what the method answers: own, inherited, asynchronous, taken apart from its object', async () => {
    const { runtime } = open();
    expect(await runtime.run(actions.typed, {})).toEqual({ ok: true, value: { first: 1, second: 2, price: 450, later: undefined } });
  });

  it('A-9 carries any cloneable value both ways', async () => {
    const { runtime } = open();
    const sent = { when: new Date(1), list: [1n, undefined, null], bytes: new Uint8Array([1, 2]) };
    expect(await runtime.run(actions.calls, { method: 'echo', args: [sent] })).toEqual({ ok: true, value: sent });
    expect(await runtime.run(actions.calls, { method: 'gives', args: ['map'] })).toEqual({
      ok: true,
      value: new Map([['a', new Date(0)]]),
    });
    expect(await runtime.run(actions.calls, { method: 'gives', args: ['nothing'] })).toEqual({ ok: true, value: undefined });
  });

  it('A-9 sends what it was given, not what became of that while the first call was made ready', async () => {
    const { runtime } = open();
    expect(await runtime.run(actions.changes, {})).toEqual({ ok: true, value: [{ n: 1 }, 2] });
  });

  it('A-9 a proxy looks neither like a promise nor like a plain object', async () => {
    const { runtime } = open();
    expect(resultOf(await runtime.run(actions.looks, {}))).toEqual({
      same: true,
      absent: true,
      json: '{"services":{},"desk":{}}',
      keys: [],
    });
  });

  it.each([
    ['rich', { name: 'RangeError', message: 'no such price', code: 'E_PRICE', row: 7, cause: 'behind it' }],
    ['heddle', { type: 'limit_exceeded', message: 'too many', details: { limit: 3 }, retryable: false }],
    [
      'null',
      { type: 'execution_error', message: '`desk.fails` threw `null`, which is no Error', details: { service: 'desk', method: 'fails' } },
    ],
    ['undefined', { type: 'execution_error', message: '`desk.fails` threw `undefined`, which is no Error' }],
    ['string', { type: 'execution_error', message: '`desk.fails` threw a string: just text', cause: 'just text' }],
    ['object', { type: 'execution_error', message: '`desk.fails` threw an object, which is no Error', retryable: false }],
    ['function', { type: 'execution_error', message: '`desk.fails` threw a function, which is no Error' }],
    ['proxy', { type: 'execution_error', message: '`desk.fails` threw an object, which is no Error' }],
  ])('R-8 what a method throws crosses whole: %s', async (how, error) => {
    const { runtime } = open();
    expect(resultOf(await runtime.run(actions.tells, { method: 'fails', args: [how] }))).toMatchObject(error);
  });

  it('R-8 a rejection and a getter that throws cross like a throw; not caught, it is the cause of the outcome', async () => {
    const { runtime } = open();
    expect(resultOf(await runtime.run(actions.tells, { method: 'rejects' }))).toMatchObject({
      name: 'TypeError',
      message: 'it was rejected',
    });
    expect(resultOf(await runtime.run(actions.tells, { method: 'broken' }))).toMatchObject({
      name: 'RangeError',
      message: 'the getter broke',
    });
    const error = errorOf(await runtime.run(actions.calls, { method: 'fails', args: ['rich'] }, {}, ONCE));
    expect([error.type, (error.cause as Error).name, (error.cause as Error & { row: number }).row]).toEqual([
      'execution_error',
      'RangeError',
      7,
    ]);
  });

  it.each([
    ['function', '`desk.echo.arguments[0]` is a function, which cannot be called from another thread'],
    ['comlink', '`desk.echo.arguments[0]` is a proxy of comlink, which cannot be called from another thread'],
    ['remote', '`desk.echo.arguments[0]` is an object of the host, which cannot be cloned'],
    ['nested', '`desk.echo.arguments[0].deep[0].onDone` is the function `onDone`, which cannot be cloned'],
    ['symbol', '`desk.echo.arguments[0]` is a symbol'],
    ['proxy', '`desk.echo.arguments[0]` is a value that cannot be read'],
    ['getter', '`desk.echo.arguments[0].broken` is a value that cannot be read'],
  ])(
    'R-8 an argument that does not clone is an `uncloneable` error with its path, and the next call goes through: %s',
    async (what, message) => {
      const { runtime } = open();
      for (const round of ['while it is made ready', 'once it is']) {
        const { error, after } = resultOf(await runtime.run(actions.sends, { what })) as { error: { message: string }; after: number };
        expect(error, round).toMatchObject({ type: 'uncloneable', details: { action: 'sends', service: 'desk', method: 'echo' } });
        expect(error.message).toContain(message);
        expect(error.message).toMatch(/no callbacks.*`ctx\.progress`/);
        expect(after).toBe(3);
      }
    },
  );

  it.each([
    ['function', '`desk.gives.result.deep[0].fn` is the function `fn`'],
    ['symbol', '`desk.gives.result` is a symbol'],
    ['getter', '`desk.gives.result.broken` is a value that cannot be read'],
  ])('R-8 a result that does not clone is an `uncloneable` error with its path: %s', async (what, message) => {
    const { runtime } = open();
    const told = resultOf(await runtime.run(actions.tells, { method: 'gives', args: [what] })) as { message: string };
    expect(told).toMatchObject({ type: 'uncloneable', details: { action: 'tells', service: 'desk', method: 'gives' } });
    expect(told.message).toContain(message);
    expect(resultOf(await runtime.run(actions.calls, { method: 'add', args: [1, 2] }))).toBe(3);
  });

  it.each(['proxy', 'thenable'])('R-8 a result that throws when it is looked at is an error of the method: %s', async (what) => {
    const { runtime } = open();
    const told = resultOf(await runtime.run(actions.tells, { method: 'gives', args: [what] }));
    expect(told).toMatchObject({ name: 'Error', message: 'it cannot be read' });
  });

  it.each([
    [{ service: 'desks', method: 'add' }, 'There is no service `desks`; `services` of this runtime has `desk`'],
    [{ method: 'subtract' }, /^Service `desk` has no method `subtract`; only methods can be called, and `desk` has .*`lookup`.*`count`/],
    [{ method: 'currency' }, /^`desk.currency` is no method but a string; only methods/],
  ])('A-9 of something that is not there is `not_found`, and names what is: %j', async (called, message) => {
    const { runtime } = open();
    const told = resultOf(await runtime.run(actions.tells, called as { method: string })) as { message: string };
    expect(told).toMatchObject({ type: 'not_found' });
    expect(told.message).toMatch(message);
  });

  it('E-8 adds no listener to the channel, however many there are', async () => {
    const { runtime, pool } = open();
    const called = async (): Promise<readonly number[]> => {
      expect(resultOf(await runtime.run(actions.calls, { method: 'add', args: [1, 2] }))).toBe(3);
      const port = pool.threads[0]?.services;
      return ['message', 'messageerror', 'close'].map((event) => port?.listenerCount(event) ?? -1);
    };
    const first = await called();
    expect(first[0]).toBe(1);
    for (let count = 0; count < 20; count++) expect(await called()).toEqual(first);
  });

  it('A-9 where the runtime has no services is `not_found`, and names the option', async () => {
    const { runtime, pool } = open({ services: {} });
    const told = resultOf(await runtime.run(actions.tells, { method: 'add' })) as { message: string };
    expect(told).toMatchObject({ type: 'not_found' });
    expect(told.message).toContain('`createRuntime({ services: { desk } })`');
    expect(pool.threads[0]?.services).toBeUndefined();
  });
});

describe('a call that is pending', () => {
  it('E-7 rejects with the cancel; calls of the cleanup go through', async () => {
    const { runtime, desk } = open();
    const ref = runtime.start(actions.waits, { at: 'window' }, {}, ONCE);
    await until(() => desk.waiting.length === 1);
    await runtime.cancel(ref, 'enough');
    expect(errorOf(await ref.outcome())).toMatchObject({
      type: 'cancelled',
      message: 'Action waits was cancelled: enough',
      details: { reason: 'enough' },
    });
    expect(ref.progress).toEqual({ cleanup: 23 });
  });

  it('E-11 when its attempt returns, is no stray error', async () => {
    const { runtime, events, desk } = open();
    expect(await runtime.run(actions.leaves, { at: 'window' })).toEqual({ ok: true, value: 'left' });
    desk.release('window');
    expect(resultOf(await runtime.run(actions.calls, { method: 'add', args: [1, 2] }))).toBe(3);
    expect(events).toEqual([]);
  });

  it('E-10 rejects when its host is gone', async () => {
    const { runtime, pool, desk } = open();
    const ref = runtime.start(actions.tells, { method: 'waits', args: ['window'] }, {}, ONCE);
    await until(() => desk.waiting.length === 1);
    const [caller] = desk.callers;
    expect(caller?.signal.aborted).toBe(false);
    pool.threads[0]?.end({ exitCode: 1, error: undefined });
    expect(errorOf(await ref.outcome()).type).toBe('worker_lost');
    await settle();
    expect(caller?.signal.aborted).toBe(true);
  });

  it('E-8 of one task is left alone when another on its lane ends', async () => {
    const { runtime, desk } = open({ threads: { concurrency: 2 } });
    const [first, second] = ['a', 'b'].map((at) => runtime.start(actions.waits, { at }, {}, ONCE));
    await until(() => desk.waiting.length === 2);
    await first?.cancel();
    await settle();
    expect(desk.callers.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    desk.release('b');
    expect(await second?.outcome()).toEqual({ ok: true, value: 'b' });
  });
});

describe('a call after the end of its attempt', () => {
  it('A-9 rejects at once, and reaches nobody', async () => {
    const { runtime } = open();
    await runtime.run(actions.keeps, {});
    expect(resultOf(await runtime.run(actions.keeps, {}))).toMatchObject({
      type: 'invalid_input',
      message: '`ctx.services.desk.add` was called after the attempt of keeps had ended',
    });
  });
});

describe('serviceCaller', () => {
  it('A-9 tells a method who called, also later on, and nobody else', async () => {
    const { runtime, desk } = open({ name: 'local' });
    const ref = runtime.start(actions.calls, { method: 'asks' });
    expect(await ref.outcome()).toEqual({ ok: true, value: { taskId: ref.id, action: 'calls' } });
    expect(serviceCaller()).toBeUndefined();
    expect(await desk.asks()).toEqual({ taskId: undefined, action: undefined });
  });

  it('A-9 has one signal an attempt, aborted once that is over, when it is read after the end too', async () => {
    const { runtime, desk, clock } = open();
    const ref = runtime.start(actions.asksTwice, {}, {}, { maxRetries: 1, backoffMs: 10 });
    await until(() => ref.status === 'retrying');
    await clock.advance(10);
    expect(await ref.outcome()).toEqual({ ok: true, value: 2 });
    await settle();
    const [first, second] = desk.callers;
    expect(first).not.toBe(second);
    expect([first?.signal.aborted, second?.signal.aborted]).toEqual([true, true]);
    expect(second?.signal.reason).toMatchObject({ type: 'cancelled', details: { action: 'asksTwice' } });
  });

  it('A-9 has a signal that as many may listen to as there are calls, without a warning', async () => {
    const { runtime, desk } = open();
    const warnings: Error[] = [];
    const listener = (warning: Error): void => void warnings.push(warning);
    process.on('warning', listener);
    await runtime.run(actions.calls, { method: 'asks' });
    // The warning comes with the eleventh listener.
    for (let count = 0; count < 20; count++) desk.callers[0]?.signal.addEventListener('abort', () => {});
    await settle();
    process.off('warning', listener);
    expect([desk.callers.length, warnings]).toEqual([1, []]);
  });

  it('E-8 a listener of the signal may start work: it is called once the task has settled', async () => {
    const { runtime, desk } = open();
    const ref = runtime.start(actions.waits, { at: 'window' }, {}, ONCE);
    await until(() => desk.callers.length === 1);
    const after: Promise<Outcome>[] = [];
    const statuses: string[] = [];
    desk.callers[0]?.signal.addEventListener('abort', () => {
      statuses.push(ref.status);
      after.push(runtime.run(actions.calls, { method: 'add', args: [2, 2] }));
    });
    await ref.cancel();
    await settle();
    expect(statuses).toEqual(['settled']);
    expect(await Promise.all(after)).toEqual([{ ok: true, value: 4 }]);
  });
});
