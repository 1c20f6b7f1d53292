import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fail, HeddleError, type Outcome, ok } from '@heddle/core';
import { createRuntime, type RuntimeOptions, subscribeTelemetry } from '@heddle/worker-pool';
import { expect, vi } from 'vitest';
import type { FaultCheck } from './fault.ts';
import * as actions from './fixtures/actions.mjs';
import { HANG_MS, until, type World } from './world.ts';

const ONCE = { maxRetries: 0 } as const;
const ENDLESS = { maxRetries: 0, timeoutMs: Number.POSITIVE_INFINITY } as const;
const TINY: RuntimeOptions = { threads: { min: 1, max: 1 }, graceMs: 0 };
const ALONE = fileURLToPath(new URL('./fixtures/alone.mjs', import.meta.url));
const PLAIN = Object.freeze({ ok: false, error: Object.freeze({ type: 'closed' }) });

/** Runs a program of `fixtures/alone.mjs` in a process of its own, and says how that ended. */
function alone(name: string): Promise<{ readonly signal: string | null; readonly out: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [ALONE, name], { timeout: HANG_MS }, (error, out) =>
      resolve({ signal: error?.signal ?? null, out: out.trim() }),
    );
  });
}

/** Blocks this thread until something holds in shared memory, and a while longer. */
function block(memory: SharedArrayBuffer, ms: number): void {
  Atomics.wait(new Int32Array(memory), 2, 0, ms);
}

/** A task says things in a loop while this thread takes nothing: the loop waits, and nothing is lost. */
const flood = (fault: FaultCheck['fault'], kind: 'log' | 'progress' | 'console'): FaultCheck => ({
  fault,
  options: { threads: { min: 1, max: 1 } },
  check: async (world) => {
    const { runtime, events } = world;
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const count = 20_000;
    const memory = new SharedArrayBuffer(12);
    const said = new Int32Array(memory);
    let progress = 0;
    try {
      const ref = runtime.start(actions.floods, { kind, memory, bytes: 64, count }, {}, { ...ENDLESS, onProgress: () => void progress++ });
      await until(() => Atomics.load(said, 0) > 0);
      block(memory, 100);
      const seen = written.mock.calls.length + progress + world.records;
      // As far ahead as a pace allows, whatever the machine does; without one it would be ahead by all.
      expect(Atomics.load(said, 0) - seen).toBeLessThan(1000);
      expect(await ref.outcome({ timeoutMs: HANG_MS })).toMatchObject({ ok: true, value: 'said' });
      expect(events).toEqual([]);
    } finally {
      written.mockRestore();
    }
  },
});

const MEMORY_CHECKS: readonly FaultCheck[] = [
  {
    fault: 'buffers',
    of: 'of a task',
    options: { memory: { maxRssMb: Math.round(process.memoryUsage.rss() / 2 ** 20) + 260 } },
    check: async (world) => {
      const neighbour = await world.neighbour();
      const outcome = await world.runtime.run(actions.eatsBuffers, { limitMb: 440 }, {}, ENDLESS);
      expect(outcome).toMatchObject({ ok: false, error: { type: 'limit_exceeded', details: { forced: true } } });
      const told = world.events.find(({ kind }) => kind === 'memoryExceeded');
      expect(told).toMatchObject({ threadId: expect.any(Number), maxRssMb: expect.any(Number) });
      expect(await world.next()).toMatchObject({ ok: true });
      neighbour.letGo();
      expect(await neighbour.ended()).toMatchObject({ ok: true, value: 'unharmed' });
    },
  },
  {
    fault: 'kill',
    // What no thread contains: the process dies.
    check: async () => expect(await alone('kill')).toEqual({ signal: 'SIGKILL', out: 'started' }),
  },
  {
    fault: 'native',
    options: { graceMs: 10 },
    check: async (world) => {
      const { runtime, events } = world;
      const neighbour = await world.neighbour();
      const file = join(mkdtempSync(join(tmpdir(), 'heddle-faults-')), 'done');
      const outcome = await runtime.run(actions.blocksNatively, { file }, {}, { ...ONCE, timeoutMs: 20 });
      expect(outcome).toMatchObject({ ok: false, error: { type: 'timeout', details: { forced: true, zombie: true } } });
      expect(events.map(({ kind }) => kind)).toContain('zombie');
      expect(await world.next()).toMatchObject({ ok: true });
      neighbour.letGo();
      expect(await neighbour.ended()).toMatchObject({ ok: true, value: 'unharmed' });
      writeFileSync(file, '');
      await until(() => events.some(({ kind }) => kind === 'zombieEnded'));
      rmSync(dirname(file), { recursive: true });
    },
  },
];

const HUGE = 100 * 2 ** 20;

/** A schema is the limit: `params` are looked at before a thread is used, a result before it crosses. */
const PAYLOAD_CHECKS: readonly FaultCheck[] = [
  {
    fault: 'payload',
    of: 'params',
    check: async (world) => {
      const data = new Uint8Array(HUGE);
      const { runtime } = world;
      expect(await runtime.run(actions.measuresSmall, { data }, {}, ONCE)).toMatchObject({
        ok: false,
        error: { type: 'validation_error' },
      });
      expect(runtime.stats().lanes.map(({ settled }) => settled)).not.toContain(1);
      expect(await runtime.run(actions.measures, { data }, {}, { ...ONCE, transfer: [data.buffer] })).toMatchObject({
        ok: true,
        value: HUGE,
      });
      expect(await world.next()).toMatchObject({ ok: true });
    },
  },
  {
    fault: 'payload',
    of: 'a result',
    check: async (world) => {
      const { runtime } = world;
      expect(await runtime.run(actions.returnsSmall, { bytes: HUGE }, {}, ONCE)).toMatchObject({
        ok: false,
        error: { type: 'validation_error' },
      });
      expect(await runtime.run(actions.returnsSmall, { bytes: 8 }, {}, ONCE)).toMatchObject({ ok: true });
      expect(await world.next()).toMatchObject({ ok: true });
    },
  },
];

const RACE_CHECKS: readonly FaultCheck[] = [
  {
    fault: 'cancel-races',
    check: async ({ runtime }) => {
      const refs = Array.from({ length: 3000 }, (_, index) => runtime.start(actions.counts, { turns: index % 500 }, {}, ONCE));
      // As many before, as many after, and the rest while they run.
      const cancels = refs.map(async (ref, index) => {
        if (index % 3 === 1) await null;
        if (index % 3 === 2) await new Promise((resolve) => setImmediate(resolve));
        return ref.cancel();
      });
      expect((await Promise.all(cancels)).filter(({ ok }) => !ok)).toEqual([]);
      const outcomes = await Promise.all(refs.map((ref) => ref.outcome({ timeoutMs: HANG_MS })));
      expect(outcomes.filter((outcome) => !outcome.ok && outcome.error.type !== 'cancelled')).toEqual([]);
      const { completed, failed, cancelled } = runtime.stats();
      expect(completed + failed + cancelled).toBe(3000);
    },
  },
  {
    fault: 'close-loaded',
    check: async ({ runtime }) => {
      const endless = [actions.spins, actions.never].map((action) => runtime.start(action, {}, {}, ENDLESS));
      const queued = Array.from({ length: 500 }, () => runtime.start(actions.counts, { turns: 1000 }));
      await runtime.close({ graceMs: 0 });
      const outcomes = await Promise.all([...endless, ...queued].map((ref) => ref.outcome({ timeoutMs: HANG_MS })));
      expect(outcomes.filter((outcome) => !outcome.ok && !['cancelled', 'closed'].includes(outcome.error.type))).toEqual([]);
      expect(() => runtime.start(actions.echo, {})).toThrow(/is closed/);
    },
  },
  {
    fault: 'close-twice',
    check: async ({ runtime }) => {
      const task = runtime.run(actions.waits, { memory: new SharedArrayBuffer(8) }, {}, ENDLESS);
      await Promise.all([runtime.close({ graceMs: 10 }), runtime.close(), runtime[Symbol.asyncDispose]()]);
      await runtime.close({ graceMs: 0 });
      expect((await task).ok).toBe(false);
    },
  },
  {
    fault: 'close-starting',
    options: { threads: { min: 4, max: 4 } },
    check: async ({ runtime }) => {
      const task = runtime.run(actions.echo, { n: 1 });
      await runtime.close({ graceMs: 0 });
      expect(await task).toMatchObject({ ok: false, error: { type: expect.stringMatching(/^(closed|cancelled)$/) } });
    },
  },
];

const throwing = (): never => {
  throw new Error('a listener threw');
};

const HOST_CHECKS: readonly FaultCheck[] = [
  {
    fault: 'host-blocked',
    check: async ({ runtime }) => {
      const memory = new SharedArrayBuffer(12);
      const words = new Int32Array(memory);
      await runtime.run(actions.echo, {});
      const task = runtime.run(actions.waits, { memory }, {}, { ...ONCE, timeoutMs: 1500 });
      // The task begins while this thread hears nothing, ends at once, and its limit passes.
      await until(() => Atomics.load(words, 1) === 1);
      Atomics.store(words, 0, 1);
      block(memory, 1700);
      expect(await task).toMatchObject({ ok: true, value: 'unharmed' });
    },
  },
  {
    fault: 'clock',
    check: async ({ runtime }) => {
      const now = Date.now;
      try {
        const memory = new SharedArrayBuffer(8);
        const task = runtime.start(
          actions.waits,
          { memory },
          {},
          { ...ONCE, timeoutMs: 15_000, totalTimeoutMs: 15_000, deadline: now() + 15_000 },
        );
        await until(() => Atomics.load(new Int32Array(memory), 1) === 1);
        for (const jumpMs of [86_400_000, -86_400_000]) {
          Date.now = () => now() + jumpMs;
          expect(await runtime.run(actions.never, {}, {}, { ...ONCE, timeoutMs: 20 })).toMatchObject({
            ok: false,
            error: { type: 'timeout' },
          });
          expect(await runtime.run(actions.echo, { jumpMs })).toMatchObject({ ok: true });
        }
        Atomics.store(new Int32Array(memory), 0, 1);
        expect(await task.outcome({ timeoutMs: HANG_MS })).toMatchObject({ ok: true, value: 'unharmed' });
      } finally {
        Date.now = now;
      }
    },
  },
  {
    fault: 'listener',
    options: {
      onEvent: throwing,
      logger: { level: 'trace', trace: throwing, debug: throwing, info: throwing, warn: throwing, error: throwing, fatal: throwing },
    },
    check: async (world) => {
      const warned = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined);
      const stop = subscribeTelemetry({
        taskStart: throwing,
        taskEnd: throwing,
        attemptStart: throwing,
        attemptEnd: throwing,
        event: throwing,
      });
      try {
        const { runtime } = world;
        const memory = new SharedArrayBuffer(12);
        const options = { onProgress: throwing, retryIf: throwing, maxRetries: 1, backoffMs: 0 };
        expect(await runtime.run(actions.floods, { kind: 'progress', memory, bytes: 1, count: 3 }, {}, options)).toMatchObject({
          ok: true,
        });
        expect(await runtime.run(actions.floods, { kind: 'log', memory, bytes: 1, count: 3 }, {}, options)).toMatchObject({ ok: true });
        expect(await runtime.run(actions.throwsValue, { what: 'null' }, {}, options)).toMatchObject({
          ok: false,
          error: { type: 'execution_error' },
        });
        expect(await runtime.run(actions.exits, {}, {}, options)).toMatchObject({ ok: false, error: { type: 'worker_lost' } });
        const coroutine = runtime.coroutine(actions.yields, { what: 'zero' }, {}, { onStep: throwing });
        expect(await coroutine.next(undefined, { timeoutMs: HANG_MS })).toMatchObject({ kind: 'suspended', value: 0 });
        await coroutine.stop();
        expect(warned).toHaveBeenCalled();
      } finally {
        stop();
        warned.mockRestore();
      }
    },
  },
];

/** What no lane says: each must neither end the process nor leave a task without an outcome. */
const FORGED: readonly (readonly unknown[])[] = [
  [null],
  [undefined, 7, 'text'],
  [[]],
  [[99, 'unknown']],
  [[0, 1023, 0, 1, 'nobody']],
  [[0, 'slot', 0, 1, 'nobody']],
  [[3, 'constructor', 'printed']],
  [[4, 1, 'nobody', undefined]],
  [[5]],
  [[6]],
  [[7, 'a', 'b', 'c']],
  [[8]],
  [[9, 0, 0, 'no list']],
  [[10]],
  [[11, undefined]],
];

const lanePort: FaultCheck = {
  fault: 'lane-port',
  check: async (world) => {
    for (const forged of FORGED) {
      const outcome = await world.runtime.run(actions.abusesLanePort, { forged }, {}, ONCE);
      // It may have its outcome, or its thread is ended for it.
      if (outcome.ok) expect(outcome.value).toBe(1);
      else expect(outcome.error.type).toMatch(/^(worker_lost|internal_error|execution_error)$/);
      expect(await world.next()).toMatchObject({ ok: true });
    }
  },
};

const globals = (what: string, expected: object): FaultCheck => ({
  fault: 'globals',
  of: what,
  check: async ({ runtime }) => {
    expect(await runtime.run(actions.breaksGlobals, { what }, {}, { ...ONCE, timeoutMs: HANG_MS })).toMatchObject(expected);
    // The thread is as broken as its code has made it, and cannot be told from a sound one: a fresh one is.
    expect(await runtime.run(actions.echo, { what }, {}, { isolate: true })).toMatchObject({ ok: true, value: { what } });
  },
});

const FORGED_OUTCOMES: readonly object[] = [
  { ok: true, value: 'forged' },
  { ok: false, error: new Error('forged') },
  { ok: false, error: null },
];

const FORGERY_CHECKS: readonly FaultCheck[] = [
  {
    fault: 'parent-port',
    options: TINY,
    check: async (world) => {
      const outcome = await world.runtime.run(actions.abusesParentPort, {}, {}, ONCE);
      if (!outcome.ok) expect(outcome.error.type).toBe('worker_lost');
      expect(await world.next()).toMatchObject({ ok: true });
    },
  },
  lanePort,
  globals('listeners', { ok: true, value: 'broken' }),
  globals('timers', { ok: true, value: 'broken' }),
  globals('freeze', { ok: true, value: 'broken' }),
  {
    fault: 'handles',
    check: async ({ runtime }) => {
      const other = createRuntime(TINY);
      const real = runtime.start(actions.echo, { n: 1 });
      const foreign = other.start(actions.echo, { n: 2 });
      const copies = [{ ...real }, Object.create(real) as object, structuredClone({ id: real.id }), new Proxy(real, {})];
      for (const handle of [null, undefined, 0, 'invalid', [], {}, () => {}, PLAIN, ...copies]) {
        const invalid = { ok: false, error: { type: 'invalid_async_ref' } };
        expect(await runtime.await(handle as typeof real, 10)).toMatchObject(invalid);
        // A text may be an id: of nobody, here.
        if (typeof handle !== 'string') expect(await runtime.cancel(handle as typeof real)).toMatchObject(invalid);
      }
      expect(await runtime.await(foreign, 10)).toMatchObject({ ok: false, error: { type: 'not_owner' } });
      expect(await runtime.cancel(foreign)).toMatchObject({ ok: false, error: { type: 'not_owner' } });
      expect(await real.outcome({ timeoutMs: HANG_MS })).toMatchObject({ ok: true, value: { n: 1 } });
      expect(await foreign.outcome({ timeoutMs: HANG_MS })).toMatchObject({ ok: true, value: { n: 2 } });
      await other.close();
    },
  },
  {
    fault: 'outcomes',
    check: async ({ runtime }) => {
      for (const forged of FORGED_OUTCOMES) {
        // Params that look like an outcome are params, and so is a result.
        const outcome: Outcome = await runtime.run(actions.echo, forged as Readonly<Record<string, unknown>>, {}, ONCE);
        expect(outcome).toMatchObject({ ok: true, value: { ok: 'value' in forged } });
      }
      expect(await runtime.run(actions.echo, ok({ real: true }) as never)).toMatchObject({ ok: true, value: { real: true } });
      const refused = fail(new HeddleError('closed', 'as it was'));
      expect(await runtime.run(actions.echo, refused as never)).toMatchObject({ ok: false, error: { message: 'as it was' } });
    },
  },
];

/** What needs a runtime of its own. */
export const HOST_CASES: readonly FaultCheck[] = [
  ...MEMORY_CHECKS,
  flood('flood-logs', 'log'),
  flood('flood-progress', 'progress'),
  flood('flood-console', 'console'),
  {
    fault: 'flood-yields',
    check: async ({ runtime }: World) => {
      const memory = new SharedArrayBuffer(8);
      const stream = runtime.stream(actions.yieldsForever, { memory }, {}, { window: 16 });
      for (let read = 0; read < 10; read++) await stream.next();
      await runtime.run(actions.echo, {});
      // Ten were read: it is a window ahead, at the most.
      expect(Atomics.load(new Int32Array(memory), 0)).toBeLessThanOrEqual(10 + 16 + 1);
      await stream.return?.(undefined as never);
    },
  },
  ...PAYLOAD_CHECKS,
  ...RACE_CHECKS,
  ...HOST_CHECKS,
  ...FORGERY_CHECKS,
];
