import type { TSchema } from '@sinclair/typebox';
import { describe, expect, it } from 'vitest';
import { Type } from '../src/index.ts';
import { createValidator } from '../src/validation.ts';

/** The first fault of a value, in words. */
function fault(schema: TSchema, value: unknown): string {
  const checked = createValidator(schema).validate(value);
  if (checked.ok) return 'none';
  const [first] = checked.faults;
  return `expected ${first?.expected}, got ${first?.received}`;
}

describe('the words of a fault', () => {
  it.each<[TSchema, unknown, string]>([
    [Type.Integer({ minimum: 1, maximum: 9 }), 0, 'expected integer ≥ 1 ≤ 9, got 0'],
    [Type.Number({ exclusiveMinimum: 0, multipleOf: 2 }), -1, 'expected number > 0 a multiple of 2, got -1'],
    [Type.String({ minLength: 2, maxLength: 3 }), '', 'expected string of length ≥ 2 of length ≤ 3, got ""'],
    [Type.String({ pattern: '^x' }), 'y', 'expected string matching ^x, got "y"'],
    [Type.String({ format: 'email' }), 'y', 'expected string of format email, got "y"'],
    [Type.Boolean(), 'true', 'expected boolean, got "true"'],
    [Type.BigInt(), 1, 'expected bigint, got 1'],
    [Type.Integer(), 1n, 'expected integer, got 1'],
    [Type.Date(), new Map(), 'expected Date, got a Map'],
    [Type.String(), new Date(0), 'expected string, got a Date'],
    [Type.Literal('a'), 'b', 'expected "a", got "b"'],
    [Type.Union([Type.Literal('a'), Type.Integer()]), null, 'expected one of "a" | integer, got null'],
    [Type.Array(Type.Unknown(), { minItems: 2 }), [1], 'expected array with items ≥ 2, got an array of 1'],
    [Type.Array(Type.Unknown(), { uniqueItems: true }), [1, 1], 'expected array without duplicates, got an array of 2'],
    [Type.Array(Type.Unknown(), { contains: Type.Literal(5) }), [], 'expected array containing 5, got an array of 0'],
    [Type.Object({}, { minProperties: 1 }), {}, 'expected object with keys ≥ 1, got an object'],
    [Type.Uint8Array({ maxByteLength: 1 }), new Uint8Array(2), 'expected Uint8Array of bytes ≤ 1, got a Uint8Array'],
    [Type.Not(Type.String()), 'x', 'expected anything but string, got "x"'],
    [Type.Never(), 1, 'expected nothing, got 1'],
    [Type.String(), undefined, 'expected string, got nothing'],
    [Type.String(), () => 1, 'expected string, got a function'],
    [Type.String(), Symbol('s'), 'expected string, got a symbol'],
    [Type.Function([], Type.Void()), 1, 'expected Function, got 1'],
  ])('A-3 say what was expected and what came (%#)', (schema, value, words) => {
    expect(fault(schema, value)).toBe(words);
  });

  it('A-3 cut a long text', () => {
    expect(fault(Type.Integer(), 'x'.repeat(1000)).length).toBeLessThan(100);
  });

  it.each(['password', 'apiKey', 'api_key', 'authorization', 'refreshToken', 'client_secret', 'cookie'])(
    'R-9 name what stands under %j by its type alone',
    (key) => {
      expect(fault(Type.Object({ [key]: Type.Integer() }), { [key]: 'hunter2' })).toBe('expected integer, got a string');
      expect(fault(Type.Object({ [key]: Type.Integer() }), { [key]: ['hunter2'] })).toBe('expected integer, got an array');
      expect(fault(Type.Object({ [key]: Type.Object({ x: Type.Integer() }) }), { [key]: { x: 'hunter2' } })).toBe(
        'expected integer, got a string',
      );
    },
  );
});
