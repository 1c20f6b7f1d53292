import { fail, HeddleError, isHeddleError, isOutcome, ok } from '@heddle/core';
import { ERROR_TYPES, toHeddleError } from '@heddle/core/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeError, decodeOutcome, encodeError, encodeOutcome } from '../../src/protocol/codec.ts';
import { anyValue, revoked, unreadable, withThrowing } from '../support/hostile.ts';

/** To another thread and back into an error. */
const cross = (error: unknown): Error => decodeError(structuredClone(encodeError(error)));
const sizeOf = (error: unknown): number =>
  JSON.stringify(encodeError(error), (_, part) => (typeof part === 'bigint' ? String(part) : part)).length;

describe('an error that crosses', () => {
  it('R-8 keeps its name, message, stack and code', () => {
    const error = Object.assign(new RangeError('too far'), { code: 'E_FAR', errno: -7 });
    const arrived = cross(error);
    expect(arrived).toBeInstanceOf(Error);
    expect(arrived).toMatchObject({ name: 'RangeError', message: 'too far', code: 'E_FAR', errno: -7 });
    expect(arrived.stack).toBe(error.stack);
  });

  it('R-8 keeps a `code` and a `name` of its class', () => {
    class QuotaError extends Error {
      get code(): string {
        return 'E_QUOTA';
      }
      override get name(): string {
        return 'QuotaError';
      }
    }
    expect(cross(new QuotaError('full'))).toMatchObject({ name: 'QuotaError', message: 'full', code: 'E_QUOTA' });
    expect(cross(new DOMException('it was aborted', 'AbortError'))).toMatchObject({
      name: 'AbortError',
      message: 'it was aborted',
      code: 20,
    });
  });

  it('R-8 keeps its own properties, plain data and errors among them; functions are left out', () => {
    const inner = new TypeError('inner');
    const arrived = cross(Object.assign(new Error('outer'), { list: [1, { two: 2n }], when: new Date(0), inner, hook: () => {} }));
    expect(arrived).toMatchObject({ list: [1, { two: 2n }], when: new Date(0), inner: { name: 'TypeError', message: 'inner' } });
    expect('hook' in arrived).toBe(false);
  });

  it('R-8 keeps its causes, whatever they are', () => {
    const arrived = cross(new Error('a', { cause: new TypeError('b', { cause: { code: 7 } }) }));
    expect(arrived.cause).toMatchObject({ name: 'TypeError', message: 'b', cause: { code: 7 } });
    for (const cause of [null, 0, '', 'text', false, 1n]) expect(cross(new Error('a', { cause })).cause).toBe(cause);
    expect('cause' in cross(new Error('none'))).toBe(false);
  });

  it('R-8 keeps the errors of an AggregateError', () => {
    const arrived = cross(new AggregateError([new Error('one'), 'two', { three: 3 }], 'all'));
    expect(arrived).toBeInstanceOf(AggregateError);
    expect((arrived as AggregateError).errors).toMatchObject([{ message: 'one' }, 'two', { three: 3 }]);
    expect(arrived.message).toBe('all');
  });

  it('R-8 ends cycles in words', () => {
    const error: Error & { self?: unknown } = new Error('round');
    error.self = error;
    error.cause = new Error('and round', { cause: error });
    expect(cross(error)).toMatchObject({ self: '[circular]', cause: { message: 'and round', cause: '[circular]' } });
  });

  it('R-8 tells what stands there twice twice: it is no cycle', () => {
    const shared = new Error('shared');
    expect(cross(Object.assign(new Error('a', { cause: shared }), { original: shared }))).toMatchObject({
      cause: { message: 'shared' },
      original: { message: 'shared' },
    });
  });

  it.each([null, undefined, 0, '', 'text', Symbol('s'), () => {}])('A-6 may be no error at all: %s', (thrown) => {
    expect(cross(thrown)).toBeInstanceOf(Error);
  });
});

describe('what cannot cross', () => {
  it('R-8 is told in words', () => {
    class Connection {
      readonly socket = (): void => {};
    }
    const arrived = cross(Object.assign(new Error('e'), { connection: new Connection(), symbol: Symbol('s'), bare: { fn() {} } }));
    expect(arrived).toMatchObject({ connection: '[Connection, does not clone]', symbol: '[symbol]', bare: '[Object, does not clone]' });
  });

  it.each([
    ['a getter for its message', () => withThrowing('message', new Error('m'))],
    ['a getter for its stack', () => withThrowing('stack', new Error('m'))],
    ['a getter for its cause', () => withThrowing('cause', new Error('m'))],
    ['a getter for a property', () => withThrowing('extra', new Error('m'))],
    ['a proxy all of whose traps throw', () => unreadable()],
    ['a revoked proxy', () => revoked()],
    ['an error with a hostile cause', () => new Error('m', { cause: unreadable() })],
    ['an error with a hostile property', () => Object.assign(new Error('m'), { extra: revoked() })],
    ['an error whose errors are a hostile array', () => Object.assign(new Error('m'), { errors: unreadable([1]) })],
    ['an error whose errors are a revoked array', () => Object.assign(new Error('m'), { errors: revoked([1]) })],
    ['an error whose errors slice badly', () => Object.assign(new Error('m'), { errors: withThrowing('slice', [1]) })],
  ])('A-6 never throws: %s', (_, make) => {
    expect(cross(make())).toBeInstanceOf(Error);
  });

  it('A-6 never throws, and always clones, whatever it is given', () => {
    fc.assert(
      fc.property(anyValue, (make) => {
        const thrown = make();
        const encoded = structuredClone(encodeError(thrown));
        expect(decodeError(encoded)).toBeInstanceOf(Error);
        expect(isHeddleError(decodeError(structuredClone(encodeError(toHeddleError(thrown)))))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('how much crosses', () => {
  it('R-8 of a text is at most sixteen thousand characters, and says how many more there were', () => {
    const { message } = cross(new Error('x'.repeat(20_000)));
    expect([message.length < 16_500, message.endsWith('… (3616 more characters)')]).toEqual([true, true]);
  });

  it('R-8 of data is at most sixty-four kilobytes', () => {
    const big = { text: Array.from({ length: 10_000 }, () => 'twelve bytes') };
    const kinds = {
      plain: big,
      buffer: new Uint8Array(70_000),
      map: new Map(Object.entries(big.text)),
      set: new Set(Array.from({ length: 40_000 }, (_, index) => index)),
      nested: { deep: new Map([['buffer', new ArrayBuffer(70_000)]]) },
      cyclic: Object.assign([...big.text], { self: undefined as unknown }),
    };
    kinds.cyclic.self = kinds.cyclic;
    expect(cross(Object.assign(new Error('e'), kinds))).toMatchObject({
      plain: '[Object, too large]',
      buffer: '[Uint8Array, too large]',
      map: '[Map, too large]',
      set: '[Set, too large]',
      nested: '[Object, too large]',
      cyclic: '[Array, too large]',
    });
  });

  it('R-8 of properties and of errors is at most sixty-four each', () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`key${index}`, index]));
    expect(Object.keys(cross(Object.assign(new Error('e'), many))).length).toBe(64);
    const errors = Array.from({ length: 200 }, () => new Error('one'));
    expect((cross(new AggregateError(errors)) as AggregateError).errors.length).toBe(64);
  });

  it('R-8 of causes ends after some, in words', () => {
    let error = new Error('last');
    for (let depth = 0; depth < 100; depth++) error = new Error(`${depth}`, { cause: error });
    expect(sizeOf(error)).toBeLessThan(60_000);
    expect(JSON.stringify(encodeError(error))).toContain('[too deep]');
  });

  it('R-8 of a whole is bounded, however its parts refer to each other', () => {
    let error = new Error('leaf');
    for (let depth = 0; depth < 8; depth++)
      error = new AggregateError(
        Array.from({ length: 64 }, () => error),
        `level ${depth}`,
      );
    expect(sizeOf(error)).toBeLessThan(4_000_000);
  });
});

describe('a HeddleError that crosses', () => {
  it.each(ERROR_TYPES)('R-8 comes back as one: %s', (type) => {
    const error = new HeddleError(type, `about ${type}`, { details: { n: 1 }, cause: new TypeError('behind it'), retryable: true });
    const arrived = cross(error);
    expect(isHeddleError(arrived)).toBe(true);
    expect(arrived).toMatchObject({ type, code: error.code, message: error.message, retryable: true, details: { n: 1 } });
    expect(arrived).toMatchObject({ cause: { name: 'TypeError', message: 'behind it' } });
    expect(arrived.stack).toBe(error.stack);
  });

  it('R-8 keeps what it can of details that do not clone', () => {
    const arrived = cross(new HeddleError('execution_error', 'm', { details: { fn: () => {} } }));
    expect((arrived as HeddleError).details).toEqual({ value: '[Object, does not clone]' });
  });

  it('R-8 of a type that this version does not know comes back as an error', () => {
    const encoded = { ...encodeError(new HeddleError('timeout', 'm')), type: 'from_the_future' as never };
    expect(isHeddleError(decodeError(encoded))).toBe(false);
    expect(decodeError(encoded)).toMatchObject({ name: 'HeddleError', message: 'm' });
  });
});

describe('an outcome that crosses', () => {
  it.each([
    ok(1),
    ok(undefined),
    ok({ a: [1] }, { next: 'step' }),
    fail('no'),
    fail(new HeddleError('execution_error', 'no'), ['directive']),
  ])('R-1 comes back as it was, its directive with it: %j', (outcome) => {
    const [form, payload] = encodeOutcome(outcome);
    const arrived = decodeOutcome(form, structuredClone(payload));
    expect(isOutcome(arrived)).toBe(true);
    expect(arrived.directive).toEqual(outcome.directive);
    if (outcome.ok) expect(arrived).toEqual(outcome);
    else expect(arrived).toMatchObject({ ok: false, error: { type: outcome.error.type, message: outcome.error.message } });
  });

  it('of an unknown form is an internal error', () => {
    expect(decodeOutcome(99, 1)).toMatchObject({ ok: false, error: { type: 'internal_error' } });
  });
});
