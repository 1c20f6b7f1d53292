import { fail, HeddleError, isOutcome, ok } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { runPlan } from '../../src/compose/plan.ts';
import { settle } from '../support/fake-clock.ts';
import { FakeHost, named, untilAborted } from '../support/fake-host.ts';
import { gate } from '../support/gate.ts';

const [a, b, c, d] = [named('a'), named('b'), named('c'), named('d')];

describe('plan', () => {
  it('R-12 gives the results by name, each step run with those it needs', async () => {
    const host = new FakeHost({ a: () => 1, b: () => ok(2, 'noted'), c: () => 3, d: () => 4 });
    const steps = {
      last: { action: d, needs: ['left', 'right'] },
      left: { action: b, needs: ['first'], params: ({ first }: { first: number }) => ({ n: first + 10 }) },
      right: { action: c, needs: ['first'], params: { fixed: true } },
      first: { action: a },
    };
    const outcome = await runPlan(host, steps, { user: 7 }, undefined);
    expect(host.asked.map(({ name, params }) => [name, params])).toEqual([
      ['a', {}],
      ['b', { n: 11 }],
      ['c', { fixed: true }],
      ['d', { left: 2, right: 3 }],
    ]);
    expect(host.asked.every(({ context }) => (context as { user: number }).user === 7)).toBe(true);
    expect(outcome).toMatchObject({ ok: true, value: { last: 4, left: 2, right: 3, first: 1 } });
    expect(outcome.outcomes).toMatchObject({ left: { ok: true, value: 2, directive: 'noted' } });
    expect(Object.keys(outcome.outcomes)).toEqual(['last', 'left', 'right', 'first']);
    expect(isOutcome(outcome)).toBe(true);
  });

  it('R-12 runs a step as soon as what it needs is there, not when a phase is over', async () => {
    const slow = gate('plan-slow');
    const host = new FakeHost({ a: () => 1, b: async () => void (await slow.pass()), c: () => 3 });
    const running = runPlan(host, { a: { action: a }, b: { action: b }, c: { action: c, needs: ['a'] } }, undefined, undefined);
    await settle();
    expect(host.names).toEqual(['a', 'b', 'c']);
    slow.open();
    expect(await running).toMatchObject({ ok: true });
  });

  it('R-12 is done at once when it has no steps', async () => {
    expect(await runPlan(new FakeHost(), {}, undefined, undefined)).toMatchObject({ ok: true, value: {}, outcomes: {} });
  });

  it('R-12 keeps what needs a failed step from running, at any distance, and lets the others finish', async () => {
    const error = new HeddleError('execution_error', 'no', { details: { sku: 1 } });
    const host = new FakeHost({ a: () => fail(error, 'kept'), b: () => 2, c: () => 3, d: () => 4 });
    const steps = {
      bad: { action: a },
      fine: { action: b },
      near: { action: c, needs: ['fine', 'bad'] },
      far: { action: c, needs: ['near'] },
      after: { action: d, needs: ['fine'] },
    };
    const outcome = await runPlan(host, steps, undefined, undefined);
    expect(host.names).toEqual(['a', 'b', 'd']);
    expect(outcome).toMatchObject({ ok: false, error: { message: 'no', details: { sku: 1, step: 'bad', action: 'a' } } });
    expect(outcome.outcomes).toMatchObject({
      bad: { ok: false, directive: 'kept', error: { type: 'execution_error' } },
      fine: { ok: true, value: 2 },
      near: { ok: false, error: { type: 'cancelled', details: { step: 'near', action: 'c', need: 'bad' }, cause: { message: 'no' } } },
      far: { ok: false, error: { type: 'cancelled', details: { step: 'far', need: 'near' } } },
      after: { ok: true, value: 4 },
    });
  });

  it('R-12 ends with the error that came first, whatever its place', async () => {
    const door = gate('plan-first');
    const host = new FakeHost({
      a: async () => {
        await door.pass();
        return fail('late');
      },
      b: () => fail('early'),
    });
    const running = runPlan(host, { a: { action: a }, b: { action: b } }, undefined, undefined);
    await settle();
    door.open();
    expect(await running).toMatchObject({ ok: false, error: { message: 'early' }, outcomes: { a: { error: { message: 'late' } } } });
  });

  it.each([
    [{ a: { action: a, needs: ['a'] } }, 'a → a'],
    [{ a: { action: a, needs: ['b'] }, b: { action: b, needs: ['a'] } }, 'a → b → a'],
    [
      {
        d: { action: d, needs: ['a'] },
        a: { action: a, needs: ['b'] },
        b: { action: b, needs: ['c'] },
        c: { action: c, needs: ['a'] },
      },
      'a → b → c → a',
    ],
  ])('R-12 reports a cycle by its path before anything runs: %#', async (steps, path) => {
    const host = new FakeHost();
    const outcome = await runPlan(host, { free: { action: a }, ...steps }, undefined, undefined);
    expect(outcome).toMatchObject({ ok: false, error: { type: 'config_error', details: { faults: [expect.stringContaining(path)] } } });
    expect(outcome.outcomes['free']).toMatchObject({ ok: false, error: { type: 'config_error' } });
    expect(host.names).toEqual([]);
  });

  it('R-12 reports all that is wrong with the graph at once', async () => {
    const steps = {
      a: { action: a, needs: ['b'] },
      b: { action: b, needs: ['a', 'gone'] },
      c: { action: c, needs: ['d'] },
      d: { action: d, needs: ['c'] },
    };
    const outcome = await runPlan(new FakeHost(), steps, undefined, undefined);
    expect(outcome).toMatchObject({
      ok: false,
      error: {
        details: {
          faults: [
            'step `b` needs `gone`, which is no step of the plan',
            'steps need each other in a cycle: a → b → a',
            'steps need each other in a cycle: c → d → c',
          ],
        },
      },
    });
  });

  it('R-12 takes a graph as deep as memory', async () => {
    const count = 20_000;
    const steps = Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`s${index}`, { action: a, needs: index + 1 < count ? [`s${index + 1}`] : [] }]),
    );
    const cyclic = { ...steps, [`s${count - 1}`]: { action: a, needs: ['s0'] } };
    expect(await runPlan(new FakeHost(), steps, undefined, undefined)).toMatchObject({ ok: true });
    expect(await runPlan(new FakeHost(), cyclic, undefined, undefined)).toMatchObject({ ok: false, error: { type: 'config_error' } });
  });

  it('R-12 refuses what is no plan, naming each fault', async () => {
    const host = new FakeHost();
    const steps = { a: 7, b: { action: b, needs: 'a', after: 1 }, c: { action: c, params: 7 } };
    expect(await runPlan(host, steps, undefined, undefined)).toMatchObject({
      ok: false,
      error: { type: 'config_error', message: expect.stringMatching(/`a`.*`after`.*`needs`.*`params`/s) },
    });
    expect(await runPlan(host, [a], undefined, undefined)).toMatchObject({ ok: false, error: { type: 'config_error' }, outcomes: {} });
    expect(await runPlan(host, { a: { action: a }, x: { action: () => 1 } }, undefined, undefined)).toMatchObject({
      ok: false,
      error: { type: 'invalid_action', details: { step: 'x' } },
    });
    expect(host.names).toEqual([]);
  });

  it('R-3 rejects for options at fault, of the plan or a step', async () => {
    const host = new FakeHost();
    for (const options of [{ timeoutMs: -1 }, { interrupt: () => true }, { transfer: [] }, 7]) {
      await expect(runPlan(host, { a: { action: a } }, undefined, options)).rejects.toMatchObject({ type: 'invalid_input' });
    }
    const steps = { a: { action: a }, b: { action: b, options: { zip: 1 } } };
    await expect(runPlan(host, steps, undefined, undefined)).rejects.toMatchObject({ type: 'invalid_input' });
    expect(host.names).toEqual([]);
  });

  it('R-12 gives each step the plan’s options, under its own', async () => {
    const host = new FakeHost({});
    await runPlan(host, { a: { action: a, options: { timeoutMs: 5 } } }, undefined, { timeoutMs: 9, priority: 1 });
    expect(host.asked[0]?.options).toEqual({ timeoutMs: 5, priority: 1 });
  });

  it('R-12 fails the step whose params function throws', async () => {
    const params = (): never => {
      throw new TypeError('no such result');
    };
    const host = new FakeHost({ b: () => 2 });
    const outcome = await runPlan(host, { a: { action: a, params }, b: { action: b } }, undefined, undefined);
    expect(outcome).toMatchObject({
      ok: false,
      error: { type: 'execution_error', message: 'no such result', details: { step: 'a', action: 'a' } },
      outcomes: { b: { ok: true, value: 2 } },
    });
    expect(host.names).toEqual(['b']);
  });

  it('R-12 is cancelled whole by its signal', async () => {
    const controller = new AbortController();
    const host = new FakeHost({ a: (_params, options) => untilAborted(options), b: () => 2 });
    const steps = { a: { action: a }, b: { action: b }, c: { action: c, needs: ['a'] } };
    const running = runPlan(host, steps, undefined, { signal: controller.signal });
    await settle();
    controller.abort('enough');
    expect(await running).toMatchObject({
      ok: false,
      error: { type: 'cancelled', details: { step: 'a' } },
      outcomes: { b: { ok: true }, c: { ok: false, error: { type: 'cancelled' } } },
    });
    const before = await runPlan(host, steps, undefined, { signal: controller.signal });
    expect(before).toMatchObject({ ok: false, error: { type: 'cancelled', details: { step: 'a', reason: 'enough' } } });
    expect(host.names).toEqual(['a', 'b']);
  });

  it('R-12 takes an `instance` that there is not for a fault of its options, before anything runs', async () => {
    const host = new FakeHost({ a: () => 1 });
    const faulty = { a: { action: a }, b: { action: b, options: { instance: 'x' } } };
    await expect(runPlan(host, faulty, undefined, undefined)).rejects.toMatchObject({ type: 'not_found' });
    await expect(runPlan(host, { a: { action: a } }, undefined, { instance: 'x' })).rejects.toMatchObject({ type: 'not_found' });
    expect(host.names).toEqual([]);
  });

  it('R-1 tells of a runtime that was closed under way by the outcome', async () => {
    const host = new FakeHost({
      a: () => {
        throw new HeddleError('closed', 'Runtime heddle is closed');
      },
    });
    expect(await runPlan(host, { a: { action: a } }, undefined, undefined)).toMatchObject({
      ok: false,
      error: { type: 'closed', details: { step: 'a', action: 'a' } },
    });
  });
});
