import { definePropagator, type Outcome } from '@heddle/core';
import type { Runtime, RuntimeOptions } from '@heddle/worker-pool';
import { describe, expect, it } from 'vitest';
import * as fixture from '../fixtures/propagated.ts';
import { openRuntime, until } from '../support/threads.ts';

const { request, requestContext } = fixture;
const once = { maxRetries: 0 };

function opened(options: RuntimeOptions = {}): ReturnType<typeof openRuntime> {
  return openRuntime({ propagators: [requestContext, fixture.outer, fixture.inner], ...options });
}

const as = <T>(id: string, run: () => T): T => request.run({ id }, run);

async function valueIn(outcome: Promise<Outcome>): Promise<unknown> {
  const ended = await outcome;
  return ended.ok ? ended.value : ended.error.message;
}

/** What the next task on the lane finds. */
const next = (runtime: Runtime): Promise<unknown> => valueIn(runtime.run(fixture.sees, {}));

describe('what is carried into a lane', () => {
  it('R-10 is there for a synchronous task, its hooks and its cleanups, and not for the next', async () => {
    const { runtime, records } = opened();
    expect(await valueIn(as('one', () => runtime.run(fixture.sees, {})))).toEqual({ seen: 'one', log: ['+outer', '+inner'] });
    expect(await valueIn(as('two', () => runtime.run(fixture.seesHooks, {})))).toEqual({ before: 'two' });
    expect(records.find(({ message }) => message === 'cleanup')?.fields['cleanup']).toBe('two');
    expect(await next(runtime)).toEqual({
      seen: undefined,
      log: ['-inner', '-outer', '+outer', '+inner', '-inner', '-outer', '+outer', '+inner'],
    });
  });

  it('R-10 stays through the awaits of an asynchronous task, two of them interleaved', async () => {
    const { runtime } = opened({ threads: { max: 1, concurrency: 2 } });
    const both = ['one', 'two'].map((id) => as(id, () => runtime.run(fixture.seesLater, { turns: 20 })));
    expect(await Promise.all(both.map(valueIn))).toEqual([['one'], ['two']]);
    expect(await valueIn(runtime.run(fixture.seesLater, {}))).toEqual([undefined]);
  });

  it('R-10 is there in every attempt, as it was at the start, and goes when an attempt throws', async () => {
    const { runtime } = opened();
    const ref = as('one', () => runtime.start(fixture.throwsSeen, {}, {}, { maxRetries: 1, backoffMs: 1 }));
    expect(await valueIn(ref.outcome())).toBe('one in attempt 2');
    const attempt = ['+outer', '+inner', 'ran one', '-inner', '-outer'];
    expect(await next(runtime)).toEqual({ seen: undefined, log: [...attempt, ...attempt, '+outer', '+inner'] });
  });

  it('R-10 is there when a task is told to end, and goes with it', async () => {
    const { runtime } = opened();
    const ended = as('one', () => runtime.run(fixture.waitsForever, {}, {}, { timeoutMs: 50 }));
    expect(await ended).toMatchObject({ ok: false, error: { type: 'timeout' } });
    const attempt = ['+outer', '+inner', 'aborted one', '-inner', '-outer'];
    expect(await next(runtime)).toEqual({ seen: undefined, log: [...attempt, '+outer', '+inner'] });
  });

  it('R-10 stays with a late timer of its own task', async () => {
    const { runtime, records } = opened();
    const late = (): unknown[] => records.filter(({ message }) => message === 'late').map(({ fields }) => fields['late']);
    expect(await valueIn(as('one', () => runtime.run(fixture.leavesTimer, {})))).toBe('one');
    expect(await valueIn(as('two', () => runtime.run(fixture.leavesTimer, {})))).toBe('two');
    await until(() => late().length === 2);
    expect(late()).toEqual(['one', 'two']);
  });

  it('E-10 leaves an error nobody caught with the task it belongs to, and the next task clean', async () => {
    const { runtime } = opened({ threads: { max: 1, concurrency: 2 } });
    const other = as('two', () => runtime.run(fixture.seesLater, { turns: 200 }));
    const failed = await as('one', () => runtime.run(fixture.throwsLate, {}, {}, once));
    expect(failed).toMatchObject({ ok: false, error: { details: { uncaught: true }, cause: { message: 'uncaught of one' } } });
    expect(await next(runtime)).toMatchObject({ seen: undefined });
    expect(await valueIn(other)).toEqual(['two']);
  });

  it('R-10 is that of whoever called `map`, for every item', async () => {
    const { runtime } = opened();
    const seen: unknown[] = [];
    const items = as('mapped', () => runtime.map(fixture.sees, [{}, {}, {}, {}], { concurrency: 1 }));
    for await (const { outcome } of items) seen.push(outcome.ok && outcome.value.seen);
    expect(seen).toEqual(['mapped', 'mapped', 'mapped', 'mapped']);
  });

  it('R-10 leaves context, params and transfer as they were', async () => {
    const { runtime } = opened();
    const outcome = as('one', () => runtime.run(fixture.seesLater, { turns: 1 }, { userId: 7 }, { transfer: [] }));
    expect(await valueIn(outcome)).toEqual(['one']);
  });
});

describe('a propagator that fails', () => {
  it('R-10 is told once for each place, and its tasks go on', async () => {
    const { failsToCapture, uncloneable, failsToAttach, asyncAttach, failsToDetach, missing } = fixture;
    const { runtime, events, records } = opened({
      propagators: [failsToCapture, uncloneable, failsToAttach, asyncAttach, failsToDetach, missing, requestContext],
    });
    for (const id of ['one', 'two']) expect(await valueIn(as(id, () => runtime.run(fixture.sees, {})))).toMatchObject({ seen: id });
    await until(() => events.length === 6);
    expect(await valueIn(as('three', () => runtime.run(fixture.sees, {})))).toMatchObject({ seen: 'three' });
    const told = events.map((event) => event.kind === 'propagatorFailed' && [event.propagator, event.place, event.error.type]);
    expect(told.sort()).toEqual([
      ['asyncAttach', 'attach', 'execution_error'],
      ['failsToAttach', 'attach', 'execution_error'],
      ['failsToCapture', 'capture', 'execution_error'],
      ['failsToDetach', 'detach', 'execution_error'],
      ['missing', 'load', 'config_error'],
      ['uncloneable', 'capture', 'uncloneable'],
    ]);
    expect(records.filter(({ message }) => message === 'propagatorFailed')).toHaveLength(6);
  });

  it.each([
    [
      fixture.strictCapture,
      { type: 'execution_error', retryable: false, message: /strictCapture threw in `capture`, for action sees: nothing to catch/ },
    ],
    [fixture.strictUncloneable, { type: 'uncloneable', message: /the value of propagator strictUncloneable\.span\.end/ }],
    [fixture.strictAttach, { type: 'execution_error', message: /strictAttach threw in `attach`: no hold/ }],
    [fixture.strictMissing, { type: 'config_error', retryable: false, message: /Propagator strictMissing: its module .* does not load/ }],
  ] as const)('R-10 fails the task when it is strict: $0.name', async (propagator, { message, ...error }) => {
    const { runtime, events } = opened({ propagators: [fixture.outer, propagator] });
    const outcome = await runtime.run(fixture.sees, {}, {}, once);
    expect(outcome).toMatchObject({ ok: false, error });
    if (!outcome.ok) expect(outcome.error.message).toMatch(message);
    expect(events).toEqual([]);
  });

  it('R-10 fails the task when it is strict and its file does not export it', async () => {
    const { runtime } = opened({ propagators: [fixture.unexported.hidden] });
    expect(await valueIn(runtime.run(fixture.sees, {}))).toMatch(
      /Propagator hidden: its module .* does not export it, but `.*write `export const hidden = definePropagator/,
    );
  });
});

describe('what a propagator in a lane tells its half on the host', () => {
  it('R-10 is there in its order, before the outcome of the attempt, and says whose it is', async () => {
    const heard: unknown[] = [];
    const telling = definePropagator({ ...fixture.telling, receive: (message) => void heard.push(message) });
    const { runtime } = opened({ propagators: [requestContext, telling] });
    const ref = runtime.start(fixture.sees, {});
    await ref.outcome();
    expect(heard).toEqual([{ value: 'carried', taskId: ref.id, action: 'sees', attempt: 1, role: 'run' }, 'ended']);
    await runtime.run(fixture.throwsSeen, {}, {}, { maxRetries: 1, backoffMs: 1 });
    expect(heard.slice(2)).toMatchObject([{ attempt: 1 }, 'ended', { attempt: 2 }, 'ended']);
  });

  it('R-10 changes nothing when hearing it throws, which is told once', async () => {
    const receive = (): void => {
      throw new Error('deaf');
    };
    const { runtime, events } = opened({ propagators: [definePropagator({ ...fixture.telling, receive })] });
    expect(await valueIn(runtime.run(fixture.sees, {}))).toMatchObject({ seen: undefined });
    expect(await valueIn(runtime.run(fixture.sees, {}))).toMatchObject({ seen: undefined });
    expect(events).toMatchObject([{ kind: 'propagatorFailed', propagator: 'telling', place: 'receive', error: { message: 'deaf' } }]);
  });
});
