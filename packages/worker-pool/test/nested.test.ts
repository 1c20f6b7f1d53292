import type { HeddleError, Outcome } from '@heddle/core';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AsyncRef } from '../src/async-ref.ts';
import type { Runtime } from '../src/index.ts';
import type { Op, Script } from './fixtures/scripted.ts';
import * as scripted from './fixtures/scripted.ts';
import { settle } from './support/fake-clock.ts';
import { localRuntime } from './support/local-pool.ts';
import { forgetPlayed, played } from './support/played.ts';

beforeEach(forgetPlayed);

const PAUSE: Op = { op: 'pause', listens: true };
const DEAF: Op = { op: 'pause', listens: false };
const FAIL: Op = { op: 'fail', retryable: false };

function script(ops: readonly Op[], undo?: readonly Op[]): Script {
  return { ops, undo: undo ?? [], compensates: undo !== undefined, maxRetries: 0 };
}

function runs(...scripts: readonly Script[]): Op {
  return { op: 'run', scripts, rethrows: true };
}

function start(runtime: Runtime, given: Script, options: { isolate?: boolean } = {}): AsyncRef<string> {
  return runtime.start(scripted.actionOf(given), { script: given }, {}, { maxRetries: 0, ...options });
}

/** Lets the lanes go on until so many tasks wait for the test. */
async function paused(count: number): Promise<void> {
  while (played().paused.size !== count) await settle();
}

function goOn(): void {
  for (const next of [...played().paused]) next();
}

async function outcomeOf(ref: AsyncRef): Promise<Outcome> {
  while (ref.status !== 'settled') await settle();
  return ref.outcome();
}

async function errorOf(ref: AsyncRef): Promise<HeddleError> {
  const outcome = await outcomeOf(ref);
  if (outcome.ok) throw new Error('expected a failure');
  return outcome.error;
}

const begun = (): string[] => played().begun.map(({ id, role }) => `${id.slice(id.indexOf('-') + 1)} ${role}`);

describe('a parent that is asked to end', () => {
  it('E-7 need not wait for a child that takes its time, so that its thread is not ended for it', async () => {
    const { runtime, clock } = localRuntime({ threads: { max: 2 } });
    const ref = start(runtime, script([runs(script([DEAF]))]));
    await paused(1);
    await Promise.all([ref.cancel(), clock.runTurns()]);
    expect((await errorOf(ref)).type).toBe('cancelled');
    expect(runtime.stats()).toMatchObject({ running: 1, cancelled: 1, lanesKilled: 0 });
    goOn();
    await settle();
    await settle();
    expect(runtime.stats()).toMatchObject({ running: 0, cancelled: 2, lanesKilled: 0 });
  });

  it('R-7 does not cut the compensation of a child short: that takes a second cancel', async () => {
    const { runtime } = localRuntime();
    const ref = start(runtime, script([runs(script([FAIL], [PAUSE]))]));
    await paused(1);
    await ref.cancel();
    expect((await errorOf(ref)).type).toBe('cancelled');
    expect(runtime.stats().compensating).toBe(1);
    goOn();
    await settle();
    await settle();
    expect(runtime.stats()).toMatchObject({ compensating: 0, cancelled: 1, failed: 1 });
  });

  it('R-7 is made good itself where only its child was cancelled', async () => {
    const { runtime } = localRuntime();
    const ref = start(runtime, script([runs(script([PAUSE]))], []));
    await paused(1);
    await runtime.cancel(`${ref.id}/1`);
    expect(await errorOf(ref)).toMatchObject({ type: 'compensation_error', cause: { type: 'cancelled' } });
    expect(begun()).toEqual(['0 run', '0/1 run', '0 undo']);
  });
});

describe('children where no lane seems to be theirs', () => {
  it('R-3 go beside their parent that has the only thread alone', async () => {
    const { runtime } = localRuntime();
    expect(await outcomeOf(start(runtime, script([runs(script([]), script([]))]), { isolate: true }))).toMatchObject({ ok: true });
  });

  it('E-11 go to a thread that is to be replaced, where their parents keep it', async () => {
    const { runtime, pool } = localRuntime();
    const ref = start(runtime, script([PAUSE, runs(script([]))]));
    await paused(1);
    pool.threads[0]?.lane.uncaught(new Error('stray'));
    await settle();
    goOn();
    expect(await outcomeOf(ref)).toMatchObject({ ok: true });
    await settle();
    expect(runtime.stats().lanes).toMatchObject([{ threadId: 2, inFlight: 0 }]);
  });

  it('E-13 are let into a full queue, and are not who goes when it drops its oldest', async () => {
    for (const whenFull of ['reject', 'drop-oldest', 'wait'] as const) {
      const { runtime } = localRuntime({ name: whenFull, queue: { limit: 1, whenFull } });
      const ref = start(runtime, script([PAUSE, runs(script([]), script([]))]));
      await paused(1);
      const other = start(runtime, script([]));
      goOn();
      expect([whenFull, await outcomeOf(ref), await outcomeOf(other)]).toMatchObject([whenFull, { ok: true }, { ok: true }]);
    }
  });
});

describe('the ids of children', () => {
  it('E-2 differ between an attempt, its retry and its compensation', async () => {
    const { runtime, clock } = localRuntime();
    const given: Script = { ...script([runs(script([])), { op: 'fail', retryable: true }], [runs(script([]))]), maxRetries: 1 };
    const ref = runtime.start(scripted.compensated, { script: given }, {}, { maxRetries: 1 });
    while (ref.status !== 'retrying') await settle();
    await clock.advance(10);
    expect((await errorOf(ref)).details['compensated']).toBe(true);
    expect(begun()).toEqual(['0 run', '0/1 run', '0 run', '0/1~2 run', '0 undo', '0/1~undo run']);
  });
});

describe('a runtime that closes', () => {
  it('E-12 waits for what parents left behind, and starts nothing more for them once its grace is over', async () => {
    const { runtime } = localRuntime({ threads: { max: 2 } });
    const ref = start(runtime, script([{ op: 'spawn', script: script([PAUSE]), policy: 'continue' }, PAUSE]));
    await paused(2);
    const closed = runtime.close({ graceMs: 0 });
    expect((await errorOf(ref)).type).toBe('cancelled');
    await closed;
    expect(runtime.stats()).toMatchObject({ cancelled: 2, running: 0, queued: 0 });
  });

  it('E-12, R-7 makes nothing good that fails when its grace is over, and says so', async () => {
    const { runtime } = localRuntime();
    const ref = start(runtime, script([PAUSE, FAIL], [PAUSE]));
    await paused(1);
    goOn();
    // The lane goes on in microtasks: it has failed, and its outcome is on its way.
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    const closed = runtime.close({ graceMs: 0 });
    expect(await errorOf(ref)).toMatchObject({ type: 'compensation_error', message: 'Compensation cancelled for: scripted' });
    await closed;
  });
});

describe('waits for a task that is compensated', () => {
  it('E-3, R-7 that run out are no cancels, however many there are', async () => {
    const { runtime, clock } = localRuntime();
    const ref = start(runtime, script([FAIL], [PAUSE]));
    await paused(1);
    const waits = [ref.outcome({ timeoutMs: 5 }), ref.outcome({ timeoutMs: 5 }), runtime.await(ref, 5)];
    await clock.advance(6);
    for (const wait of waits) expect(await wait).toMatchObject({ ok: false, error: { type: 'timeout' } });
    expect(ref.status).toBe('compensating');
    goOn();
    expect((await errorOf(ref)).details['compensated']).toBe(true);
  });
});

describe('faults of what is given to a child', () => {
  it('R-1, R-2 are told by what they are', async () => {
    const { runtime } = localRuntime();
    expect(await runtime.run(scripted.faulty)).toEqual({
      ok: true,
      value: ['Invalid options: expected an object, got null', 'context.deep.fn', 'params.fn'],
    });
  });
});
