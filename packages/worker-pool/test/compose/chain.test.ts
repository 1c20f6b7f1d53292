import { fail, HeddleError, isOutcome, ok } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { runChain } from '../../src/compose/chain.ts';
import { settle } from '../support/fake-clock.ts';
import { FakeHost, named, untilAborted } from '../support/fake-host.ts';

const [a, b, c] = [named('a'), named('b'), named('c')];

describe('chain', () => {
  it('R-12 merges each result into the next step’s params; overrides win, and go on with them', async () => {
    const host = new FakeHost({ a: () => ({ x: 1, y: 1 }), b: () => ({ y: 2 }), c: () => ({ z: 3 }) });
    const outcome = await runChain(host, [a, [b, { x: 9 }], c], { w: 0, x: 0 }, { user: 7 }, undefined);
    expect(host.asked.map(({ params }) => params)).toEqual([
      { w: 0, x: 0 },
      { w: 0, x: 9, y: 1 },
      { w: 0, x: 9, y: 2 },
    ]);
    expect(host.asked.map(({ context }) => context)).toEqual([{ user: 7 }, { user: 7 }, { user: 7 }]);
    expect(outcome).toMatchObject({ ok: true, value: { z: 3 } });
    expect(isOutcome(outcome)).toBe(true);
  });

  it('R-12 writes into none of what it was given', async () => {
    const host = new FakeHost({ a: () => Object.freeze({ x: 1 }), b: () => ({ y: 2 }) });
    const steps = Object.freeze([a, Object.freeze([b, Object.freeze({ x: 2 })])]);
    expect(await runChain(host, steps, Object.freeze({ w: 0 }), undefined, Object.freeze({}))).toMatchObject({ ok: true });
  });

  it('R-12 keeps a `__proto__` key of a result a key', async () => {
    const host = new FakeHost({ a: () => JSON.parse('{"__proto__":{"admin":true}}') as object, b: () => ({}) });
    await runChain(host, [a, b], {}, undefined, undefined);
    expect(host.asked[1]?.params).not.toHaveProperty('admin');
    expect(Object.keys(host.asked[1]?.params ?? {})).toEqual(['__proto__']);
  });

  it('R-12 gives the params back when there are no steps', async () => {
    const params = { x: 1 };
    const outcome = await runChain(new FakeHost(), [], params, undefined, undefined);
    expect(outcome).toMatchObject({ ok: true, directives: [] });
    expect(outcome.ok && outcome.value).toBe(params);
    expect(await runChain(new FakeHost(), [], undefined, undefined, undefined)).toMatchObject({ ok: true, value: {} });
  });

  it('R-12 stops at the first error, which names its step, and is otherwise the step’s own', async () => {
    const error = new HeddleError('worker_lost', 'gone', { details: { exitCode: 9 }, cause: 'why', retryable: false });
    const host = new FakeHost({ a: () => ({}), b: () => fail(error) });
    const outcome = await runChain(host, [a, b, c], {}, undefined, undefined);
    expect(host.names).toEqual(['a', 'b']);
    expect(outcome).toMatchObject({
      ok: false,
      error: { type: 'worker_lost', message: 'gone', cause: 'why', retryable: false, details: { exitCode: 9, step: 1, action: 'b' } },
    });
    expect(!outcome.ok && outcome.error.stack).toBe(error.stack);
    expect(error.details).toEqual({ exitCode: 9 });
  });

  it.each([[5], [undefined], [null], [[1]], [new Map()], ['text']])('R-12 refuses a result that is no plain object: %s', async (result) => {
    for (const steps of [[a], [a, b]]) {
      const outcome = await runChain(new FakeHost({ a: () => ok(result, 'kept') }), steps, {}, undefined, undefined);
      expect(outcome).toMatchObject({
        ok: false,
        error: { type: 'validation_error', message: expect.stringContaining('Step 0 (a)'), details: { step: 0, action: 'a' } },
        directive: 'kept',
      });
    }
  });

  it('R-12, A-5 keeps every directive in order, and the newest as the chain’s own', async () => {
    const host = new FakeHost({ a: () => ok({}, 'first'), b: () => ({}), c: () => ok({}, 'third') });
    const directives = [
      { step: 0, action: 'a', directive: 'first' },
      { step: 2, action: 'c', directive: 'third' },
    ];
    expect(await runChain(host, [a, b, c], {}, undefined, undefined)).toMatchObject({ ok: true, directive: 'third', directives });
    expect(await runChain(host, [a, b], {}, undefined, undefined)).toMatchObject({ ok: true, directive: 'first' });
    expect(await runChain(host, [b], {}, undefined, undefined)).not.toHaveProperty('directive');
    const failing = new FakeHost({ a: () => ok({}, 'first'), b: () => fail('no', 'last') });
    expect(await runChain(failing, [a, b], {}, undefined, undefined)).toMatchObject({
      ok: false,
      directive: 'last',
      directives: [{ directive: 'first' }, { step: 1, action: 'b', directive: 'last' }],
    });
  });

  it('R-2 takes an outcome for its value, and a failed one for the result', async () => {
    const host = new FakeHost({ a: () => ({}) });
    expect(await runChain(host, [a], ok({ x: 1 }), undefined, undefined)).toMatchObject({ ok: true });
    expect(host.asked[0]?.params).toEqual({ x: 1 });
    expect(await runChain(host, [a], fail('before', 'kept'), undefined, undefined)).toMatchObject({
      ok: false,
      error: { message: 'before' },
      directive: 'kept',
      directives: [],
    });
    expect(await runChain(host, [], [], undefined, undefined)).toMatchObject({
      ok: false,
      error: { type: 'invalid_input', message: expect.stringContaining('Invalid params type') },
    });
    expect(host.asked).toHaveLength(1);
  });

  it('R-12 looks at every step before any runs', async () => {
    const host = new FakeHost({ a: () => ({}) });
    expect(await runChain(host, [a, () => 1], {}, undefined, undefined)).toMatchObject({
      ok: false,
      error: { type: 'invalid_action', details: { step: 1, action: 'a function' } },
    });
    for (const steps of [undefined, a, [a, [b, 7]], [a, [b, {}, {}, {}]]]) {
      expect(await runChain(host, steps, {}, undefined, undefined)).toMatchObject({ ok: false, error: { type: 'config_error' } });
    }
    expect(host.names).toEqual([]);
  });

  it('R-3 rejects for options at fault, of the chain or a step, before anything runs', async () => {
    const host = new FakeHost();
    const faulty = [{ timeoutMs: -1 }, { zip: 1 }, { interrupt: true }, { transfer: [] }, { deadline: Number.NaN }, 7];
    for (const options of faulty) {
      await expect(runChain(host, [a], {}, undefined, options)).rejects.toMatchObject({ type: 'invalid_input' });
    }
    await expect(runChain(host, [a, [b, {}, { timeoutMs: -1 }]], {}, undefined, undefined)).rejects.toMatchObject({
      type: 'invalid_input',
    });
    expect(host.names).toEqual([]);
  });

  it('R-12 gives each step the chain’s options, under its own', async () => {
    const host = new FakeHost({ a: () => ({}), b: () => ({}) });
    const steps = [a, [b, undefined, { timeoutMs: 5, maxRetries: undefined }]];
    await runChain(host, steps, {}, undefined, { timeoutMs: 9, maxRetries: 3, interrupt: () => false });
    expect(host.asked.map(({ options }) => options)).toEqual([
      { timeoutMs: 9, maxRetries: 3 },
      { timeoutMs: 5, maxRetries: 3 },
    ]);
  });

  it('R-12 is interrupted before any step, the first included, with what there is so far', async () => {
    const host = new FakeHost({ a: () => ok({ y: 1 }, 'kept') });
    let asked = 0;
    const second = await runChain(host, [a, b], { x: 0 }, undefined, { interrupt: () => ++asked === 2 });
    expect(second).toMatchObject({
      ok: false,
      error: {
        type: 'cancelled',
        message: 'The chain was interrupted before step 1 (b)',
        details: { step: 1, action: 'b', reason: 'interrupted', partial: { x: 0, y: 1 } },
      },
      directive: 'kept',
    });
    const first = await runChain(host, [a], { x: 0 }, undefined, { interrupt: () => true });
    expect(first).toMatchObject({ ok: false, error: { type: 'cancelled', details: { step: 0, partial: { x: 0 } } } });
    expect(host.names).toEqual(['a']);
  });

  it('R-12 ends with what `interrupt` throws', async () => {
    const interrupt = (): boolean => {
      throw new Error('mine');
    };
    const outcome = await runChain(new FakeHost(), [a], {}, undefined, { interrupt });
    expect(outcome).toMatchObject({ ok: false, error: { type: 'execution_error', message: 'mine', details: { step: 0, action: 'a' } } });
  });

  it('R-12 begins no step after its signal fired, and hands the signal to each', async () => {
    const controller = new AbortController();
    const abort = (): object => {
      controller.abort('enough');
      return {};
    };
    const host = new FakeHost({ a: abort });
    const outcome = await runChain(host, [a, b], { x: 0 }, undefined, { signal: controller.signal });
    expect(host.asked.map(({ options }) => options.signal)).toEqual([controller.signal]);
    expect(outcome).toMatchObject({
      ok: false,
      error: { type: 'cancelled', details: { step: 1, action: 'b', reason: 'enough', partial: { x: 0 } } },
    });
  });

  it('R-12 lets the signal of a step and that of the chain each end the step', async () => {
    for (const which of [0, 1]) {
      const controllers = [new AbortController(), new AbortController()];
      const host = new FakeHost({ a: (_params, options) => untilAborted(options) });
      const [chains, steps] = controllers;
      const running = runChain(host, [[a, {}, { signal: steps?.signal }]], {}, undefined, { signal: chains?.signal });
      await settle();
      controllers[which]?.abort();
      expect(await running).toMatchObject({ ok: false, error: { type: 'cancelled', details: { step: 0 } } });
    }
  });

  it('R-12 takes an `instance` that there is not for a fault of its options, before anything runs', async () => {
    const host = new FakeHost({ a: () => ({}) });
    await expect(runChain(host, [a], {}, undefined, { instance: 'x' })).rejects.toMatchObject({ type: 'not_found' });
    await expect(runChain(host, [a, [b, {}, { instance: 'x' }]], {}, undefined, undefined)).rejects.toMatchObject({ type: 'not_found' });
    expect(host.names).toEqual([]);
  });

  it('R-12 gives each step the earlier of its own deadline and the chain’s', async () => {
    const host = new FakeHost({ a: () => ({}) });
    const steps = [a, [a, {}, { deadline: 50 }], [a, {}, { deadline: 200 }], [a, {}, { timeoutMs: 1 }]];
    await runChain(host, steps, {}, undefined, { deadline: 100 });
    expect(host.asked.map(({ options }) => options.deadline)).toEqual([100, 50, 100, 100]);
    await runChain(
      host,
      [
        [a, {}, { deadline: 7 }],
        [a, {}, {}],
      ],
      {},
      undefined,
      undefined,
    );
    expect(host.asked.slice(4).map(({ options }) => options)).toEqual([{ deadline: 7 }, {}]);
  });

  it('R-1 tells of a runtime that was closed under way by the outcome', async () => {
    const host = new FakeHost({
      a: () => ({}),
      b: () => {
        throw new HeddleError('closed', 'Runtime heddle is closed');
      },
    });
    expect(await runChain(host, [a, b], {}, undefined, undefined)).toMatchObject({
      ok: false,
      error: { type: 'closed', details: { step: 1, action: 'b' } },
    });
  });
});
