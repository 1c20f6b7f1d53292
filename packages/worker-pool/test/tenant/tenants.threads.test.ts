import { unwrap } from '@heddle/core';
import {
  createRuntime,
  type Runtime,
  type RuntimeOptions,
  subscribeTelemetry,
  type TaskTrace,
  type TelemetrySubscription,
} from '@heddle/worker-pool';
import { afterEach, describe, expect, it } from 'vitest';
import { blocks } from '../fixtures/plain.ts';
import { asks, fails, leaf, tree } from '../fixtures/tenanted.ts';
import { quietLogger } from '../support/quiet.ts';

const open: Runtime[] = [];
const listening: TelemetrySubscription[] = [];
afterEach(async () => {
  for (const stop of listening.splice(0)) stop();
  await Promise.all(open.splice(0).map((runtime) => runtime.close({ graceMs: 0 })));
});

function runtimeOf(options: RuntimeOptions): Runtime {
  const runtime = createRuntime({ logger: quietLogger, graceMs: 50, ...options });
  open.push(runtime);
  return runtime;
}

describe('a tenant on threads', () => {
  it('R-14 A-9 is not locked out by its own limits: what its tasks start goes past them', async () => {
    const tenants = { concurrency: 1, queueLimit: 0, ratePerSecond: 0.001, burst: 1 };
    const runtime = runtimeOf({ threads: { min: 1, max: 1 }, tenants });
    await runtime.ready();
    const outcome = await runtime.run(tree, { children: 3, depth: 2 }, {}, { tenant: 'acme' });
    expect(unwrap(outcome)).toBe(27);
    expect(await runtime.run(leaf, { n: 1 }, {}, { tenant: 'acme' })).toMatchObject({ ok: false, error: { type: 'overloaded' } });
  });

  it('R-14 R-9 is the tenant of what its tasks start, of their compensation, and of their log records', async () => {
    const traces: TaskTrace[] = [];
    const records: object[] = [];
    const logger = { ...quietLogger, level: 'warn', warn: (fields: object) => void records.push(fields) };
    listening.push(subscribeTelemetry({ taskEnd: (trace) => void traces.push(trace) }));
    const runtime = runtimeOf({ threads: { max: 2 }, tenants: {}, logger });
    await runtime.run(tree, { children: 2, depth: 0 }, {}, { tenant: 'acme' });
    await runtime.run(leaf, { n: 5 });
    expect(await runtime.run(fails, {}, {}, { tenant: 'acme', maxRetries: 0 })).toMatchObject({
      error: { details: { result: 'made good' } },
    });
    const coroutine = runtime.coroutine(asks, {}, {}, { tenant: 'globex' });
    expect(await coroutine.next()).toMatchObject({ kind: 'suspended', value: 7 });
    expect(runtime.stats().tenants).toEqual([{ tenant: 'globex', queued: 0, running: 0, stateful: 1, refused: 0 }]);
    expect(await coroutine.next()).toMatchObject({ kind: 'completed' });
    await expect
      .poll(() => traces.map(({ action, tenant }) => `${action} ${tenant}`).sort())
      .toEqual(['asks globex', 'failsAndIsMadeGood acme', 'leaf acme', 'leaf acme', 'leaf globex', 'leaf undefined', 'tree acme']);
    const tenants = records.map((fields) => ('tenant' in fields ? fields.tenant : undefined));
    expect(tenants.sort()).toEqual(['acme', 'acme', 'globex', undefined]);
    await expect.poll(() => runtime.stats().tenants).toEqual([]);
  });

  it('R-14 has no more coroutines open than it may, and its limit again when one ends', async () => {
    const runtime = runtimeOf({ tenants: { stateful: 1 } });
    const first = runtime.coroutine(asks, {}, {}, { tenant: 'acme' });
    const second = runtime.coroutine(asks, {}, {}, { tenant: 'acme' });
    expect(await second.next()).toMatchObject({
      kind: 'thrown',
      error: { payload: { type: 'overloaded', details: { tenant: 'acme', limit: 'stateful', max: 1 } } },
    });
    await first.stop();
    expect(await runtime.coroutine(asks, {}, {}, { tenant: 'acme' }).next()).toMatchObject({ kind: 'suspended' });
  });

  it('R-14 comes next beside a flood, and the flood leaves the lane to it that it may not have', async () => {
    const runtime = runtimeOf({ threads: { min: 2, max: 2 }, tenants: { concurrency: 1, queueLimit: 100 } });
    await runtime.ready(2);
    const gate = new Int32Array(new SharedArrayBuffer(8));
    const flood = Array.from({ length: 100 }, () =>
      runtime.run(blocks, { gate: gate.buffer, value: 1 }, {}, { tenant: 'flood', timeoutMs: Number.POSITIVE_INFINITY }),
    );
    await expect.poll(() => Atomics.load(gate, 1)).toBe(1);
    // The flood holds its lane for as long as this takes.
    for (let n = 0; n < 20; n++) expect(unwrap(await runtime.run(leaf, { n }, {}, { tenant: 'acme' }))).toBe(n);
    expect(runtime.stats().tenants).toEqual([{ tenant: 'flood', queued: 99, running: 1, stateful: 0, refused: 0 }]);
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
    expect((await Promise.all(flood)).every(({ ok }) => ok)).toBe(true);
  });

  it('R-14 R-3 shares lanes fairly where each task wants one of its own', async () => {
    const runtime = runtimeOf({ threads: { max: 1 }, tenants: { concurrency: 1 } });
    const ended: string[] = [];
    const run = async (tenant: string): Promise<void> => {
      unwrap(await runtime.run(leaf, { n: 1 }, {}, { tenant, isolate: true }));
      ended.push(tenant);
    };
    await Promise.all([...Array.from({ length: 5 }, () => run('flood')), run('acme')]);
    expect(ended.indexOf('acme')).toBeLessThan(3);
    await expect.poll(() => runtime.stats().tenants).toEqual([]);
  });

  it('R-14 has its map limited as its calls are, tiny items and all', async () => {
    const runtime = runtimeOf({ threads: { min: 2, max: 2 }, tenants: { concurrency: 1, queueLimit: 4 } });
    let most = 0;
    let sum = 0;
    const items = Array.from({ length: 3000 }, (_, n) => ({ n }));
    for await (const { outcome } of runtime.map(leaf, items, { tenant: 'acme', telemetry: 'silent' })) {
      sum += unwrap(outcome);
      const [acme] = runtime.stats().tenants;
      most = Math.max(most, acme?.running ?? 0);
    }
    expect([sum, most]).toEqual([(3000 * 2999) / 2, 1]);
  });
});
