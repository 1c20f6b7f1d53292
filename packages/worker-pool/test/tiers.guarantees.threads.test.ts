import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Action, unwrap } from '@heddle/core';
import type { Isolation, Runtime, RuntimeOptions } from '@heddle/worker-pool';
import { describe, expect, onTestFinished, test } from 'vitest';
import { eatsMemory, overflows, spin } from './fixtures/faulty.ts';
import {
  adds,
  blocks,
  changes,
  ends,
  endsOnce,
  heapLimit,
  holdsBuffers,
  type Trial,
  throws,
  tries,
  waits,
  where,
} from './fixtures/tiers.ts';
import { openRuntime, until } from './support/threads.ts';

// Each title's key is that of a row in the table of `docs/guarantees.md`.

const ONCE = { maxRetries: 0, timeoutMs: Number.POSITIVE_INFINITY } as const;

function open(isolation: Isolation, options: RuntimeOptions = {}): Runtime {
  const defaults = { timeoutMs: Number.POSITIVE_INFINITY };
  return openRuntime({ isolation, graceMs: 50, defaults, onEvent: () => {}, ...options }).runtime;
}

describe('isolation process', () => {
  test.each([
    ['isolation abort: one task is lost', 'abort', 'SIGABRT', 'it was ended by SIGABRT'],
    ['isolation segfault: one task is lost', 'SIGSEGV', 'SIGSEGV', 'it was ended by SIGSEGV'],
    ['isolation sigkill: one task is lost', 'SIGKILL', 'SIGKILL', 'it was ended by SIGKILL'],
    ['isolation exit: one task is lost', 'exit', undefined, 'it exited with code 7'],
  ])('%s, its error names what ended its process, and its neighbour goes on', async (_key, how, signal, message) => {
    const runtime = open('process', { threads: { max: 2 } });
    const beside = runtime.start(waits, {}, {}, ONCE);
    await until(() => beside.progress === 'waiting');
    const lost = await runtime.run(ends, { how }, {}, ONCE);
    expect(lost).toMatchObject({ ok: false, error: { type: 'worker_lost', details: { signal }, retryable: true } });
    expect(lost.ok ? '' : lost.error.message).toContain(`Action ends lost its process: ${message}`);
    expect(await runtime.run(where)).toMatchObject({ ok: true });
    expect(beside.status).toBe('running');
  });

  test('isolation heap: one task is lost where the heap is full', async () => {
    const runtime = open('process', { resourceLimits: { maxOldGenerationSizeMb: 24 } });
    expect(await runtime.run(eatsMemory, {}, {}, ONCE)).toMatchObject({ ok: false, error: { details: { signal: 'SIGABRT' } } });
    expect(await runtime.run(where)).toMatchObject({ ok: true });
  });

  test('isolation heap: the limit of a lane is its own, whatever that of the host', async () => {
    const given = process.execArgv;
    process.execArgv = [...given, '--max-old-space-size=900'];
    onTestFinished(() => {
      process.execArgv = given;
    });
    const limited = unwrap(await open('process', { resourceLimits: { maxOldGenerationSizeMb: 100 } }).run(heapLimit));
    expect(limited).toBeLessThan(300);
  });

  test('E-10 a process that cannot start is told, and fails what waits for it', async () => {
    const runtime = open('process', { execArgv: ['--no-such-flag'] });
    await expect(runtime.ready()).rejects.toMatchObject({ type: 'worker_lost', message: expect.stringContaining('could not be started') });
    expect(await runtime.run(where, {}, {}, ONCE)).toMatchObject({ ok: false, error: { type: 'worker_lost' } });
  });

  test('R-11 an instance has a tier of its own, beside a runtime on threads', async () => {
    const runtime = open('thread');
    const instance = runtime.instance('apart', { isolation: 'process' });
    const pids = [await runtime.run(where), await instance.run(where)].map((outcome) => unwrap(outcome).pid === process.pid);
    expect(pids).toEqual([true, false]);
  });

  test('R-3 a task by itself has a process by itself', async () => {
    const runtime = open('process');
    const [first, alone] = [await runtime.run(where), await runtime.run(where, {}, {}, { isolate: true })].map((outcome) =>
      unwrap(outcome),
    );
    expect(alone?.pid).not.toBe(first?.pid);
  });

  test('isolation permissions: an action whose file may not be read does not load, and the error says what to give', async () => {
    const runtime = open('process', { permissions: {} });
    // Not beside Heddle's own files.
    const elsewhere = await runtime.register(new URL('../../cli/test/fixtures/double.js', import.meta.url));
    const [action] = elsewhere.values();
    const outcome = await runtime.run(action as Action, { n: 1 }, {}, ONCE);
    expect(outcome).toMatchObject({ ok: false, error: { type: 'load_error', message: expect.stringContaining('`permissions.fsRead`') } });
  });

  test('isolation buffers: memory outside of the heap is the own of the lane, and is given back with it', async () => {
    const runtime = open('process');
    const { pid, held } = unwrap(await runtime.run(holdsBuffers, { megabytes: 32 }, {}, ONCE));
    expect(pid).not.toBe(process.pid);
    expect(held).toBeGreaterThan(32 * 2 ** 20 - 1);
    expect(process.memoryUsage().arrayBuffers).toBeLessThan(held);
  });

  test('isolation native: code that looks at nothing is ended after the grace', async () => {
    const runtime = open('process');
    const ref = runtime.start(blocks, {}, {}, ONCE);
    await until(() => ref.progress === 'blocking');
    await ref.cancel();
    expect(await ref.outcome()).toMatchObject({ ok: false, error: { type: 'cancelled', details: { forced: true } } });
    expect(runtime.stats().zombies).toBe(0);
    expect(await runtime.run(where)).toMatchObject({ ok: true });
  });

  test('E-10 R-6 isolation sigkill: the attempt that was lost is made again', async () => {
    const outcome = await open('process').run(endsOnce, {}, {}, { maxRetries: 1, backoffMs: 0 });
    expect(outcome).toMatchObject({ ok: true, value: 2 });
  });

  test('isolation shared-memory: is refused by name, and so is what looks at it', async () => {
    const runtime = open('process');
    const memory = new SharedArrayBuffer(4);
    const refused = await runtime.run(adds, { memory });
    expect(refused).toMatchObject({ ok: false, error: { type: 'uncloneable', details: { path: 'params.memory' } } });
    expect(refused.ok ? '' : refused.error.message).toContain('a SharedArrayBuffer, which cannot be sent to another process');
    const viewed = await runtime.run(adds, { memory: { deep: [new Uint8Array(memory)] } } as never);
    expect(viewed).toMatchObject({ ok: false, error: { type: 'uncloneable', details: { path: 'params.memory.deep[0]' } } });
    const { port1 } = new MessageChannel();
    onTestFinished(() => port1.close());
    const ported = await runtime.run(where, {}, { port: port1 });
    expect(ported).toMatchObject({ ok: false, error: { type: 'uncloneable', details: { path: 'context.port' } } });
  });

  test('isolation chdir: moves the lane, and nobody else', async () => {
    const runtime = open('process');
    const here = process.cwd();
    expect(unwrap(await runtime.run(changes, { what: 'cwd' }))).toBe('/');
    expect(unwrap(await runtime.run(where)).cwd).toBe('/');
    expect(process.cwd()).toBe(here);
  });
});

describe.each<Isolation>(['thread', 'process'])('isolation %s', (isolation) => {
  test('isolation loop: is ended after the grace, and another lane serves', async () => {
    const runtime = open(isolation);
    const ref = runtime.start(spin, {}, {}, ONCE);
    await until(() => ref.progress === 'spinning');
    await ref.cancel();
    expect(await ref.outcome()).toMatchObject({ ok: false, error: { type: 'cancelled', details: { forced: true } } });
    expect(await runtime.run(where)).toMatchObject({ ok: true });
  });

  test('isolation stack: an overflow is an error, and the lane goes on', async () => {
    const runtime = open(isolation);
    const overflown = runtime.start(overflows, {}, {}, ONCE);
    expect(await overflown.outcome()).toMatchObject({ ok: false, error: { type: 'execution_error' } });
    const after = runtime.start(where, {});
    await after.outcome();
    expect(after.threadId).toBe(overflown.threadId);
  });

  test('isolation uncaught: an error that nobody caught fails its own task', async () => {
    const runtime = open(isolation);
    expect(await runtime.run(throws, {}, {}, ONCE)).toMatchObject({ ok: false, error: { details: { uncaught: true } } });
    expect(await runtime.run(where)).toMatchObject({ ok: true });
  });

  test('isolation env, isolation globals: what is changed is the own of the lane', async () => {
    const runtime = open(isolation);
    expect(unwrap(await runtime.run(changes, { what: 'env' }))).toBe('changed');
    expect(unwrap(await runtime.run(changes, { what: 'globals' }))).toBe('changed');
    expect([process.env['HEDDLE_TIER_TEST'], 'changedByTest' in {}]).toEqual([undefined, false]);
  });

  test('isolation permissions: what is not given is forbidden', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'heddle-tiers-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const here = fileURLToPath(new URL('.', import.meta.url));
    const runtime = open(isolation, { permissions: { fsRead: [join(here, '*')], fsWrite: [join(folder, '*')] } });
    const tried = async (trial: Trial): Promise<unknown> => unwrap(await runtime.run(tries, trial, {}, ONCE));
    expect(await tried({ what: 'read', path: fileURLToPath(import.meta.url) })).toBe('done');
    expect(await tried({ what: 'read', path: '/etc/passwd' })).toBe('ERR_ACCESS_DENIED');
    expect(await tried({ what: 'write', path: join(folder, 'x') })).toBe('done');
    expect(await tried({ what: 'write', path: join(here, 'x') })).toBe('ERR_ACCESS_DENIED');
    expect(await tried({ what: 'childProcess' })).toBe('ERR_ACCESS_DENIED');
    expect(await tried({ what: 'worker' })).toBe('ERR_ACCESS_DENIED');
  });
});

test('isolation shared-memory: is the same memory in a thread', async () => {
  const memory = new SharedArrayBuffer(4);
  await open('thread').run(adds, { memory });
  expect(new Int32Array(memory)[0]).toBe(1);
});

test('isolation chdir: is an error in a thread', async () => {
  const outcome = await open('thread').run(changes, { what: 'cwd' }, {}, ONCE);
  expect(outcome).toMatchObject({ ok: false, error: { type: 'execution_error', message: expect.stringContaining('process.chdir()') } });
});
