import { ok } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { settle } from './support/fake-clock.ts';
import { quietLogger } from './support/quiet.ts';
import type { SimPool, SimThread } from './support/sim-pool.ts';
import { aFailure, errorNow, outcomeNow, type SimRuntime, simAction, simRuntime } from './support/sim-runtime.ts';

const action = simAction();

function poolOf(sim: SimRuntime, index: number): SimPool {
  const pool = sim.pools[index];
  if (pool === undefined) throw new Error(`there are ${sim.pools.length} pools`);
  return pool;
}

describe('an instance of a runtime', () => {
  it('R-11 is a runtime of its own: no lanes, queue, counts, registry or handles are shared', async () => {
    const sim = simRuntime({ name: 'shop' });
    const [one, two] = [sim.runtime.instance('one', {}), sim.runtime.instance('two', {})];
    const runtimes = [sim.runtime, one, two];
    const refs = runtimes.map((runtime) => runtime.start(action, {}));
    expect(refs.map(({ owner }) => owner)).toEqual(['shop', 'one', 'two']);
    expect(new Set(refs.map(({ id }) => id)).size).toBe(3);
    expect(runtimes.map((runtime) => [runtime.stats().name, runtime.stats().queued])).toEqual([
      ['shop', 1],
      ['one', 1],
      ['two', 1],
    ]);
    const thread = await sim.openThreads(poolOf(sim, 1));
    await sim.work(thread);
    expect(runtimes.map((runtime) => runtime.stats().completed)).toEqual([0, 1, 0]);
    await one.register(action);
    expect(runtimes.map(({ actions }) => actions.size)).toEqual([0, 1, 0]);
  });

  it('R-11 E-5 has handles that its runtime and its siblings do not own', async () => {
    const sim = simRuntime({ name: 'shop' });
    const [one, two] = [sim.runtime.instance('one', {}), sim.runtime.instance('two', {})];
    const ref = one.start(action, {});
    const refused = { error: { type: 'not_owner', message: expect.stringMatching(/it belongs to runtime one$/) } };
    for (const holder of [sim.runtime, two, sim.runtime.scope()]) {
      expect(await holder.await(ref)).toMatchObject(refused);
      expect(await holder.cancel(ref)).toMatchObject(refused);
    }
    expect(await sim.runtime.cancel(ref.id)).toMatchObject(refused);
    expect(ref.status).toBe('queued');
    expect((await one.cancel(ref.id)).ok).toBe(true);
  });

  it('R-11 E-5 has handles that others may use when ownership is shared', async () => {
    const sim = simRuntime({ ownership: 'shared' });
    const one = sim.runtime.instance('one', {});
    const strict = sim.runtime.instance('strict', { ownership: 'strict' });
    expect((await sim.runtime.cancel(one.start(action, {}))).ok).toBe(true);
    expect((await sim.runtime.cancel(one.start(action, {}).id)).ok).toBe(true);
    expect(await one.cancel(strict.start(action, {}))).toMatchObject({ error: { type: 'not_owner' } });
  });

  it('R-11 E-10 has its lanes under the memory limit of its runtime, which ends one lane of all, and is watched once', async () => {
    // A process uses more than that.
    const sim = simRuntime({ memory: { maxRssMb: 1 } });
    const [one, two] = [sim.runtime.instance('one', {}), sim.runtime.instance('two', {})];
    const refs = [sim.runtime, one, two].map((runtime) => runtime.start(action, {}, {}, { maxRetries: 0 }));
    const threads: SimThread[] = [];
    for (const [index, mb] of [50, 500, 100].entries()) {
      const thread = await sim.openThreads(poolOf(sim, index));
      thread.heldBytes = mb * 2 ** 20;
      sim.begin(thread);
      threads.push(thread);
    }
    await sim.clock.advance(50);
    expect(threads.map(({ terminated }) => terminated)).toEqual([false, true, false]);
    expect(sim.events.filter(({ kind }) => kind === 'memoryExceeded')).toEqual([
      expect.objectContaining({ threadId: threads[1]?.threadId, heldMb: 500 }),
    ]);
    for (const thread of threads) if (thread.terminated) thread.end();
    await settle();
    expect(await Promise.all(refs.map((ref) => outcomeNow(ref)))).toEqual([
      undefined,
      expect.objectContaining({ error: expect.objectContaining({ type: 'limit_exceeded' }) }),
      undefined,
    ]);
  });

  it('R-11 has of its runtime what it is not given, and that alone', async () => {
    const sim = simRuntime({ name: 'shop', graceMs: 7, queue: { limit: 0 }, defaults: { timeoutMs: 5, maxRetries: 0 } });
    const same = sim.runtime.instance('same', {});
    const own = sim.runtime.instance('own', { queue: {}, defaults: { maxRetries: 0 } });
    expect(same.name).toBe('same');
    void same.start(action, {});
    expect(await errorNow(same.start(action, {}))).toMatchObject({ type: 'overloaded' });
    const refs = [own.start(action, {}), own.start(action, {})];
    const thread = await sim.openThreads(poolOf(sim, 2));
    sim.begin(thread);
    // Its defaults replace the runtime's whole: no `timeoutMs` of 5.
    await sim.clock.advance(6);
    await sim.finish(ok(1), thread);
    expect(await outcomeNow(refs[0] as never)).toEqual(ok(1));
    const inherits = sim.runtime.instance('undefined', { queue: undefined } as never);
    for (const _ of [1, 2]) void inherits.start(action, {});
    expect(await errorNow(inherits.start(action, {}))).toMatchObject({ type: 'overloaded' });
  });

  it('R-11 of an instance is one too, and closes with it', async () => {
    const sim = simRuntime();
    const outer = sim.runtime.instance('outer', {});
    const inner = outer.instance('inner', {});
    expect([[...sim.runtime.instances.keys()], [...outer.instances.keys()]]).toEqual([['outer'], ['inner']]);
    await outer.close();
    expect(() => inner.start(action, {})).toThrow(expect.objectContaining({ type: 'closed' }));
  });
});

describe('`runtime.instance`', () => {
  it('R-11 gives the open one, and lists them', () => {
    const { runtime } = simRuntime();
    expect(runtime.instances.size).toBe(0);
    const one = runtime.instance('one', {});
    expect(runtime.instance('one')).toBe(one);
    expect([...runtime.instances]).toEqual([['one', one]]);
  });

  it('R-11 refuses a name that is taken, and options at fault', () => {
    const { runtime } = simRuntime({ name: 'shop' });
    runtime.instance('one', {});
    const fault = (message: RegExp): unknown => expect.objectContaining({ type: 'config_error', message: expect.stringMatching(message) });
    expect(() => runtime.instance('one', {})).toThrow(fault(/^Runtime shop has an instance `one` already/));
    expect(() => runtime.instance('two', { graceMs: -1 })).toThrow(fault(/`graceMs`/));
    expect(() => runtime.instance('two', { name: 'x' } as never)).toThrow(fault(/`name` is not an option of an instance/));
    expect(() => runtime.instance('', {})).toThrow(fault(/a string that is not empty/));
    expect(() => runtime.instance('two', null as never)).toThrow(fault(/expected an object, got null/));
    expect(() => runtime.instance(7 as never)).toThrow(fault(/known by its name; got a number/));
    expect([...runtime.instances.keys()]).toEqual(['one']);
  });

  it('R-11 of a name that nobody has names those there are', () => {
    const { runtime } = simRuntime({ name: 'shop' });
    const missing = (message: string): unknown => expect.objectContaining({ type: 'not_found', message });
    const hint = "open one with `runtime.instance('x', {})`";
    expect(() => runtime.instance('x')).toThrow(missing(`Runtime shop has no instance \`x\`: it has none; ${hint}`));
    for (const name of ['one', 'two']) runtime.instance(name, {});
    expect(() => runtime.instance('x')).toThrow(missing(`Runtime shop has no instance \`x\`: it has \`one\`, \`two\`; ${hint}`));
  });

  it('R-11 of a closed one says so, and its name can be used again', async () => {
    const sim = simRuntime({ name: 'shop' });
    const first = sim.runtime.instance('one', {});
    const closing = first.close();
    const closed = expect.objectContaining({ type: 'closed', message: expect.stringMatching(/^Instance one of runtime shop is closed; /) });
    expect(() => sim.runtime.instance('one')).toThrow(closed);
    expect(() => sim.runtime.start(action, {}, {}, { instance: 'one' })).toThrow(closed);
    const second = sim.runtime.instance('one', {});
    await closing;
    expect(sim.runtime.instance('one')).toBe(second);
    expect(second.start(action, {}).status).toBe('queued');
    expect(() => first.start(action, {})).toThrow(expect.objectContaining({ type: 'closed' }));
  });

  it('R-11 E-12 of a closed runtime is closed', () => {
    const { runtime } = simRuntime();
    runtime.instance('one', {});
    void runtime.close();
    for (const call of [() => runtime.instance('one'), () => runtime.instance('two', {})])
      expect(call).toThrow(expect.objectContaining({ type: 'closed' }));
    expect(runtime.instances.size).toBe(0);
  });
});

describe('the option `instance`', () => {
  it('R-3 R-11 sends a task there, however it is started', async () => {
    const sim = simRuntime();
    const one = sim.runtime.instance('one', { threads: { max: 1 } });
    const there = { instance: 'one' };
    expect(sim.runtime.start(action, {}, {}, there).owner).toBe('one');
    const all = [
      sim.runtime.run(action, {}, {}, there),
      sim.runtime.map(action, [{}], there).next(),
      sim.runtime.chain([action], {}, {}, there),
      sim.runtime.chain([[action, {}, there]], {}),
      sim.runtime.plan({ a: { action, options: there } }),
    ];
    await settle();
    expect([sim.runtime.stats().queued, one.stats().queued]).toEqual([0, 6]);
    const thread = await sim.openThreads(poolOf(sim, 1));
    for (let task = thread.begin(sim.clock.now()); task !== undefined; task = thread.begin(sim.clock.now())) {
      thread.finish(task, ok({}));
      await sim.deliverAll();
    }
    await Promise.all(all);
    expect([sim.runtime.stats().completed, one.stats().completed]).toEqual([0, 6]);
  });

  it('R-3 R-11 of no instance is refused at the call', async () => {
    const { runtime } = simRuntime();
    const there = { instance: 'x' };
    const missing = expect.objectContaining({ type: 'not_found' });
    expect(() => runtime.start(action, {}, {}, there)).toThrow(missing);
    expect(() => runtime.map(action, [{}], there)).toThrow(missing);
    await expect(runtime.run(action, {}, {}, there)).rejects.toEqual(missing);
    await expect(runtime.chain([action, [action, {}, there]], {})).rejects.toEqual(missing);
    await expect(runtime.plan({ a: { action } }, {}, there)).rejects.toEqual(missing);
    expect(runtime.stats()).toMatchObject({ queued: 0, failed: 0 });
  });

  it.each([
    ['a number', 7],
    ['empty', ''],
  ])('R-3 that is %s is at fault', (_, instance) => {
    const { runtime } = simRuntime();
    const fault = expect.objectContaining({ type: 'invalid_input', message: expect.stringContaining('`instance`') });
    expect(() => runtime.start(action, {}, {}, { instance: instance as never })).toThrow(fault);
  });

  it('R-3 `link` must be a boolean', () => {
    const { runtime } = simRuntime();
    expect(() => runtime.start(action, {}, {}, { link: 'no' as never })).toThrow(/`link` must be a boolean; got a string/);
  });

  it('R-11 E-13 waits for room there, not here', async () => {
    const sim = simRuntime({ queue: { limit: 1, whenFull: 'wait' } });
    sim.runtime.instance('one', {});
    await sim.openThreads();
    for (const _ of [1, 2]) void sim.runtime.start(action, {});
    await settle();
    const there = sim.runtime.run(action, {}, {}, { instance: 'one' });
    const thread = await sim.openThreads(poolOf(sim, 1));
    await sim.work(thread);
    expect(await there).toEqual(ok('done'));
  });

  it('R-11 E-5 of a task in a scope: the scope owns it and ends it, and by its id too', async () => {
    const sim = simRuntime({ name: 'shop' });
    const one = sim.runtime.instance('one', {});
    const scope = sim.runtime.scope({ name: 'request' });
    const there = { instance: 'one' };
    const [first, second, third] = [0, 1, 2].map(() => scope.start(action, {}, {}, there)) as never as [
      ReturnType<typeof scope.start>,
      ReturnType<typeof scope.start>,
      ReturnType<typeof scope.start>,
    ];
    const free = scope.start(action, {}, {}, { ...there, link: false });
    expect([first.owner, one.stats().queued, scope.open]).toEqual(['request', 4, 3]);
    expect(await sim.runtime.scope().cancel(first)).toMatchObject({
      error: { message: expect.stringMatching(/scope request of runtime shop$/) },
    });
    expect((await scope.cancel(first.id)).ok).toBe(true);
    expect((await sim.runtime.cancel(second)).ok).toBe(true);
    await scope.dispose();
    expect([third.status, scope.open, free.status, free.owner]).toEqual(['settled', 0, 'queued', 'one']);
    expect(await sim.runtime.cancel(free)).toMatchObject({ error: { type: 'not_owner' } });
    expect((await one.cancel(free)).ok).toBe(true);
  });
});

describe('closing', () => {
  it('R-11 E-12 a runtime closes its instances before itself, in one grace', async () => {
    const sim = simRuntime({ name: 'shop' });
    const [one, two] = [sim.runtime.instance('one', {}), sim.runtime.instance('two', {})];
    const ended: string[] = [];
    for (const runtime of [sim.runtime, one, two])
      void runtime
        .start(action, {}, {}, { tag: runtime.name })
        .outcome({ timeoutMs: Number.POSITIVE_INFINITY })
        .then(() => ended.push(runtime.name));
    const closes = [sim.runtime, one, two].map((runtime) => ({
      name: runtime.name,
      closed: runtime === sim.runtime ? runtime.close({ graceMs: 50 }) : runtime.close(),
    }));
    const order: string[] = [];
    for (const { name, closed } of closes) void closed.then(() => order.push(name));
    expect(() => two.start(action, {})).toThrow(expect.objectContaining({ type: 'closed' }));
    await sim.clock.advance(50);
    await Promise.all(closes.map(({ closed }) => closed));
    expect([...ended].sort()).toEqual(['one', 'shop', 'two']);
    expect(order.at(-1)).toBe('shop');
    expect(sim.pools.map(({ closed }) => closed)).toEqual([true, true, true]);
  });

  it('R-11 E-12 a runtime waits for an instance that is closing already', async () => {
    const sim = simRuntime();
    const one = sim.runtime.instance('one', { graceMs: 20 });
    void one.start(action, {});
    let closed = 0;
    void one.close().then(() => closed++);
    void sim.runtime
      .close({ graceMs: 0 })
      .then(() => expect(closed).toBe(1))
      .then(() => closed++);
    await settle();
    expect(closed).toBe(0);
    await sim.clock.advance(20);
    expect(closed).toBe(2);
  });

  it('R-11 an instance leaves its runtime and the others as they are', async () => {
    const sim = simRuntime();
    const [one, two] = [sim.runtime.instance('one', {}), sim.runtime.instance('two', {})];
    const refs = [sim.runtime.start(action, {}), two.start(action, {})];
    await one.close();
    expect([...sim.runtime.instances.keys()]).toEqual(['two']);
    await sim.work(await sim.openThreads());
    await sim.work(await sim.openThreads(poolOf(sim, 2)));
    for (const ref of refs) expect(await outcomeNow(ref)).toEqual(ok('done'));
  });

  it('R-11 a lost thread of one leaves the other alone', async () => {
    const sim = simRuntime({ logger: quietLogger });
    const [one, two] = [sim.runtime.instance('one', {}), sim.runtime.instance('two', {})];
    const [lost, kept] = [one.start(action, {}, {}, { maxRetries: 0 }), two.start(action, {}, {}, { maxRetries: 0 })];
    const [threadOfOne, threadOfTwo] = [await sim.openThreads(poolOf(sim, 1)), await sim.openThreads(poolOf(sim, 2))];
    sim.begin(threadOfOne);
    sim.begin(threadOfTwo);
    await sim.end(threadOfOne);
    expect((await errorNow(lost)).type).toBe('worker_lost');
    expect(kept.status).toBe('running');
    await sim.finish(aFailure, threadOfTwo);
    expect([one.stats().lanesLost, two.stats().lanesLost, sim.runtime.stats().lanesLost]).toEqual([1, 0, 0]);
  });
});
