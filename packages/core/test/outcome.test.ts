import { describe, expect, it } from 'vitest';
import { fail, HeddleError, isOutcome, ok, unwrap } from '../src/index.ts';
import { revoked, unreadable, withThrowing } from './support/unreadable.ts';

describe('outcomes', () => {
  it('R-1 hold a value or an error, and a directive only when one was given', () => {
    expect({ ...ok(5) }).toEqual({ ok: true, value: 5 });
    expect(Object.keys(ok(5))).toEqual(['ok', 'value']);
    expect({ ...ok(5, 'next') }).toEqual({ ok: true, value: 5, directive: 'next' });
    const error = new HeddleError('closed', 'gone');
    expect({ ...fail(error) }).toEqual({ ok: false, error });
    expect({ ...fail(error, { to: 1 }) }).toEqual({ ok: false, error, directive: { to: 1 } });
  });

  it('R-2 are known by their brand, not by their looks', () => {
    expect(isOutcome(ok(undefined))).toBe(true);
    expect(isOutcome(fail('x'))).toBe(true);
    const lookAlikes = [{ ok: true, value: 1 }, { ok: false, error: new HeddleError('closed', 'x') }, { ...ok(1) }];
    for (const value of lookAlikes) expect(isOutcome(value)).toBe(false);
  });

  it('R-2 lose their brand in a structured clone, so that none crosses a thread unseen', () => {
    expect(isOutcome(structuredClone(ok(1)))).toBe(false);
  });

  it('R-2 are known from another copy of the package', () => {
    const foreign: unknown = Object.create({ [Symbol.for('heddle.outcome')]: true }, { ok: { value: true } });
    expect(isOutcome(foreign)).toBe(true);
  });

  it.each([
    ['null', () => null],
    ['undefined', () => undefined],
    ['a number', () => 0],
    ['a text', () => 'ok'],
    ['a function', () => () => ok(1)],
    ['a proxy whose traps throw', unreadable],
    ['a revoked proxy', revoked],
  ])('R-2 are not %s: isOutcome answers false, and never throws', (_what, make) => {
    expect(isOutcome(make())).toBe(false);
  });

  it('R-1 unwrap gives the value, or throws the error itself', () => {
    expect(unwrap(ok('value'))).toBe('value');
    const error = new HeddleError('timeout', 'late');
    expect(() => unwrap(fail(error))).toThrow(error);
  });
});

describe('fail', () => {
  it('A-6 makes an execution error of a text', () => {
    const { error } = fail('out of stock');
    expect(error).toBeInstanceOf(HeddleError);
    expect(error.toJSON()).toEqual({
      name: 'HeddleError',
      type: 'execution_error',
      code: 'ERR_HEDDLE_EXECUTION_ERROR',
      message: 'out of stock',
      retryable: true,
      details: {},
    });
  });

  it('A-6 keeps a HeddleError as it is', () => {
    const error = new HeddleError('limit_exceeded', 'too many');
    expect(fail(error).error).toBe(error);
  });

  it('A-6 keeps an error as the cause, its message on top', () => {
    const cause = new TypeError('wrong');
    const { error } = fail(cause);
    expect(error).toMatchObject({ type: 'execution_error', message: 'wrong' });
    expect(error.cause).toBe(cause);
  });

  it.each([
    ['null', () => null, '`null`, which is no Error'],
    ['undefined', () => undefined, '`undefined`, which is no Error'],
    ['0', () => 0, '`0`, which is no Error'],
    ['a bigint', () => 7n, '`7`, which is no Error'],
    ['false', () => false, '`false`, which is no Error'],
    ['an empty text', () => '', 'an empty string, which is no Error'],
    ['a symbol', () => Symbol('s'), 'a symbol, which is no Error'],
    ['a function', () => () => 1, 'a function, which is no Error'],
    ['a class', () => class {}, 'a function, which is no Error'],
    ['an empty object', () => ({}), 'an error without a message'],
    ['an error without a text', () => new Error(''), 'an error without a message'],
    ['a proxy whose traps throw', unreadable, 'an object that cannot be read'],
    ['a revoked proxy', revoked, 'an object that cannot be read'],
    ['a throwing message', () => withThrowing('message'), 'an object that cannot be read'],
  ])('A-6 makes an execution error of %s', (_what, make, said) => {
    const outcome = fail(make());
    expect(outcome.ok).toBe(false);
    expect(outcome.error.type).toBe('execution_error');
    expect(outcome.error.message).toBe(`The action returned ${said}`);
  });

  it('A-6 reads a code where there is no message', () => {
    expect(fail({ code: 'ECONNRESET' }).error).toMatchObject({ message: 'ECONNRESET', retryable: true });
  });

  it.each(['ECONNRESET', 'ETIMEDOUT', 'EAI_AGAIN', 'UND_ERR_SOCKET'])('A-6 %s is retryable', (code) => {
    expect(fail(Object.assign(new Error('x'), { code })).error.retryable).toBe(true);
  });

  it('A-6 carries what an error says of itself: `retryable: false` wins, from anywhere in its causes', () => {
    expect(fail({ message: 'x', retryable: false }).error.retryable).toBe(false);
    expect(fail({ code: 'ECONNRESET', retryable: false }).error.retryable).toBe(false);
    const nested = new Error('outer', { cause: { code: 'EPIPE', cause: { retryable: false } } });
    expect(fail(nested).error.retryable).toBe(false);
  });

  it('A-6 reads a cyclic chain of causes to an end', () => {
    const error = new Error('round');
    error.cause = error;
    expect(fail(error).error.message).toBe('round');
  });

  it('A-6 keeps the message of an error whose cause throws when read', () => {
    expect(fail(withThrowing('cause', { message: 'hello' })).error.message).toBe('hello');
  });

  it('A-6 says `threw` for what was thrown and `returned` for what was handed over', async () => {
    const { toHeddleError } = await import('../src/engine.ts');
    expect(toHeddleError(null).message).toBe('The action threw `null`, which is no Error');
  });
});
