import { type Action, defineAction, type HeddleError, type HeddleErrorType, type Outcome } from '@heddle/core';
import { ERROR_TYPES, errorCode } from '@heddle/core/engine';
import { beforeEach, describe, expect, it } from 'vitest';
import { decodeOutcome } from '../src/protocol/codec.ts';
import { createRuntime } from '../src/runtime.ts';
import * as actions from './fixtures/served.ts';
import { settle } from './support/fake-clock.ts';
import { shared } from './support/gate.ts';
import { localRuntime } from './support/local-pool.ts';
import { aFailure, simAction, simRuntime } from './support/sim-runtime.ts';

const once = { maxRetries: 0 } as const;
const action = simAction();

function errorOf(outcome: Outcome): HeddleError {
  if (outcome.ok) throw new Error('expected a failure');
  return outcome.error;
}

async function thrown(call: () => unknown): Promise<HeddleError> {
  try {
    await call();
  } catch (error) {
    return error as HeddleError; // what it is, the test looks at
  }
  throw new Error('expected a throw');
}

/** One way to each error that this package can give. */
const WAYS: Partial<Record<HeddleErrorType, () => Promise<HeddleError>>> = {
  invalid_action: async () => errorOf(await localRuntime().runtime.run((() => 1) as never as Action, {} as never)),
  invalid_input: async () => errorOf(await localRuntime().runtime.run(actions.echo, 7 as never)),
  validation_error: async () => errorOf(await localRuntime().runtime.run(actions.checked, { n: 'x' } as never)),
  config_error: () => thrown(() => createRuntime({ graceMs: -1 })),
  execution_error: async () => errorOf(await localRuntime().runtime.run(actions.throws, { message: 'It is said as it was' }, {}, once)),
  timeout: async () => errorOf(await simRuntime().runtime.run(action, {}, {}, { timeoutMs: 0 })),
  cancelled: async () => {
    const ref = simRuntime().runtime.start(action, {});
    await ref.cancel();
    return errorOf(await ref.outcome());
  },
  invalid_async_ref: async () => errorOf(await simRuntime().runtime.await({} as never)),
  worker_lost: async () => {
    const sim = simRuntime();
    const ref = sim.runtime.start(action, {}, {}, once);
    await sim.openThreads();
    sim.begin();
    await sim.end();
    return errorOf(await ref.outcome());
  },
  overloaded: async () => {
    const { runtime } = simRuntime({ queue: { limit: 0 } });
    return errorOf(await runtime.run(action, {}));
  },
  closed: () => {
    const { runtime } = simRuntime();
    void runtime.close();
    return thrown(() => runtime.start(action, {}));
  },
  uncloneable: async () => errorOf(await localRuntime().runtime.run(actions.echo, { fn: () => {} })),
  load_error: async () => {
    const module = new URL('./fixtures/broken/syntax.mjs', import.meta.url).href;
    return errorOf(await localRuntime().runtime.run(defineAction({ module, name: 'broken', run: () => 1 })));
  },
  not_owner: async () => {
    const ref = simRuntime({ name: 'mine' }).runtime.start(action, {});
    return errorOf(await simRuntime({ name: 'other' }).runtime.cancel(ref));
  },
  not_found: async () => errorOf(await simRuntime().runtime.cancel('sim-99')),
  internal_error: () => Promise.resolve(errorOf(decodeOutcome(99, undefined))),
};

/** Given by parts that are not in this package yet, or not by this package. */
const ELSEWHERE: readonly HeddleErrorType[] = ['compensation_error', 'child_not_found', 'tag_in_use', 'not_suspended', 'limit_exceeded'];

beforeEach(() => {
  shared().trace.length = 0;
});

describe('each error', () => {
  it.each(Object.entries(WAYS))('R-8 %s is given, with its code and words of its own', async (type, way) => {
    const error = await way();
    expect([error.type, error.code]).toEqual([type, errorCode(type as HeddleErrorType)]);
    expect(error.message).toMatch(/^[A-Z`].{10,}$/s);
    expect(error.message).not.toMatch(/undefined|\[object|please|failed to/i);
    expect(error.toJSON()).toMatchObject({ type, code: error.code, retryable: error.retryable });
  });

  it('R-8 has a way to it here, or belongs to another part', () => {
    expect([...Object.keys(WAYS), ...ELSEWHERE].sort()).toEqual([...ERROR_TYPES].sort());
  });

  it('R-8 says what the action said, and nothing more', async () => {
    const { runtime } = localRuntime();
    const error = errorOf(await runtime.run(actions.throws, { message: 'no' }, {}, once));
    expect(error.message).toBe('no');
  });
});

describe('an error of an attempt', () => {
  it('names no params and no context, whatever happened', async () => {
    const secret = { password: 'hunter2' };
    const sim = simRuntime({ graceMs: 10 });
    const errors: HeddleError[] = [];
    const timedOut = sim.runtime.start(action, secret, secret, { timeoutMs: 5, ...once });
    const thread = await sim.openThreads();
    sim.begin();
    await sim.clock.advance(5);
    await sim.finish(aFailure, thread);
    errors.push(errorOf(await timedOut.outcome()));
    const lost = sim.runtime.start(action, secret, secret, once);
    await settle();
    sim.begin(thread);
    await sim.end(thread);
    errors.push(errorOf(await lost.outcome()));
    expect(errors.map(({ type }) => type)).toEqual(['timeout', 'worker_lost']);
    expect(JSON.stringify(errors)).not.toContain('hunter2');
  });
});
