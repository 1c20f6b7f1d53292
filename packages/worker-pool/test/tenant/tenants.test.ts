import { ok } from '@heddle/core';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { AsyncRef, TenantStats, TenantsOptions } from '../../src/index.ts';
import { settle } from '../support/fake-clock.ts';
import { aFailure, errorNow, outcomeNow, type SimRuntime, simAction, simRuntime } from '../support/sim-runtime.ts';
import { watchTraces } from '../support/trace-watch.ts';

const action = simAction();
const endless = { timeoutMs: Number.POSITIVE_INFINITY, maxRetries: 0 };
const of = (tenant: string): typeof endless & { tenant: string } => ({ ...endless, tenant });

/** A runtime with so many threads open. */
async function world(tenants: TenantsOptions, max = 1, queue = {}): Promise<SimRuntime> {
  const sim = simRuntime({ tenants, threads: { min: max, max }, queue });
  await sim.openThreads();
  return sim;
}

function statsOf({ runtime }: SimRuntime, tenant: string): TenantStats | undefined {
  return runtime.stats().tenants.find((each) => each.tenant === tenant);
}

const startAll = ({ runtime }: SimRuntime, count: number, tenant: string): AsyncRef[] =>
  Array.from({ length: count }, () => runtime.start(action, {}, {}, of(tenant)));

describe('a tenant of a runtime', () => {
  it('R-14 E-13 has no more on lanes than its concurrency, while others are served', async () => {
    const sim = await world({ concurrency: 1 }, 2);
    startAll(sim, 3, 'flood');
    startAll(sim, 1, 'acme');
    await settle();
    expect(statsOf(sim, 'acme')).toMatchObject({ queued: 0, running: 1 });
    expect(statsOf(sim, 'flood')).toEqual({ tenant: 'flood', queued: 2, running: 1, stateful: 0, refused: 0 });
    expectTypeOf<TenantStats['tenant']>().toEqualTypeOf<string | undefined>();
  });

  it('R-14 E-13 asks for no lane that its limit would leave idle', async () => {
    const sim = simRuntime({ tenants: { concurrency: 1 }, threads: { min: 0, max: 4 } });
    startAll(sim, 9, 'flood');
    await settle();
    expect(sim.pool.opens.length).toBe(1);
  });

  it('R-14 E-13 is refused what is past its queue, by name; others are not', async () => {
    const sim = await world({ queueLimit: 2, concurrency: 1 });
    const refs = startAll(sim, 4, 'flood');
    const error = await errorNow(refs[3] as AsyncRef);
    expect(error).toMatchObject({
      type: 'overloaded',
      retryable: true,
      message: 'Tenant flood has 2 tasks waiting already (`tenants.queueLimit`)',
      details: { tenant: 'flood', limit: 'queueLimit', max: 2 },
    });
    expect(error.details).not.toHaveProperty('retryAfterMs');
    expect(statsOf(sim, 'flood')?.refused).toBe(1);
    expect(await outcomeNow(sim.runtime.start(action, {}, {}, of('acme')))).toBeUndefined();
    expect(await outcomeNow(sim.runtime.start(action, {}, {}, endless))).toBeUndefined();
  });

  it('R-14 E-13 with no places to wait is served by a lane that is free', async () => {
    const sim = await world({ queueLimit: 0 });
    const [served, refused] = startAll(sim, 2, 'acme');
    expect((await errorNow(refused as AsyncRef)).details).toMatchObject({ limit: 'queueLimit', max: 0 });
    await sim.work();
    expect((await outcomeNow(served as AsyncRef))?.ok).toBe(true);
  });

  it('R-14 E-13 may start so many a second, and is told when to come back', async () => {
    const sim = await world({ ratePerSecond: 4, burst: 2 });
    const refs = startAll(sim, 3, 'acme');
    expect(await errorNow(refs[2] as AsyncRef)).toMatchObject({
      type: 'overloaded',
      message: 'Tenant acme has started more than 4 tasks a second (`tenants.ratePerSecond`)',
      details: { tenant: 'acme', limit: 'ratePerSecond', max: 4, retryAfterMs: 250 },
    });
    await sim.clock.advance(250);
    expect(await outcomeNow(sim.runtime.start(action, {}, {}, of('acme')))).toBeUndefined();
    await sim.work();
    expect(sim.runtime.stats().tenants).toEqual([{ tenant: 'acme', queued: 0, running: 0, stateful: 0, refused: 1 }]);
    await sim.clock.advance(3000);
    expect(sim.runtime.stats().tenants).toEqual([]);
  });

  it('R-14 R-6 pays for a task once, however often it is tried', async () => {
    const sim = await world({ ratePerSecond: 1, burst: 2, concurrency: 1 });
    const ref = sim.runtime.start(action, {}, {}, { ...of('acme'), maxRetries: 1, backoffMs: 10 });
    await settle();
    sim.begin();
    await sim.finish(aFailure);
    expect([ref.status, statsOf(sim, 'acme')?.running]).toEqual(['retrying', 0]);
    const other = sim.runtime.start(action, {}, {}, of('acme'));
    await sim.clock.advance(10);
    sim.begin();
    expect([other.status, ref.status]).toEqual(['running', 'queued']);
    await sim.finish();
    await sim.work();
    expect((await outcomeNow(ref))?.ok).toBe(true);
  });

  it('R-14 is given what single ones have of their own, and nothing is started whose limits cannot be told', async () => {
    const perKey = (tenant: string): { concurrency: number } | undefined => {
      if (tenant === 'unknown') throw new Error('no such customer');
      return tenant === 'big' ? { concurrency: 3 } : undefined;
    };
    const sim = await world({ concurrency: 1, perKey }, 3);
    startAll(sim, 9, 'big');
    await settle();
    expect(statsOf(sim, 'big')?.running).toBe(3);
    expect(await errorNow(sim.runtime.start(action, {}, {}, of('unknown')))).toMatchObject({
      type: 'config_error',
      message: 'The limits of tenant unknown cannot be told: `tenants.perKey` threw: no such customer',
    });
    expect(statsOf(sim, 'unknown')).toBeUndefined();
  });

  it('R-14 E-13 drops its own oldest where the queue does so', async () => {
    const sim = await world({ queueLimit: 1, concurrency: 1 }, 1, { whenFull: 'drop-oldest' });
    startAll(sim, 1, 'acme');
    await settle();
    const [oldest, newest] = startAll(sim, 2, 'flood');
    expect(await errorNow(oldest as AsyncRef)).toMatchObject({ type: 'overloaded', details: { tenant: 'flood', limit: 'queueLimit' } });
    expect(newest?.status).toBe('queued');
    expect([statsOf(sim, 'acme')?.running, statsOf(sim, 'flood')?.queued]).toEqual([1, 1]);
  });

  it('R-14 E-13 waits, in `run`, for its room and for its rate, where a full queue means that', async () => {
    const sim = await world({ queueLimit: 0, concurrency: 1, ratePerSecond: 10, burst: 1 }, 2, { whenFull: 'wait' });
    const ends: number[] = [];
    const all = [0, 1, 2].map(async (index) => {
      await sim.runtime.run(action, {}, {}, of('acme'));
      ends.push(index);
    });
    for (const end of [0, 1, 2]) {
      await settle();
      await sim.work();
      expect(ends.at(-1)).toBe(end);
      expect(ends.length).toBe(end + 1);
      await sim.clock.advance(100);
    }
    await Promise.all(all);
  });

  it('R-14 E-5 no longer waits for its room when its scope is disposed or its signal aborts', async () => {
    const sim = await world({ ratePerSecond: 1 }, 1, { whenFull: 'wait' });
    startAll(sim, 1, 'acme');
    const scope = sim.runtime.scope({ tenant: 'acme' });
    const stop = new AbortController();
    const inScope = expect(scope.run(action, {})).rejects.toMatchObject({ type: 'closed' });
    const aborted = sim.runtime.run(action, {}, {}, { ...of('acme'), signal: stop.signal });
    await settle();
    stop.abort('enough');
    expect(await aborted).toMatchObject({ ok: false, error: { type: 'cancelled' } });
    await scope.dispose();
    await inScope;
  });

  it('R-14 paces a `map` by its limits, and refuses none of its items', async () => {
    const sim = await world({ queueLimit: 1, concurrency: 1, ratePerSecond: 10, burst: 3 }, 2);
    const given: number[] = [];
    const all = (async () => {
      for await (const { index, outcome } of sim.runtime.map(action, [{}, {}, {}, {}, {}], { tenant: 'acme' })) {
        expect(outcome.ok).toBe(true);
        given.push(index);
      }
    })();
    await settle();
    expect(statsOf(sim, 'acme')).toMatchObject({ queued: 1, running: 1 });
    for (let round = 0; given.length < 5; round++) {
      expect(round).toBeLessThan(20);
      for (const thread of sim.pool.alive) await sim.work(thread);
      await sim.clock.advance(100);
    }
    await all;
    expect(given).toEqual([0, 1, 2, 3, 4]);
  });

  it('R-14 E-5 is that of the scope, unless a call names another', async () => {
    const sim = await world({});
    const watch = watchTraces();
    const scope = sim.runtime.scope({ tenant: 'acme' });
    const start = (of: Pick<typeof scope, 'start'>, options = {}): string => of.start(action, {}, {}, options).id;
    const expected = new Map([
      [start(scope), 'acme'],
      [start(scope.scope()), 'acme'],
      [start(scope.scope({ tenant: 'globex' })), 'globex'],
      [start(scope, { tenant: 'initech' }), 'initech'],
      [start(scope, { tenant: undefined }), 'acme'],
      [start(sim.runtime), undefined],
    ]);
    void scope.run(action, {});
    void scope.chain([action], {});
    const items = scope.map(action, [{}]);
    void items.next();
    await settle();
    const told = new Map(watch.of('task.start').map(({ message }) => [message.taskId, message.tenant]));
    for (const [id, tenant] of expected) expect(told.get(id)).toBe(tenant);
    expect([...told].slice(expected.size).map(([, tenant]) => tenant)).toEqual(['acme', 'acme', 'acme']);
    expect(statsOf(sim, 'acme')).toMatchObject({ queued: 5, running: 1 });
    await scope.dispose();
    await items.return?.();
  });

  it('R-14 R-9 is told by telemetry also where the runtime has no tenants', async () => {
    const watch = watchTraces();
    const sim = simRuntime();
    sim.runtime.start(action, {}, {}, of('acme'));
    await sim.openThreads();
    await sim.work();
    expect(watch.traced.map(({ event, message }) => [event, message.tenant])).toEqual(
      ['task.start', 'attempt.start', 'attempt.asyncEnd', 'task.asyncEnd'].map((event) => [event, 'acme']),
    );
    expect(sim.runtime.stats().tenants).toEqual([]);
  });

  it('R-14 R-3 is a name that is not empty', () => {
    const sim = simRuntime({ tenants: {} });
    const wrong = { tenant: '' };
    for (const call of [
      () => sim.runtime.start(action, {}, {}, wrong),
      () => sim.runtime.scope(wrong),
      () => sim.runtime.map(action, [], wrong),
    ])
      expect(call).toThrow('`tenant` must be a string that is not empty; got an empty one');
    expect(() => sim.runtime.start(action, {}, {}, { tenant: 7 } as never)).toThrow(
      '`tenant` must be a string that is not empty; got a number',
    );
    expect(() => simRuntime({ defaults: { tenant: 'acme' } as never })).toThrow('`defaults.tenant` is not an option');
  });

  it('R-14 E-8 gives everything back: cancelled in the queue, lost with its thread, failed, uncloneable, timed out', async () => {
    const sim = await world({ concurrency: 1, queueLimit: 8 });
    const [queued] = startAll(sim, 2, 'flood').reverse();
    await settle();
    await (queued as AsyncRef).cancel();
    sim.begin();
    await sim.end();
    await sim.openThreads();
    sim.runtime.start(action, { broken: () => {} }, {}, of('flood'));
    await settle();
    const late = sim.runtime.start(action, {}, {}, { ...of('flood'), timeoutMs: 5 });
    await settle();
    sim.begin();
    await sim.clock.advance(5);
    expect(late.status).toBe('cancelling');
    await sim.clock.advance(2000);
    sim.thread().end();
    await sim.openThreads();
    startAll(sim, 1, 'flood');
    await settle();
    await sim.finish(ok('done'), sim.thread()).catch(() => {});
    await sim.work();
    expect(sim.runtime.stats().tenants).toEqual([]);
  });
});
