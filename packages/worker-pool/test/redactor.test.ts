import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeError, encodeError } from '../src/protocol/codec.ts';
import { createRedactor, type LogFields } from '../src/redactor.ts';
import { anyValue } from './support/hostile.ts';

const redactor = createRedactor([]);
const told = (value: unknown): unknown => redactor.fields({ value })['value'];

describe('secrets in log fields', () => {
  it.each([
    ...['password', 'passwd', 'Passphrase', 'secret', 'clientSecret', 'token', 'accessToken', 'refresh_token', 'id-token', 'Authorization'],
    ...[
      'proxy-authorization',
      'cookie',
      'Set-Cookie',
      'apiKey',
      'api_key',
      'X-API-Key',
      'APIKEY',
      'credentials',
      'privateKey',
      'db.password',
    ],
    ...['AWS_SECRET_ACCESS_KEY', 'sessionId', 'jwt'],
  ])('R-9 are replaced under the name %s', (name) => {
    expect(redactor.fields({ [name]: 'hunter2' })).toEqual({ [name]: '[redacted]' });
  });

  it.each(['tokens', 'maxTokens', 'tokenCount', 'passwordLength', 'author', 'cookieCount', 'keyboard', 'secretary', 'publicKey'])(
    'R-9 are not seen in the name %s',
    (name) => {
      expect(redactor.fields({ [name]: 12 })).toEqual({ [name]: 12 });
    },
  );

  it('R-9 are replaced at any depth, in lists, maps and errors, whatever they are', () => {
    const fields = {
      request: { headers: [{ authorization: 'Bearer 1', accept: '*' }] },
      map: new Map([['token', 'abc']]),
      credentials: { user: 'ada', pin: 1 },
      failed: { reason: Object.assign(new Error('no entry'), { apiKey: 'k', status: 403 }) },
    };
    expect(redactor.fields(fields)).toMatchObject({
      request: { headers: [{ authorization: '[redacted]', accept: '*' }] },
      map: { token: '[redacted]' },
      credentials: '[redacted]',
      failed: { reason: { name: 'Error', message: 'no entry', apiKey: '[redacted]', status: 403 } },
    });
  });

  it('R-9 leave alone what says only whether there is one', () => {
    const fields = { hasPassword: true, token: undefined, cookie: null };
    expect(redactor.fields(fields)).toEqual(fields);
  });

  it('R-9 are replaced under names of one\u2019s own, matched whole', () => {
    const own = createRedactor(['ssn', 'Card-Number']);
    expect(own.fields({ SSN: 1, cardNumber: '4111', lessn: 2, password: 'x' })).toEqual({
      SSN: '[redacted]',
      cardNumber: '[redacted]',
      lessn: 2,
      password: '[redacted]',
    });
  });

  it('R-9 stay when redaction is off, and long texts are cut all the same', () => {
    const off = createRedactor(false);
    expect(off.fields({ password: 'hunter2', text: 'x'.repeat(2001) })).toEqual({
      password: 'hunter2',
      text: `${'x'.repeat(2000)}… (1 more characters)`,
    });
  });

  it('R-9 are replaced in an error\u2019s own properties and in its causes, the rest kept whole', () => {
    const cause = Object.assign(new RangeError('inner'), { token: 't' });
    const error = Object.assign(new Error('outer', { cause }), { password: 'p', code: 'E_X', nested: { secret: 's', ok: 1 } });
    const decoded = decodeError(redactor.error(encodeError(error)));
    expect(decoded).toMatchObject({ message: 'outer', password: '[redacted]', code: 'E_X', nested: { secret: '[redacted]', ok: 1 } });
    expect(decoded.cause).toMatchObject({ name: 'RangeError', message: 'inner', token: '[redacted]' });
    expect(error.password).toBe('p');
  });
});

describe('what is too large for a log', () => {
  it('R-9 is cut: texts, messages, lists, keys, depth, bytes', () => {
    expect(told('x'.repeat(2000))).toBe('x'.repeat(2000));
    expect(redactor.message('m'.repeat(8003))).toBe(`${'m'.repeat(8000)}… (3 more characters)`);
    expect(told(Array.from({ length: 103 }, () => 1))).toEqual([...Array.from({ length: 100 }, () => 1), '… 3 more']);
    const wide = told(Object.fromEntries(Array.from({ length: 102 }, (_, index) => [`k${index}`, index])));
    expect(Object.keys(wide as object)).toHaveLength(101);
    expect(wide).toMatchObject({ '…': '2 more' });
    expect(told(new Uint8Array(3000))).toBe('[Uint8Array, 3000 bytes]');
    let deep: unknown = 'bottom';
    for (let level = 0; level < 12; level++) deep = { deep };
    expect(JSON.stringify(told(deep))).toContain('[too deep]');
    const error = redactor.error(encodeError(new Error('m'.repeat(9000))));
    expect(error.message).toBe(`${'m'.repeat(8000)}… (1000 more characters)`);
  });

  it('R-9 is bounded in all, and ends cycles in words', () => {
    const row = Array.from({ length: 100 }, () => ({ a: 1 }));
    const rows = told(Array.from({ length: 100 }, () => row)) as unknown[][];
    expect(rows.flat().filter((item) => typeof item === 'object').length).toBeLessThan(2000);
    const cycle: Record<string, unknown> = { twice: [row[0], row[0]] };
    cycle['self'] = cycle;
    expect(told(cycle)).toEqual({ twice: [{ a: 1 }, { a: 1 }], self: '[circular]' });
  });

  it('R-9 keeps what JSON can say, and tells the rest in words', () => {
    const date = new Date(0);
    expect(told([date, 1n, undefined, null, new URL('http://localhost/x'), new Set([1]), () => {}, Symbol('s')])).toEqual([
      date,
      1n,
      undefined,
      null,
      'http://localhost/x',
      [1],
      '[function]',
      '[symbol]',
    ]);
  });
});

it('R-9 any fields can be told, none of them is changed, and what is told clones', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), anyValue, { maxKeys: 4 }), (makes) => {
      const fields = Object.fromEntries(Object.entries(makes).map(([key, make]) => [key, make()])) as LogFields;
      const before = Object.keys(fields);
      expect(() => structuredClone(redactor.fields(fields))).not.toThrow();
      expect(Object.keys(fields)).toEqual(before);
    }),
  );
});
