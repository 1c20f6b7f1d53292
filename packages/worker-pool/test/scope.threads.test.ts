import { expect, test } from 'vitest';
import { add, blocks, echo, loops, waits } from './fixtures/plain.ts';
import { openRuntime, until } from './support/threads.ts';

const patient = { timeoutMs: Number.POSITIVE_INFINITY, maxRetries: 0 };

test('E-5 disposing a scope ends an action that spins, and its thread serves on', async () => {
  const { runtime, records } = openRuntime({ threads: { max: 2 }, graceMs: 60_000 });
  const scope = runtime.scope();
  const [spinning, waiting] = [scope.start(loops, {}, {}, patient), scope.start(waits, {}, {}, patient)];
  await until(() => spinning.progress === 'looping' && waiting.progress === 'waiting');
  await scope.dispose('nobody waits');
  for (const ref of [spinning, waiting])
    expect(await ref.outcome()).toMatchObject({ ok: false, error: { type: 'cancelled', details: { reason: 'nobody waits' } } });
  expect(records.map(({ fields }) => fields['cleaned']).filter((what) => what !== undefined)).toContain('finally');
  expect(await runtime.run(add, { a: 1 })).toMatchObject({ ok: true, value: 11 });
  expect([runtime.stats().lanesKilled, scope.open]).toEqual([0, 0]);
});

test('R-11 two instances run on different threads, and a killed lane of one leaves the other alone', async () => {
  const { runtime } = openRuntime({ graceMs: 0 });
  const [one, two] = [runtime.instance('one', {}), runtime.instance('two', {})];
  const here = runtime.start(echo, { where: 'here' });
  const there = runtime.start(blocks, { gate: new SharedArrayBuffer(4) }, {}, { ...patient, instance: 'one' });
  const elsewhere = two.start(waits, {}, {}, patient);
  await until(() => there.progress === 'blocking' && elsewhere.progress === 'waiting');
  expect((await here.outcome()).ok).toBe(true);
  const { threadId } = elsewhere;
  expect(new Set([here.threadId, there.threadId, threadId]).size).toBe(3);
  await there.cancel();
  expect(await there.outcome()).toMatchObject({ error: { type: 'cancelled', details: { forced: true } } });
  expect([one, two, runtime].map((each) => each.stats().lanesKilled)).toEqual([1, 0, 0]);
  expect([elsewhere.status, two.stats().lanes.map((lane) => lane.threadId)]).toEqual(['running', [threadId]]);
  await elsewhere.cancel();
  expect(await one.run(add, { a: 1 })).toMatchObject({ ok: true, value: 11 });
});

test('R-11 E-12 closing a runtime ends its instances, whatever runs there', async () => {
  const { runtime } = openRuntime();
  const one = runtime.instance('one', {});
  const ref = one.start(waits, {}, {}, patient);
  await until(() => ref.progress === 'waiting');
  await runtime.close({ graceMs: 0 });
  expect([ref.status, one.stats().lanes.length, runtime.instances.size]).toEqual(['settled', 0, 0]);
  expect(await ref.outcome()).toMatchObject({ error: { details: { reason: 'runtime one was closed' } } });
});
