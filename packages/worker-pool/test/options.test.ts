import { availableParallelism } from 'node:os';
import { HeddleError } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { parseRuntimeOptions } from '../src/options.ts';
import { inner, outer } from './fixtures/propagated.ts';
import { quietLogger } from './support/quiet.ts';

describe('the options of a runtime', () => {
  it('R-3 are complete without any', () => {
    const cores = availableParallelism();
    expect(parseRuntimeOptions()).toMatchObject({
      name: 'heddle',
      minLanes: 1,
      maxLanes: cores,
      concurrency: 1,
      queueLimit: Number.POSITIVE_INFINITY,
      whenFull: 'reject',
      graceMs: 500,
      loadTimeoutMs: 10_000,
      zombieLimit: 1,
      ownership: 'strict',
      defaults: {},
      onEvent: undefined,
      logger: { level: 'warn' },
    });
    expect(Object.isFrozen(parseRuntimeOptions())).toBe(true);
  });

  it('are taken as given', () => {
    const env = { A: '1' };
    const given = parseRuntimeOptions({
      name: 'mine',
      threads: { min: 2, max: 3, concurrency: 4 },
      queue: { limit: 5, whenFull: 'wait' },
      graceMs: 0,
      loadTimeoutMs: Number.POSITIVE_INFINITY,
      zombieLimit: 0,
      defaults: { timeoutMs: 1 },
      logger: quietLogger,
      resourceLimits: { maxOldGenerationSizeMb: 64 },
      env,
      execArgv: ['--trace-warnings'],
    });
    expect(given).toMatchObject({ name: 'mine', minLanes: 2, maxLanes: 3, concurrency: 4, queueLimit: 5, whenFull: 'wait', graceMs: 0 });
    expect(given).toMatchObject({
      loadTimeoutMs: Number.POSITIVE_INFINITY,
      zombieLimit: 0,
      defaults: { timeoutMs: 1 },
      execArgv: ['--trace-warnings'],
    });
    expect([given.logger, given.env, given.resourceLimits]).toEqual([quietLogger, env, { maxOldGenerationSizeMb: 64 }]);
  });

  it('E-10 watch memory only where it has a limit', () => {
    const limits = [undefined, {}, { maxRssMb: Number.POSITIVE_INFINITY }, { maxRssMb: 512 }];
    expect(limits.map((memory) => parseRuntimeOptions({ memory }).maxRssMb)).toEqual([undefined, undefined, undefined, 512]);
  });

  it('allow more lanes at the least than there are cores', () => {
    const min = availableParallelism() + 3;
    expect(parseRuntimeOptions({ threads: { min } })).toMatchObject({ minLanes: min, maxLanes: min });
  });

  it.each<[unknown, RegExp]>([
    [null, /expected an object, got null/],
    [[], /expected an object, got an array/],
    [{ name: '' }, /`name`/],
    [{ threads: 4 }, /`threads` must be an object; got a number/],
    [{ threads: { max: 0 } }, /`threads.max` must be an integer ≥ 1; got 0/],
    [{ threads: { min: 1.5 } }, /`threads.min`/],
    [{ threads: { concurrency: '2' } }, /`threads.concurrency` must be an integer ≥ 1; got a string/],
    [{ threads: { min: 3, max: 2 } }, /`threads.min` \(3\) must not be above `threads.max` \(2\)/],
    [{ threads: { count: 2 } }, /`threads.count` is not an option/],
    [{ queue: [] }, /`queue` must be an object/],
    [{ queue: { limit: -1 } }, /`queue.limit`/],
    [{ queue: { whenFull: 'panic' } }, /`queue.whenFull` must be one of reject, wait, drop-oldest/],
    [{ graceMs: Number.NaN }, /`graceMs`/],
    [{ loadTimeoutMs: -1 }, /`loadTimeoutMs`/],
    [{ zombieLimit: 0.5 }, /`zombieLimit`/],
    [{ defaults: { timeoutMs: -1 } }, /`defaults.timeoutMs`/],
    [{ defaults: { tag: 'x' } }, /`defaults.tag` is not an option/],
    [{ onEvent: 1 }, /`onEvent` must be a function/],
    [{ logger: { level: 'info' } }, /`logger` must be a pino logger/],
    [{ services: [] }, /`services` must be an object of objects; got an array/],
    [{ services: { 'my-prices': {} } }, /`services`: a name must be an identifier.* got "my-prices"/],
    [{ services: Object.fromEntries([['then', {}]]) }, /`services.then`: no service may have this name/],
    [{ services: { constructor: {} } }, /`services.constructor`: no service may have this name/],
    [{ services: { prices: null } }, /`services.prices` must be an object with methods; got null/],
    [{ services: { prices: () => {} } }, /`services.prices` must be an object with methods; got a function/],
    [{ services: { prices: [] } }, /`services.prices`.*; got an array/],
    [{ env: 'A=1' }, /`env` must be an object/],
    [{ resourceLimits: 64 }, /`resourceLimits` must be an object/],
    [{ memory: 512 }, /`memory` must be an object; got a number/],
    [{ memory: { maxRssMb: 0 } }, /`memory.maxRssMb` must be an integer ≥ 1; got 0/],
    [{ memory: { maxHeapMb: 1 } }, /`memory.maxHeapMb` is not an option/],
    [{ ownership: 'mine' }, /`ownership` must be one of strict, shared/],
    [{ execArgv: '--inspect' }, /`execArgv` must be an array of strings/],
    [{ thread: 1 }, /`thread` is not an option/],
  ])('R-3 are refused by name: %j', (options, message) => {
    expect(() => parseRuntimeOptions(options)).toThrow(message);
  });

  it('A-9 are refused when services cannot be read', () => {
    const refuse = (): never => {
      throw new Error('it cannot be read');
    };
    const services = Object.defineProperty({}, 'prices', { enumerable: true, get: refuse });
    expect(() => parseRuntimeOptions({ services })).toThrow(/`services` cannot be read/);
  });

  it('A-9 hold services as they were given, by reference; none is like not given', () => {
    const prices = { lookup: () => 1 };
    const services: Record<string, object> = { prices };
    const parsed = parseRuntimeOptions({ services });
    services['late'] = {};
    expect([...(parsed.services ?? [])]).toEqual([['prices', prices]]);
    expect(parsed.services?.get('prices')).toBe(prices);
    expect([parseRuntimeOptions({ services: {} }).services, parseRuntimeOptions({ services: undefined }).services]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('A-2 are refused with every fault at once', () => {
    const faulty = { graceMs: -1, services: { a: 1, 'b-': {} }, nonsense: true };
    expect(() => parseRuntimeOptions(faulty)).toThrow(HeddleError);
    expect(() => parseRuntimeOptions(faulty)).toThrow(
      expect.objectContaining({
        type: 'config_error',
        details: { faults: [expect.any(String), expect.any(String), expect.any(String), expect.any(String)] },
      }),
    );
  });
});

describe('the options of logs and propagators', () => {
  const faultsOf = (options: object): unknown => {
    try {
      return parseRuntimeOptions({ logger: quietLogger, ...options });
    } catch (error) {
      return (error as HeddleError).details['faults'];
    }
  };

  it('R-9 say which fields are secrets, beside those known', () => {
    expect(parseRuntimeOptions().redact).toEqual([]);
    expect(parseRuntimeOptions({ redact: ['ssn'] }).redact).toEqual(['ssn']);
    expect(parseRuntimeOptions({ redact: false }).redact).toBe(false);
    for (const redact of [true, 'ssn', [1], null])
      expect(faultsOf({ redact })).toEqual(['`redact` must be an array of key names, or `false`']);
  });

  it('R-10 name the propagators, each once; an empty list is none', () => {
    expect(parseRuntimeOptions({ propagators: [] }).propagators).toBeUndefined();
    expect(parseRuntimeOptions({ propagators: [inner, outer] }).propagators).toEqual([inner, outer]);
    expect(faultsOf({ propagators: inner })).toEqual(['`propagators` must be an array; got an object']);
    expect(faultsOf({ propagators: [inner, { ...outer }, inner] })).toEqual([
      '`propagators[1]` must be what `definePropagator` returned; got an object',
      '`propagators` has two that are called inner',
    ]);
  });

  it('R-3 R-9 silence every task of a runtime by its defaults', () => {
    expect(parseRuntimeOptions({ defaults: { telemetry: 'silent' } }).defaults).toEqual({ telemetry: 'silent' });
    expect(faultsOf({ defaults: { telemetry: 1 } })).toEqual(["`defaults.telemetry` must be 'full' or 'silent'; got a number"]);
  });
});
