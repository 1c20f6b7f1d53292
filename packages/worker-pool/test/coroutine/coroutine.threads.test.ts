import type { HeddleError, Step } from '@heddle/core';
import { describe, expect, expectTypeOf, it } from 'vitest';
import * as actions from '../fixtures/coroutines.ts';
import { add } from '../fixtures/plain.ts';
import { openRuntime, until } from '../support/threads.ts';

const caught = (call: () => unknown): HeddleError => {
  try {
    call();
  } catch (error) {
    return error as HeddleError; // nothing else is thrown
  }
  throw new Error('it did not throw');
};

describe('a coroutine', () => {
  it('C-1, C-3 yields, is resumed with a value, and ends, typed all the way', async () => {
    const { runtime } = openRuntime();
    const wizard = runtime.coroutine(actions.signUp, { plan: 'pro' }, {}, { tag: 'sign-up' });
    const first = await wizard.next();
    expectTypeOf(first).toEqualTypeOf<Step<'get_name' | 'get_email', { name: string; email: string; plan: string }>>();
    expect(first).toEqual({ kind: 'suspended', value: 'get_name', data: null, tag: 'sign-up', seq: 1 });
    expect([wizard.state, wizard.status]).toEqual(['suspended', 'suspended']);
    // @ts-expect-error a string is due
    expect(await wizard.next(42)).toMatchObject({ kind: 'suspended', value: 'get_email' });
    const last = await wizard.next('alice@example.com');
    expect(last).toEqual({ kind: 'completed', value: { name: 42, email: 'alice@example.com', plan: 'pro' }, tag: 'sign-up', seq: 3 });
    expect(await wizard.outcome()).toMatchObject({ ok: true, value: { plan: 'pro' } });
    expect(wizard.state).toBe('settled');
    expect(await wizard.next()).toBe(last);
    expect(runtime.stats()).toMatchObject({ coroutines: { open: 0, suspended: 0 }, completed: 1 });
  });

  it('C-1, C-2 tells every step to `onStep`, but those that somebody else asked for; the last to both', async () => {
    const { runtime } = openRuntime();
    const heard: Step[] = [];
    const asked: Step[] = [];
    const coroutine = runtime.coroutine(actions.echoes, {}, {}, { onStep: (step) => heard.push(step) });
    await until(() => heard.length === 1);
    coroutine.resume('a');
    await until(() => heard.length === 2);
    coroutine.resume('b', { replyTo: (step) => asked.push(step) });
    await until(() => asked.length === 1);
    coroutine.resume('c');
    await until(() => heard.length === 3);
    coroutine.resume('stop', { replyTo: (step) => asked.push(step) });
    await until(() => asked.length === 2);
    expect(heard.map((step) => ('value' in step ? step.value : step.kind))).toEqual(['ready', 'a', 'c', 3]);
    expect(asked.map((step) => ('value' in step ? step.value : step.kind))).toEqual(['b', 3]);
    expect([...heard, asked[0]].map((step) => step?.seq)).toEqual([1, 2, 4, 5, 3]);
  });

  it('C-5 is resumed only while it is suspended, and says so at once otherwise', async () => {
    const { runtime } = openRuntime();
    const coroutine = runtime.coroutine(actions.obeys, {});
    expect(caught(() => coroutine.resume('yield'))).toMatchObject({ type: 'not_suspended' });
    await expect(coroutine.next('yield')).rejects.toMatchObject({ type: 'not_suspended' });
    await coroutine.next();
    coroutine.resume('wait');
    expect(caught(() => coroutine.resume('yield'))).toMatchObject({ type: 'not_suspended' });
    await coroutine.cancel();
    expect(caught(() => coroutine.throwIn(new Error('late')))).toMatchObject({
      type: 'not_suspended',
      message: expect.stringContaining('has ended'),
    });
    await expect(coroutine.next('yield')).rejects.toMatchObject({ type: 'not_suspended' });
  });

  it('C-3 keeps a step that came after its wait had been given up for the next one', async () => {
    const { runtime } = openRuntime();
    const coroutine = runtime.coroutine(actions.obeys, {});
    await coroutine.next();
    const controller = new AbortController();
    const wait = coroutine.next('yield', { signal: controller.signal });
    controller.abort();
    await expect(wait).rejects.toMatchObject({ type: 'cancelled' });
    await until(() => coroutine.state === 'suspended');
    expect(await coroutine.next()).toMatchObject({ value: { obeyed: 'yield' } });
    await expect(coroutine.next('wait', { timeoutMs: 20 })).rejects.toMatchObject({ type: 'timeout' });
    expect(coroutine.state).toBe('computing');
    void coroutine.cancel('enough');
    expect(await coroutine.next()).toMatchObject({ kind: 'cancelled', reason: 'enough' });
  });

  it('C-5 a value for a step that nobody has been given is refused', async () => {
    const { runtime } = openRuntime();
    const coroutine = runtime.coroutine(actions.echoes);
    await until(() => coroutine.state === 'suspended');
    await expect(coroutine.next('yield')).rejects.toMatchObject({ type: 'not_suspended' });
    expect(await coroutine.next()).toMatchObject({ kind: 'suspended', value: 'ready' });
    expect(await coroutine.next('yield')).toMatchObject({ kind: 'suspended', value: 'yield' });
  });

  it('C-2 is thrown into, and goes on where it catches', async () => {
    const { runtime } = openRuntime();
    const coroutine = runtime.coroutine(actions.obeys, {});
    await coroutine.next();
    await coroutine.next('yield');
    coroutine.throwIn(Object.assign(new Error('not now'), { code: 'E_LATER' }));
    expect(await coroutine.next()).toMatchObject({ kind: 'suspended', value: { caught: 'not now' } });
    await coroutine.next('yield');
    coroutine.throwIn({ plain: true });
    expect(await coroutine.next()).toMatchObject({ value: { caught: { plain: true } } });
    expect(await coroutine.next('return')).toMatchObject({ kind: 'completed', value: 'returned' });
  });

  it.each([
    ['thrown', { error: { reason: 'taken' } }],
    [
      'error',
      {
        error: { kind: 'error', payload: { message: 'it broke', code: 'E_BROKE' }, stack: expect.stringContaining('it broke') },
        fault: { type: 'execution_error', message: 'it broke' },
      },
    ],
    ['text', { error: { kind: 'throw', payload: 'just text' }, fault: { type: 'execution_error' } }],
    ['exit', { error: { kind: 'exit', payload: { type: 'worker_lost' } }, fault: { type: 'worker_lost' } }],
  ] as const)('C-6 tells what it threw: %s', async (command, expected) => {
    const { runtime } = openRuntime();
    const coroutine = runtime.coroutine(actions.obeys, {});
    await coroutine.next();
    const step = await coroutine.next(command);
    expect(step).toMatchObject({ kind: 'thrown', ...expected });
    expect(await coroutine.outcome()).toMatchObject({ ok: false, error: step.kind === 'thrown' ? { type: step.fault.type } : {} });
    expect(await runtime.coroutine(actions.signUp).next()).toMatchObject({ value: 'get_name' });
  });

  it('C-6 ends as cancelled by an error of that type, with a directive by the one it returned', async () => {
    const { runtime } = openRuntime();
    const one = runtime.coroutine(actions.obeys, {});
    await one.next();
    expect(await one.next('cancelled')).toMatchObject({ kind: 'cancelled', reason: 'I give up' });
    const two = runtime.coroutine(actions.obeys, {});
    await two.next();
    expect(await two.next('directive')).toMatchObject({ kind: 'completed', value: 'returned', directive: 'onward' });
    expect(await two.outcome()).toMatchObject({ ok: true, directive: 'onward' });
  });

  it('C-4 cleans up inner first and once, when cancelled where it waits', async () => {
    const { runtime, records } = openRuntime();
    const coroutine = runtime.coroutine(actions.nests, {});
    await coroutine.next();
    expect(await coroutine.stop({ reason: 'changed my mind' })).toMatchObject({ kind: 'cancelled', reason: 'changed my mind' });
    expect(records.map(({ message }) => message)).toEqual(['inner cleaned', 'outer cleaned', 'deferred']);
    expect(await coroutine.cancel()).toMatchObject({ ok: true });
    expect(await coroutine.outcome()).toMatchObject({ ok: false, error: { type: 'cancelled' } });
  });

  it('C-4 a yield in cleanup is an error, and so is a throw; the rest of the cleanup runs', async () => {
    const { runtime, records } = openRuntime();
    for (const [cleanup, message] of [
      ['yields', 'yielded while it was cleaned up'],
      ['throws', 'cleanup broke'],
    ] as const) {
      const coroutine = runtime.coroutine(actions.nests, { cleanup });
      await coroutine.next();
      const step = await coroutine.stop();
      expect(step).toMatchObject({ kind: 'thrown', fault: { message: expect.stringContaining(message) } });
    }
    expect(records.map(({ message }) => message)).toEqual([...Array(2)].flatMap(() => ['inner cleaned', 'outer cleaned', 'deferred']));
  });

  it('C-4 is cancelled in async code through its signal, and in a loop by asking', async () => {
    const { runtime, records } = openRuntime();
    for (const command of ['wait', 'spinPolitely'] as const) {
      let working = false;
      const coroutine = runtime.coroutine(
        actions.obeys,
        {},
        {},
        {
          onProgress: () => {
            working = true;
          },
        },
      );
      await coroutine.next();
      const last = coroutine.next(command);
      await until(() => working);
      expect(coroutine.state).toBe('computing');
      void coroutine.cancel('enough');
      expect(coroutine.state).toBe('cancelling');
      expect(await last).toMatchObject({ kind: 'cancelled', reason: 'enough' });
    }
    expect(records.map(({ message }) => message)).toEqual([...Array(2)].flatMap(() => ['finally', 'deferred last', 'deferred first']));
    expect(runtime.stats().lanesKilled).toBe(0);
  });

  it('C-4, C-10 a loop that hears nothing is forced, and takes what is suspended on its lane along', async () => {
    const { runtime } = openRuntime({ graceMs: 10, stateful: { threads: 1 } });
    const beside = runtime.coroutine(actions.signUp);
    await beside.next();
    const spinning = runtime.coroutine(actions.obeys, {});
    await spinning.next();
    const last = spinning.next('spin');
    await until(() => spinning.state === 'computing');
    await spinning.cancel('enough');
    expect(await last).toMatchObject({ kind: 'cancelled', reason: 'enough' });
    expect(await beside.next()).toMatchObject({ kind: 'thrown', error: { kind: 'exit', payload: { type: 'worker_lost' } } });
    expect(await runtime.coroutine(actions.signUp).next()).toMatchObject({ value: 'get_name' });
  });

  it('C-4 cleans up too when it is cancelled after it was resumed and before it went on', async () => {
    const { runtime, records } = openRuntime({ stateful: { threads: 1 } });
    const coroutines = [1, 2, 3].map(() => runtime.coroutine(actions.counts, { to: 10 }));
    for (const coroutine of coroutines) await coroutine.next();
    for (const coroutine of coroutines) coroutine.resume(undefined);
    const ended = await Promise.all(coroutines.map((coroutine) => coroutine.stop()));
    expect(ended.map(({ kind }) => kind)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(records.map(({ message }) => message)).toEqual(['cleaned', 'cleaned', 'cleaned']);
  });

  it('C-4 a cancel before it began runs no cleanup', async () => {
    const { runtime, records } = openRuntime();
    const coroutine = runtime.coroutine(actions.nests, {});
    expect(await coroutine.stop()).toMatchObject({ kind: 'cancelled', reason: 'cancelled' });
    const aborted = runtime.coroutine(actions.nests, {}, {}, { signal: AbortSignal.abort('never') });
    expect(await aborted.next()).toMatchObject({ kind: 'cancelled', reason: 'never' });
    expect(records).toEqual([]);
  });

  it('C-7 is decorated by what is active, computed afresh', async () => {
    const { runtime } = openRuntime();
    const coroutine = runtime.coroutine(actions.decorates, {});
    const data = [];
    for await (const step of coroutine) data.push(step.kind === 'suspended' ? step.data : step.kind);
    expect(data).toEqual([null, { count: 1 }, { count: 2, phase: 'late' }, { phase: 'late' }, 'completed']);
  });

  it('C-10 is iterated, resumed with nothing in between, and cancelled by leaving early', async () => {
    const { runtime, records } = openRuntime();
    const coroutine = runtime.coroutine(actions.nests, {});
    for await (const step of coroutine) {
      expect(step).toMatchObject({ value: 'inner' });
      break;
    }
    expect(coroutine.state).toBe('settled');
    expect(records.length).toBe(3);
  });

  it('C-5 a value that its schema refuses, or that does not clone, leaves it as it was', async () => {
    const { runtime } = openRuntime();
    const coroutine = runtime.coroutine(actions.takesNumbers);
    expect(await coroutine.next()).toMatchObject({ value: 1 });
    await expect(coroutine.next('two' as never)).rejects.toMatchObject({ type: 'validation_error' });
    expect(caught(() => coroutine.resume((() => 1) as never))).toMatchObject({ type: 'uncloneable' });
    expect(await coroutine.next(2)).toMatchObject({ value: 3 });
    expect(await coroutine.next(3)).toMatchObject({ kind: 'completed', value: 6 });
  });

  it('C-6 what it yields and does not clone is thrown where it yields; what it returns and does not clone ends it', async () => {
    const { runtime } = openRuntime();
    const coroutine = runtime.coroutine(actions.obeys, {});
    await coroutine.next();
    expect(await coroutine.next('uncloneable')).toMatchObject({
      kind: 'suspended',
      value: { caught: expect.stringContaining('cannot be cloned') },
    });
    expect(await coroutine.next('uncloneableReturn')).toMatchObject({ kind: 'thrown', fault: { type: 'uncloneable' } });
  });

  it('C-1 what is wrong with action or params is its one step; options throw', async () => {
    const { runtime } = openRuntime({ stateful: { limit: 1 } });
    expect(await runtime.coroutine(actions.plainly as never).next()).toMatchObject({
      kind: 'thrown',
      fault: { type: 'invalid_action' },
      seq: 1,
    });
    expect(await runtime.coroutine(actions.takesNumbers, { from: 'x' } as never).next()).toMatchObject({
      kind: 'thrown',
      fault: { type: 'validation_error' },
    });
    expect(caught(() => runtime.coroutine(actions.signUp, {}, {}, { maxRetries: 1 } as never))).toMatchObject({
      type: 'invalid_input',
      message: expect.stringContaining('`maxRetries`'),
    });
    const one = runtime.coroutine(actions.signUp);
    expect(await runtime.coroutine(actions.signUp).next()).toMatchObject({ kind: 'thrown', fault: { type: 'limit_exceeded' } });
    await one.stop();
    expect(await runtime.coroutine(actions.signUp).next()).toMatchObject({ kind: 'suspended' });
  });

  it('C-1 has limits: of a stretch of computing, of being suspended, of the whole', async () => {
    const { runtime, records } = openRuntime();
    const slow = runtime.coroutine(actions.obeys, {}, {}, { timeoutMs: 500 });
    await slow.next();
    expect(await slow.next('wait')).toMatchObject({ kind: 'thrown', fault: { type: 'timeout' } });
    const idle = runtime.coroutine(actions.nests, {}, {}, { suspendTimeoutMs: 5 });
    await idle.next();
    expect(await idle.outcome()).toMatchObject({
      ok: false,
      error: { type: 'timeout', message: expect.stringContaining('suspendTimeoutMs') },
    });
    expect(records.map(({ message }) => message)).toContain('inner cleaned');
    const whole = runtime.coroutine(actions.nests, {}, {}, { totalTimeoutMs: 20 });
    await whole.next();
    expect(await whole.outcome()).toMatchObject({ ok: false, error: { type: 'timeout', details: { clock: 'total' } } });
  });

  it('E-5, E-6, E-12 belongs to its scope, is cancelled by its id, and ends with its runtime', async () => {
    const { runtime } = openRuntime();
    const scope = runtime.scope({ name: 'request' });
    const inScope = scope.coroutine(actions.signUp);
    const unlinked = scope.coroutine(actions.signUp, {}, {}, { link: false });
    await Promise.all([inScope.next(), unlinked.next()]);
    expect(inScope.owner).toBe('request');
    await scope.dispose();
    expect([inScope.state, unlinked.state]).toEqual(['settled', 'suspended']);
    expect(await runtime.cancel(unlinked.id, 'by id')).toMatchObject({ ok: true });
    expect(await unlinked.next()).toMatchObject({ kind: 'cancelled', reason: 'by id' });
    const last = runtime.coroutine(actions.nests, {});
    await last.next();
    await runtime.close({ graceMs: 60_000 });
    expect(await last.next()).toMatchObject({ kind: 'cancelled', reason: expect.stringContaining('was closed') });
    expect(caught(() => runtime.coroutine(actions.signUp))).toMatchObject({ type: 'closed' });
  });

  it('E-11 what a timer of a suspended one throws is told of it, and it goes on', async () => {
    const { runtime, events } = openRuntime();
    const coroutine = runtime.coroutine(actions.obeys, {});
    await coroutine.next();
    await coroutine.next('late');
    await until(() => events.length > 0);
    expect(events).toMatchObject([{ kind: 'strayError', taskId: coroutine.id, action: 'obeys' }]);
    expect(await coroutine.next('return')).toMatchObject({ kind: 'completed' });
  });

  it('C-8 holds no lane while it is suspended', async () => {
    const { runtime } = openRuntime({ stateful: { threads: 1 } });
    const coroutines = Array.from({ length: 3000 }, () => runtime.coroutine(actions.echoes));
    await Promise.all(coroutines.map((coroutine) => coroutine.next()));
    expect(runtime.stats().coroutines).toEqual({ open: 3000, suspended: 3000 });
    expect(runtime.stats().statefulLanes).toMatchObject([{ inFlight: 0 }]);
    expect(await runtime.run(add, { a: 1 })).toMatchObject({ ok: true });
    const steps = await Promise.all(coroutines.map((coroutine, index) => coroutine.next(index)));
    expect(steps.map((step) => 'value' in step && step.value)).toEqual(coroutines.map((_, index) => index));
    await Promise.all(coroutines.map((coroutine) => coroutine.next('stop')));
    expect(runtime.stats()).toMatchObject({ coroutines: { open: 0, suspended: 0 }, completed: 3001 });
  });
});
