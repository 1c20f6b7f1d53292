import { getEventListeners } from 'node:events';
import { ok } from '@heddle/core';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { AsyncRef, Scope, TaskOptions } from '../src/index.ts';
import { settle } from './support/fake-clock.ts';
import { aFailure, errorNow, outcomeNow, simAction, simRuntime } from './support/sim-runtime.ts';

const action = simAction();
const patient: TaskOptions = { timeoutMs: Number.POSITIVE_INFINITY, maxRetries: 0 };
const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

/** Whether a promise has settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = (): void => {
    settled = true;
  };
  promise.then(note, note);
  await settle();
  return settled;
}

const notOwner = (whose: string): object => ({
  ok: false,
  error: { type: 'not_owner', message: `Only the owner of a task may await or cancel it: it belongs to ${whose}` },
});

describe('a scope', () => {
  it('E-5 owns what it starts, by name', async () => {
    const { runtime } = simRuntime({ name: 'shop' });
    const scope = runtime.scope({ name: 'request-7' });
    expect([scope.start(action, {}).owner, runtime.start(action, {}).owner, scope.name]).toEqual(['request-7', 'shop', 'request-7']);
    expect([runtime.scope().name, runtime.scope().scope().name]).toEqual(['scope-1', 'scope-3']);
    expectTypeOf(scope).toEqualTypeOf<Scope>();
  });

  it('E-5 runs, awaits, cancels, maps, chains and plans as its runtime does', async () => {
    const sim = simRuntime();
    const scope = sim.runtime.scope();
    const ref = scope.start(action, {});
    const all = [
      scope.run(action, {}),
      scope.await(ref),
      scope.chain([action], {}).then(({ ok }) => ok),
      scope.plan({ a: { action } }).then(({ ok }) => ok),
      scope.map(action, [{}]).next(),
    ];
    await settle();
    expect(scope.open).toBe(5);
    const thread = await sim.openThreads();
    for (let task = thread.begin(sim.clock.now()); task !== undefined; task = thread.begin(sim.clock.now())) {
      thread.finish(task, ok({}));
      await sim.deliverAll();
    }
    expect(await Promise.all(all)).toMatchObject([
      { ok: true },
      { ok: true },
      true,
      true,
      { done: false, value: { outcome: { ok: true } } },
    ]);
    expect([scope.open, scope.disposed]).toEqual([0, false]);
    expect(await scope.cancel(scope.start(action, {}))).toMatchObject({ ok: true });
  });

  it.each<[unknown, RegExp]>([
    [null, /expected an object, got null/],
    [{ name: '' }, /`name` must be a string that is not empty/],
    [{ signal: {} }, /`signal` must be an AbortSignal; got an object/],
    [{ link: true }, /`link` is not an option/],
  ])('E-5 refuses its options by name: %j', (options, message) => {
    const { runtime } = simRuntime();
    expect(() => runtime.scope(options as never)).toThrow(message);
    expect(() => runtime.scope(options as never)).toThrow(expect.objectContaining({ type: 'invalid_input' }));
  });

  it('E-5 takes `undefined` for not given', () => {
    const { runtime } = simRuntime();
    expect(runtime.scope({ name: undefined, signal: undefined } as never).name).toBe('scope-1');
  });
});

describe('disposing a scope', () => {
  it('E-5 ends all that is open, wherever it stands, and settles when it has ended', async () => {
    const sim = simRuntime();
    const scope = sim.runtime.scope({ name: 'request' });
    const retrying = scope.start(action, {}, {}, { backoffMs: 5000 });
    const thread = await sim.openThreads();
    sim.begin();
    await sim.finish(aFailure);
    const [running, queued, other] = [scope.start(action, {}), scope.start(action, {}), sim.runtime.start(action, {})];
    await settle();
    sim.begin();
    expect([retrying.status, running.status, queued.status]).toEqual(['retrying', 'running', 'queued']);
    const disposed = scope.dispose();
    expect([retrying.status, running.status, queued.status, other.status]).toEqual(['settled', 'cancelling', 'settled', 'queued']);
    expect(await isSettled(disposed)).toBe(false);
    expect(scope.open).toBe(1);
    await sim.finish(aFailure, thread);
    await disposed;
    expect(scope.open).toBe(0);
    for (const ref of [retrying, running, queued])
      expect(await errorNow(ref)).toMatchObject({ type: 'cancelled', details: { reason: 'scope request was disposed' } });
    await sim.work();
    expect(await outcomeNow(other)).toEqual(ok('done'));
  });

  it('E-5 lets nothing start in it any more, naming the scope', async () => {
    const sim = simRuntime();
    const scope = sim.runtime.scope({ name: 'request' });
    await scope.dispose();
    const closed = expect.objectContaining({
      type: 'closed',
      message: 'Scope request is disposed; open a new one with `scope()` to run more',
    });
    for (const start of [() => scope.start(action, {}), () => scope.map(action, [{}]), () => scope.scope()]) expect(start).toThrow(closed);
    await expect(scope.run(action, {})).rejects.toEqual(closed);
    await expect(scope.chain([action], {})).rejects.toEqual(closed);
    await expect(scope.plan({ a: { action } })).rejects.toEqual(closed);
    expect(sim.runtime.stats()).toMatchObject({ queued: 0, cancelled: 0, failed: 0 });
  });

  it('E-5 twice is once: the first reason holds, both are told', async () => {
    const sim = simRuntime();
    const scope = sim.runtime.scope();
    const ref = scope.start(action, {}, {}, patient);
    await sim.openThreads();
    sim.begin();
    const [first, second] = [scope.dispose('the client went away'), scope.dispose('too late')];
    expect([await isSettled(first), await isSettled(second)]).toEqual([false, false]);
    await sim.finish(aFailure);
    await Promise.all([first, second, scope.dispose()]);
    expect(await errorNow(ref)).toMatchObject({ details: { reason: 'the client went away' } });
  });

  it('E-5 is what `await using` does', async () => {
    const sim = simRuntime();
    const scope = sim.runtime.scope();
    const ref = scope.start(action, {});
    await scope[Symbol.asyncDispose]();
    expect([ref.status, scope.disposed]).toEqual(['settled', true]);
  });

  it('E-5 E-8 in the middle of a settling task’s callback disposes once, and settles', async () => {
    const sim = simRuntime();
    const scope = sim.runtime.scope();
    const disposals: Promise<void>[] = [];
    const items = scope.map(action, [{}, {}, {}], { concurrency: 3, onProgress: () => void disposals.push(scope.dispose()) });
    const read = items.next();
    await sim.openThreads();
    sim.begin();
    await sim.finish();
    await Promise.all(disposals);
    expect(disposals).toHaveLength(3);
    expect(new Set(disposals).size).toBe(1);
    expect([scope.open, sim.runtime.stats().cancelled, (await read).done]).toEqual([0, 2, false]);
    await items.return?.();
  });

  it('E-5 while a task is being started ends that one too', async () => {
    const sim = simRuntime();
    const scope = sim.runtime.scope({ name: 'request' });
    const signal = new AbortController().signal;
    const options = {
      get tag(): string {
        void scope.dispose();
        return 'disposed under way';
      },
      signal,
    };
    const ref = scope.start(action, {}, {}, options);
    expect(ref.status).toBe('settled');
    expect(await errorNow(ref)).toMatchObject({ type: 'cancelled', details: { reason: 'scope request was disposed' } });
    await scope.dispose();
    expect([scope.open, listeners(signal)]).toEqual([0, 0]);
  });

  it('E-5 takes those that wait for room from the door, and lets others in', async () => {
    const sim = simRuntime({ queue: { limit: 1, whenFull: 'wait' } });
    const { signal } = new AbortController();
    const thread = await sim.openThreads();
    const scope = sim.runtime.scope({ name: 'request' });
    const [running, queued] = [sim.runtime.run(action, {}, {}, patient), sim.runtime.run(action, {}, {}, patient)];
    await settle();
    const waiting = [scope.run(action, {}), scope.run(action, {}, {}, { signal })];
    const outside = sim.runtime.run(action, {}, {}, patient);
    await settle();
    expect(listeners(signal)).toBe(1);
    const refused = Promise.allSettled(waiting);
    await scope.dispose();
    expect(await refused).toMatchObject([0, 1].map(() => ({ status: 'rejected', reason: { type: 'closed' } })));
    expect(listeners(signal)).toBe(0);
    for (const run of [running, queued, outside]) {
      await settle();
      sim.begin(thread);
      await sim.finish(ok(1), thread);
      expect(await run).toEqual(ok(1));
    }
  });

  it('E-5 a signal still frees one that waits for room in a scope', async () => {
    const sim = simRuntime({ queue: { limit: 1, whenFull: 'wait' } });
    await sim.openThreads();
    const scope = sim.runtime.scope();
    const busy = [sim.runtime.start(action, {}), sim.runtime.start(action, {})];
    await settle();
    const controller = new AbortController();
    const waiting = scope.run(action, {}, {}, { signal: controller.signal });
    controller.abort('enough');
    expect(await waiting).toMatchObject({ ok: false, error: { type: 'cancelled', details: { reason: 'enough' } } });
    const late = AbortSignal.abort('before');
    expect(await scope.run(action, {}, {}, { signal: late })).toMatchObject({ ok: false, error: { details: { reason: 'before' } } });
    for (const ref of busy) void ref.cancel();
  });

  it('E-5 ends a map that waits for its source, and says so to who reads', async () => {
    const sim = simRuntime();
    const scope = sim.runtime.scope({ name: 'request' });
    let closed = false;
    const source: AsyncIterable<object> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: () => {
          closed = true;
          return Promise.resolve({ done: true, value: undefined });
        },
      }),
    };
    const read = scope.map(action, source).next();
    await settle();
    await scope.dispose();
    await expect(read).rejects.toMatchObject({ type: 'closed', message: expect.stringContaining('Scope request is disposed') });
    expect(closed).toBe(true);
  });

  it('E-5 gives the items of a map that has read all of its source', async () => {
    const sim = simRuntime();
    const scope = sim.runtime.scope();
    const items = scope.map(action, [{}, {}], { concurrency: 3 });
    const read = [items.next(), items.next(), items.next()];
    await settle();
    await scope.dispose();
    expect(await Promise.all(read)).toMatchObject([
      { value: { outcome: { error: { type: 'cancelled' } } } },
      { value: { outcome: { error: { type: 'cancelled' } } } },
      { done: true },
    ]);
  });

  it('E-5 R-12 ends a chain with its step', async () => {
    const sim = simRuntime();
    const scope = sim.runtime.scope();
    const running = scope.chain([action, action], {});
    await settle();
    await scope.dispose('over');
    expect(await running).toMatchObject({ ok: false, error: { type: 'cancelled', details: { step: 0, reason: 'over' } } });
  });

  it('E-5 leaves refs readable', async () => {
    const sim = simRuntime();
    const scope = sim.runtime.scope({ name: 'request' });
    const [done, cancelled] = [scope.start(action, {}, {}, { tag: 'mine' }), scope.start(action, {})];
    await sim.openThreads();
    sim.begin();
    await sim.finish(ok(1));
    await scope.dispose();
    expect([done.owner, done.tag, done.status, cancelled.owner]).toEqual(['request', 'mine', 'settled', 'request']);
    expect([await done.outcome(), await scope.await(done), await sim.runtime.await(done)]).toEqual([ok(1), ok(1), ok(1)]);
    expect(await cancelled.outcome()).toMatchObject({ error: { type: 'cancelled' } });
    expect(await scope.cancel(cancelled)).toMatchObject({ ok: true });
  });

  it('E-5 E-8 holds nothing that has settled: a hundred thousand tasks leave it empty', async () => {
    const sim = simRuntime();
    const controller = new AbortController();
    const scope = sim.runtime.scope({ signal: controller.signal });
    await sim.openThreads();
    const refs: AsyncRef[] = [];
    for (let n = 0; n < 100_000; n++) refs.push(scope.start(action, {}, {}, patient));
    expect(scope.open).toBe(100_000);
    for (const ref of refs.splice(0, 50_000)) void ref.cancel();
    expect(scope.open).toBe(50_000);
    const order: number[] = [];
    for (const ref of refs.slice(0, 3)) void ref.outcome().then(() => order.push(refs.indexOf(ref)));
    await scope.dispose();
    expect(scope.open).toBe(0);
    expect(listeners(controller.signal)).toBe(0);
    expect(sim.runtime.stats()).toMatchObject({ queued: 0, cancelled: 100_000 });
    await settle();
    expect(order).toEqual([2, 1, 0]);
  });
});

describe('the signal of a scope', () => {
  it('E-5 disposes it when it aborts, with its reason', async () => {
    const sim = simRuntime();
    const controller = new AbortController();
    const scope = sim.runtime.scope({ signal: controller.signal });
    const ref = scope.start(action, {});
    controller.abort('the client went away');
    expect(scope.disposed).toBe(true);
    expect(await errorNow(ref)).toMatchObject({ type: 'cancelled', details: { reason: 'the client went away' } });
  });

  it('E-5 disposes it at once when it has aborted already', async () => {
    const { runtime } = simRuntime();
    const scope = runtime.scope({ signal: AbortSignal.abort() });
    expect(scope.disposed).toBe(true);
    expect(() => scope.start(action, {})).toThrow(expect.objectContaining({ type: 'closed' }));
    await scope.dispose();
  });

  it('E-8 has one listener for all scopes, and none once they are disposed', async () => {
    const { runtime } = simRuntime();
    const { signal } = new AbortController();
    const scopes = Array.from({ length: 100 }, () => runtime.scope({ signal }));
    expect(listeners(signal)).toBe(1);
    await Promise.all(scopes.map((scope) => scope.dispose()));
    expect(listeners(signal)).toBe(0);
  });
});

describe('a task with `link: false`', () => {
  it('E-5 goes on when its scope is disposed, and then belongs to the runtime', async () => {
    const sim = simRuntime({ name: 'shop' });
    const outer = sim.runtime.scope({ name: 'outer' });
    const scope = outer.scope({ name: 'inner' });
    const ref = scope.start(action, {}, {}, { link: false });
    expect([ref.owner, scope.open]).toEqual(['inner', 0]);
    await outer.dispose();
    expect([ref.owner, ref.status]).toEqual(['shop', 'queued']);
    for (const gone of [scope, outer]) expect(await gone.cancel(ref)).toMatchObject(notOwner('runtime shop'));
    await sim.openThreads();
    await sim.work();
    expect(await sim.runtime.await(ref)).toEqual(ok('done'));
  });

  it('E-5 is like any other on a runtime', async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, { link: false });
    void sim.runtime.close({ graceMs: 0 });
    expect((await errorNow(ref)).type).toBe('cancelled');
  });
});

describe('scopes in scopes', () => {
  it('E-5 end with the outer one, the innermost first, and of tasks the newest first', async () => {
    const sim = simRuntime();
    const outer = sim.runtime.scope();
    const ended: string[] = [];
    const start = (owner: Scope, name: string): void => {
      void owner
        .start(action, {})
        .outcome()
        .then(() => ended.push(name));
    };
    start(outer, 'outer 1');
    const [left, right] = [outer.scope(), outer.scope()];
    start(left.scope(), 'left inner');
    start(left, 'left');
    start(right, 'right 1');
    start(right, 'right 2');
    start(outer, 'outer 2');
    expect([outer.open, left.open, right.open]).toEqual([6, 2, 2]);
    await outer.dispose();
    await settle();
    expect(ended).toEqual(['right 2', 'right 1', 'left inner', 'left', 'outer 2', 'outer 1']);
    expect([left.disposed, right.disposed, outer.open]).toEqual([true, true, 0]);
  });

  it('E-5 end alone, and the outer one waits for one that is ending', async () => {
    const sim = simRuntime();
    const outer = sim.runtime.scope();
    const inner = outer.scope();
    const [mine, its] = [outer.start(action, {}), inner.start(action, {}, {}, { ...patient, priority: 1 })];
    await sim.openThreads();
    sim.begin();
    const innerDone = inner.dispose();
    expect([its.status, mine.status, outer.disposed]).toEqual(['cancelling', 'queued', false]);
    const outerDone = outer.dispose();
    expect([await isSettled(innerDone), await isSettled(outerDone)]).toEqual([false, false]);
    await sim.finish(aFailure);
    await Promise.all([innerDone, outerDone]);
  });
});

describe('ownership', () => {
  it('E-5 a runtime may await and cancel what its scopes started, a scope what the scopes in it did, and no other', async () => {
    const sim = simRuntime({ name: 'shop' });
    const [outer, sibling] = [sim.runtime.scope({ name: 'outer' }), sim.runtime.scope({ name: 'sibling' })];
    const inner = outer.scope({ name: 'inner' });
    const [ofInner, ofOuter, ofRuntime] = [inner.start(action, {}), outer.start(action, {}), sim.runtime.start(action, {})];
    expect(await sibling.await(ofInner)).toMatchObject(notOwner('scope inner of runtime shop'));
    expect(await sibling.cancel(ofOuter)).toMatchObject(notOwner('scope outer of runtime shop'));
    expect(await inner.cancel(ofOuter)).toMatchObject(notOwner('scope outer of runtime shop'));
    expect(await outer.await(ofRuntime)).toMatchObject(notOwner('runtime shop'));
    expect([ofInner, ofOuter, ofRuntime].map(({ status }) => status)).toEqual(['queued', 'queued', 'queued']);
    for (const [holder, ref] of [
      [outer, ofInner],
      [sim.runtime, ofOuter],
    ] as const)
      expect(await holder.cancel(ref)).toEqual(ok(undefined));
    expect((await ofRuntime.cancel()).ok).toBe(true);
    expect(await sim.runtime.await(ofInner)).toMatchObject({ error: { type: 'cancelled' } });
  });

  it('E-5 holds for a task by its id too', async () => {
    const sim = simRuntime({ name: 'shop' });
    const [mine, other] = [sim.runtime.scope({ name: 'mine' }), sim.runtime.scope()];
    const ref = mine.start(action, {});
    expect(await other.cancel(ref.id)).toMatchObject(notOwner('scope mine of runtime shop'));
    expect(await simRuntime({ name: 'elsewhere' }).runtime.cancel(ref.id)).toMatchObject({ error: { type: 'invalid_async_ref' } });
    expect(ref.status).toBe('queued');
    expect((await mine.cancel(ref.id, 'by id')).ok).toBe(true);
    expect(await errorNow(ref)).toMatchObject({ details: { reason: 'by id' } });
    expect((await sim.runtime.cancel(mine.start(action, {}).id)).ok).toBe(true);
  });

  it('E-5 shared: whoever holds a ref may await and cancel it', async () => {
    const sim = simRuntime({ name: 'open', ownership: 'shared' });
    const other = simRuntime({ name: 'other' }).runtime;
    const [scope, sibling] = [sim.runtime.scope(), sim.runtime.scope()];
    const [first, second, third] = [scope.start(action, {}), scope.start(action, {}), sim.runtime.start(action, {})];
    const waited = other.await(first, Number.POSITIVE_INFINITY);
    expect((await other.scope().cancel(second, 'not mine')).ok).toBe(true);
    expect(await errorNow(second)).toMatchObject({ details: { reason: 'not mine' } });
    expect((await sibling.cancel(third.id)).ok).toBe(true);
    await sim.openThreads();
    await sim.work();
    expect(await waited).toEqual(ok('done'));
    expect(await sim.runtime.await(other.start(action, {}))).toMatchObject(notOwner('runtime other'));
  });

  it('E-5 shared: a wait of another runtime that runs out cancels the task where it is', async () => {
    const sim = simRuntime({ ownership: 'shared' });
    const other = simRuntime({ name: 'other' }).runtime;
    const ref = sim.runtime.start(action, {});
    const waited = other.await(ref, 10);
    await sim.clock.advance(10);
    expect(await waited).toMatchObject({ error: { type: 'timeout' } });
    expect(ref.status).toBe('settled');
  });

  it('E-3 E-5 options at fault reject, whoever owns the ref', async () => {
    const { runtime } = simRuntime();
    const ref = runtime.scope().start(action, {});
    await expect(runtime.scope().await(ref, -1)).rejects.toMatchObject({ type: 'invalid_input' });
    await expect(runtime.await(ref, -1)).rejects.toMatchObject({ type: 'invalid_input' });
  });
});

describe('a runtime that closes', () => {
  it('E-12 E-5 lets the tasks of scopes finish in its grace as any others, then disposes the scopes', async () => {
    const sim = simRuntime({ name: 'shop' });
    const { signal } = new AbortController();
    const scope = sim.runtime.scope({ signal });
    const inner = scope.scope();
    const [finished, left] = [scope.start(action, {}), inner.start(action, {})];
    await sim.openThreads();
    const closed = sim.runtime.close({ graceMs: 100 });
    expect(() => sim.runtime.scope()).toThrow(expect.objectContaining({ type: 'closed' }));
    expect(() => inner.start(action, {})).toThrow(expect.objectContaining({ type: 'closed' }));
    sim.begin();
    await sim.finish(ok(1));
    expect(await outcomeNow(finished)).toEqual(ok(1));
    await sim.clock.advance(100);
    await closed;
    expect(await errorNow(left)).toMatchObject({ details: { reason: 'runtime shop was closed' } });
    expect([scope.disposed, inner.disposed, listeners(signal)]).toEqual([true, true, 0]);
    await inner.dispose();
  });

  it('E-12 E-5 a scope is still disposed at once in the grace', async () => {
    const sim = simRuntime();
    const scope = sim.runtime.scope();
    const ref = scope.start(action, {});
    const closed = sim.runtime.close({ graceMs: Number.POSITIVE_INFINITY });
    expect(ref.status).toBe('queued');
    await scope.dispose();
    expect(ref.status).toBe('settled');
    await closed;
  });

  it('E-8 E-12 from the callback of a task that it ends closes once', async () => {
    const sim = simRuntime();
    const closes: Promise<void>[] = [];
    const read = sim.runtime.map(action, [{}, {}], { onProgress: () => void closes.push(sim.runtime.close({ graceMs: 0 })) }).next();
    await settle();
    await sim.runtime.close({ graceMs: 0 });
    await Promise.all(closes);
    expect(closes.length).toBe(2);
    expect((await read).done).toBe(false);
  });
});
