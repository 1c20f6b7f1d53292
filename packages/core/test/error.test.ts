import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ERROR_TYPES, errorCode } from '../src/engine.ts';
import { HeddleError, isHeddleError } from '../src/index.ts';
import { revoked, unreadable } from './support/unreadable.ts';

describe('HeddleError', () => {
  it.each(ERROR_TYPES)('R-8 has a code for the type %s', (type) => {
    const error = new HeddleError(type, 'text');
    expect(error.code).toBe(`ERR_HEDDLE_${type.toUpperCase()}`);
    expect(errorCode(type)).toBe(error.code);
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe('HeddleError');
  });

  it('R-8 says by type whether another try may help, unless told otherwise', () => {
    const retryable = ERROR_TYPES.filter((type) => new HeddleError(type, 'x').retryable);
    expect(retryable).toEqual(['execution_error', 'worker_lost', 'overloaded']);
    expect(new HeddleError('execution_error', 'x', { retryable: false }).retryable).toBe(false);
    expect(new HeddleError('timeout', 'x', { retryable: true }).retryable).toBe(true);
  });

  it('R-8 prints a cause only where there is one, `undefined` and `null` included when given', () => {
    expect('cause' in new HeddleError('closed', 'x')).toBe(false);
    expect(inspect(new HeddleError('closed', 'x'))).not.toContain('[cause]');
    expect(new HeddleError('closed', 'x', { cause: null }).cause).toBe(null);
    expect('cause' in new HeddleError('closed', 'x', { cause: undefined })).toBe(true);
  });

  it('R-8 gives its JSON whole: type, code, message, retryable, details and causes', () => {
    const root = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    const cause = new HeddleError('worker_lost', 'thread gone', { cause: new RangeError('outer', { cause: root }) });
    const error = new HeddleError('execution_error', 'no', { cause, details: { attempt: 2 } });
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'HeddleError',
      type: 'execution_error',
      code: 'ERR_HEDDLE_EXECUTION_ERROR',
      message: 'no',
      retryable: true,
      details: { attempt: 2 },
      cause: {
        name: 'HeddleError',
        type: 'worker_lost',
        code: 'ERR_HEDDLE_WORKER_LOST',
        message: 'thread gone',
        retryable: true,
        details: {},
        cause: {
          name: 'RangeError',
          message: 'outer',
          cause: { name: 'Error', message: 'refused', code: 'ECONNREFUSED' },
        },
      },
    });
  });

  it('R-8 ends a chain of causes that leads back to itself', () => {
    const first = new HeddleError('execution_error', 'first');
    const second = new HeddleError('execution_error', 'second', { cause: first });
    for (const cause of [second, first, new Error('between', { cause: second })]) {
      first.cause = cause;
      expect(JSON.stringify(second).length).toBeLessThan(2000);
    }
  });

  it.each([
    ['a plain object', () => ({ plain: true }), { plain: true }],
    ['a text', () => 'text', 'text'],
    ['null', () => null, null],
    ['a bigint', () => 5n, '5'],
    ['a symbol', () => Symbol('s'), 'Symbol(s)'],
    ['a proxy whose traps throw', unreadable, 'object without a JSON form'],
    ['a revoked proxy', revoked, 'object without a JSON form'],
    ['an object whose toJSON gives none', () => ({ toJSON: () => 1n }), 'object without a JSON form'],
  ])('R-8 gives a JSON form of any cause: %s', (_what, make, form) => {
    expect(new HeddleError('execution_error', 'x', { cause: make() }).toJSON().cause).toEqual(form);
  });
});

describe('isHeddleError', () => {
  it('R-8 knows its own, also by the registered brand of another copy of the package', () => {
    class Foreign extends Error {}
    Object.defineProperty(Foreign.prototype, Symbol.for('heddle.error'), { value: true });
    expect(isHeddleError(new HeddleError('closed', 'x'))).toBe(true);
    expect(isHeddleError(new Foreign('x'))).toBe(true);
  });

  it.each([
    ['an Error', () => new Error('x')],
    ['a look-alike', () => ({ type: 'closed', code: 'ERR_HEDDLE_CLOSED' })],
    ['a branded object that is no Error', () => ({ [Symbol.for('heddle.error')]: true })],
    ['null', () => null],
    ['undefined', () => undefined],
    ['a text', () => 'x'],
    ['a proxy whose traps throw', unreadable],
    ['a revoked proxy', revoked],
  ])('R-8 answers false for %s, and never throws', (_what, make) => {
    expect(isHeddleError(make())).toBe(false);
  });
});

describe('docs/errors.md', () => {
  const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const entries = page.split(/^## /m).slice(1);
  const headings = entries.map((entry) => entry.split('\n', 1)[0]);

  it('R-8 has one entry for each type of the closed list, in its order', () => {
    expect(headings).toEqual(ERROR_TYPES.map((type) => `\`${type}\` · \`${errorCode(type)}\``));
  });

  it.each(ERROR_TYPES)('R-8 says of %s when it comes, what to do, and rightly whether it is retryable', (type) => {
    const entry = entries.find((text) => text.startsWith(`\`${type}\``)) ?? '';
    expect(entry).toMatch(/^\*\*When\.\*\* /m);
    expect(entry).toMatch(/^\*\*Do\.\*\* /m);
    expect(entry).toMatch(/^```(ts|sh)$/m);
    const said = /^\*\*Retryable\.\*\* (Yes|No)/m.exec(entry)?.[1];
    expect(said).toBe(new HeddleError(type, 'x').retryable ? 'Yes' : 'No');
  });
});
