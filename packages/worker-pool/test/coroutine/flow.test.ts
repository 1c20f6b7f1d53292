import { describe, expect, it } from 'vitest';
import type { Runtime } from '../../src/index.ts';
import * as actions from '../fixtures/coroutines.ts';
import { settle } from '../support/fake-clock.ts';
import { localRuntime } from '../support/local-pool.ts';

const forever = { timeoutMs: Number.POSITIVE_INFINITY };

async function read<T>(stream: AsyncIterable<T>, into: T[]): Promise<T[]> {
  for await (const value of stream) into.push(value);
  return into;
}

function open(): Runtime {
  return localRuntime({ stateful: { threads: 1 } }).runtime;
}

describe('a coroutine in its thread', () => {
  it('C-6 that lets the error of a yield that does not clone pass ends with that error', async () => {
    const coroutine = open().coroutine(actions.yieldsFunction, {});
    const step = await coroutine.next(undefined, forever);
    expect(step).toMatchObject({ kind: 'thrown', fault: { type: 'uncloneable', details: { path: 'yield' } } });
  });

  it('C-6 is told what it threw though it does not clone', async () => {
    const runtime = open();
    expect(await runtime.coroutine(actions.throwsOddly, { what: 'thrownFunction' }).next(undefined, forever)).toMatchObject({
      kind: 'thrown',
      fault: { type: 'uncloneable', details: { path: 'thrown' } },
    });
    expect(await runtime.coroutine(actions.throwsOddly, { what: 'objectWithFunction' }).next(undefined, forever)).toMatchObject({
      kind: 'thrown',
      error: { kind: 'throw', payload: 'odd' },
      fault: { type: 'execution_error', message: 'odd' },
    });
    expect(await runtime.coroutine(actions.throwsOddly, { what: 'proxy' }).next(undefined, forever)).toMatchObject({
      kind: 'thrown',
      fault: { type: 'execution_error' },
    });
    expect(await runtime.coroutine(actions.signUp).next(undefined, forever)).toMatchObject({ value: 'get_name' });
  });

  it('A-5, C-6 keeps the directive of a failure that it returned', async () => {
    const coroutine = open().coroutine(actions.throwsOddly, { what: 'directive' });
    expect(await coroutine.outcome(forever)).toMatchObject({ ok: false, directive: 'onward', error: { message: 'no' } });
  });

  it('C-7 whose decoration throws ends with that; one that does not clone is thrown at the yield', async () => {
    const runtime = open();
    expect(await runtime.coroutine(actions.decoratesOddly, { what: 'throws' }).next(undefined, forever)).toMatchObject({
      kind: 'thrown',
      fault: { message: 'no decoration' },
    });
    expect(await runtime.coroutine(actions.decoratesOddly, { what: 'function' }).next(undefined, forever)).toMatchObject({
      kind: 'thrown',
      fault: { type: 'uncloneable', details: { path: expect.stringContaining('data') } },
    });
  });

  it('C-4 what a value became between its check and its sending is thrown where it would have arrived', async () => {
    const runtime = open();
    const coroutine = runtime.coroutine(actions.obeys, {});
    const other = runtime.coroutine(actions.obeys, {});
    await Promise.all([coroutine.next(undefined, forever), other.next(undefined, forever)]);
    // Two at once: a step that follows one alone would leave within `resume`.
    await Promise.all([coroutine.next('yield', forever), other.next('yield', forever)]);
    const value: Record<string, unknown> = {};
    coroutine.resume(value as never);
    value['late'] = () => 1;
    expect(await coroutine.next(undefined, forever)).toMatchObject({ value: { caught: expect.stringContaining('cannot be cloned') } });
  });

  it('C-5 a getter that resumes it while it is being resumed gets no second step in', async () => {
    const coroutine = open().coroutine(actions.echoes);
    await coroutine.next(undefined, forever);
    const sly = {
      get now() {
        if (coroutine.state === 'suspended') coroutine.resume('by the getter');
        return 1;
      },
    };
    expect(() => coroutine.resume(sly)).toThrow(expect.objectContaining({ type: 'not_suspended' }));
    expect(await coroutine.next(undefined, forever)).toMatchObject({ value: 'by the getter', seq: 2 });
  });

  it('C-3 a wait that is aborted before it begins, or has no time, resumes nothing', async () => {
    const coroutine = open().coroutine(actions.echoes);
    await coroutine.next(undefined, forever);
    await expect(coroutine.next('a', { signal: AbortSignal.abort('no') })).rejects.toMatchObject({ type: 'cancelled' });
    await expect(coroutine.next('a', { timeoutMs: 0 })).rejects.toMatchObject({ type: 'timeout' });
    expect(coroutine.state).toBe('suspended');
    expect(await coroutine.next('b', forever)).toMatchObject({ value: 'b', seq: 2 });
  });

  it('C-1 with no time at all begins nothing, and says so', async () => {
    const runtime = open();
    const none = { timeoutMs: 0 };
    expect(await runtime.coroutine(actions.signUp, {}, {}, none).next()).toMatchObject({ kind: 'thrown', fault: { type: 'timeout' } });
    await expect(read(runtime.stream(actions.counts, { to: 1 }, {}, none), [])).rejects.toMatchObject({ type: 'timeout' });
    expect(runtime.stats().statefulLanes).toEqual([]);
  });

  it('C-1 tells nobody of a step before the handle is there', async () => {
    const heard: string[] = [];
    const options = { signal: AbortSignal.abort('at once'), onStep: (step: { kind: string }) => void heard.push(step.kind) };
    const coroutine = open().coroutine(actions.signUp, {}, {}, options);
    expect(heard).toEqual([]);
    await coroutine.outcome(forever);
    expect(heard).toEqual(['cancelled']);
  });

  it('C-10 is left while a step of its iterator is awaited', async () => {
    const coroutine = open().coroutine(actions.obeys, {});
    const steps = coroutine[Symbol.asyncIterator]();
    await steps.next();
    coroutine.resume('wait');
    const pending = steps.next();
    await settle();
    await steps.return?.();
    expect(await pending).toMatchObject({ value: { kind: 'cancelled', reason: 'its reader has left' } });
    expect(await steps.next()).toEqual({ done: true, value: undefined });
  });

  it('C-8 keeps its services across a yield, and may start nothing while it is suspended', async () => {
    const { runtime } = localRuntime({ services: { quick: { answer: () => 42 } } });
    const coroutine = runtime.coroutine(actions.callsServices, {});
    expect(await coroutine.next(undefined, forever)).toMatchObject({ value: 42 });
    expect(await coroutine.next(undefined, forever)).toMatchObject({ value: 42 });
    expect(await coroutine.next(undefined, forever)).toMatchObject({ kind: 'completed', value: expect.stringContaining('suspended') });
  });
});

describe('a stream in its thread', () => {
  it('C-9 gives what was yielded, though the generator changes the object afterwards', async () => {
    expect(await read(open().stream(actions.yieldsOneObject, { to: 5 }), [])).toEqual([0, 1, 2, 3, 4].map((n) => ({ n })));
  });

  it('C-9 loses none of the values before one that does not clone, and cleans up', async () => {
    const values: unknown[] = [];
    await expect(read(open().stream(actions.yieldsFunctionAt, { at: 3 }), values)).rejects.toMatchObject({
      type: 'uncloneable',
      details: { path: 'yield.call' },
    });
    expect(values).toEqual([0, 1, 2, 'cleaned']);
  });

  it('C-9 is credited one by one, and answers several readers in the order they asked', async () => {
    const stream = open().stream(actions.counts, { to: 4 }, {}, { window: 1 });
    const reads = await Promise.all(Array.from({ length: 6 }, () => stream.next()));
    expect(reads.map(({ value }) => value)).toEqual([0, 1, 2, 3, 'all', 'all']);
    expect(reads.map(({ done }) => done)).toEqual([false, false, false, false, true, true]);
  });

  it('E-12, C-9 first read after the end of its runtime or scope rejects, and holds nothing up', async () => {
    const runtime = open();
    const scope = runtime.scope();
    const inScope = scope.stream(actions.counts, { to: 1 });
    await scope.dispose();
    await expect(inScope.next()).rejects.toMatchObject({ type: 'closed' });
    const late = runtime.stream(actions.counts, { to: 1 });
    const closed = runtime.close({ graceMs: Number.POSITIVE_INFINITY });
    await expect(late.next()).rejects.toMatchObject({ type: 'closed' });
    expect(await late.next()).toEqual({ done: true, value: undefined });
    await closed;
  });
});
