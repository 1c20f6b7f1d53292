import { Type } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { compileCoercion } from '../src/input/coerce.ts';

type Field = Parameters<typeof Type.Optional>[0];

/** What the cell of one column becomes. */
function coerced(field: Field, text: string, required = true): unknown {
  const schema = Type.Object({ it: required ? field : Type.Optional(field) });
  return compileCoercion(schema, ['it'])[0]?.(text);
}

describe('a cell becomes what the schema asks for', () => {
  it.each<[string, Field, string, unknown]>([
    ['a number', Type.Number(), '1.5', 1.5],
    ['a negative number', Type.Number(), '-2e3', -2000],
    ['a number with blanks around', Type.Number(), ' 7 ', 7],
    ['an integer', Type.Integer(), '42', 42],
    ['true', Type.Boolean(), 'TRUE', true],
    ['no', Type.Boolean(), 'no', false],
    ['1 as a boolean', Type.Boolean(), '1', true],
    ['a text of digits', Type.String(), '007', '007'],
    ['a literal number', Type.Literal(3), '3', 3],
    ['a literal text', Type.Literal('a'), 'a', 'a'],
    ['a member of a union', Type.Union([Type.Literal(1), Type.Literal('one')]), '1', 1],
    ['a member after a text', Type.Union([Type.Literal('one'), Type.Literal(2)]), '2', 2],
    ['a number or text', Type.Union([Type.Number(), Type.String()]), '5', 5],
    ['text before number', Type.Union([Type.String(), Type.Number()]), '5', '5'],
    ['a nullable number', Type.Union([Type.Number(), Type.Null()]), '5', 5],
    ['null', Type.Union([Type.Number(), Type.Null()]), 'null', null],
    ['an array', Type.Array(Type.Number()), '[1,2]', [1, 2]],
    ['an object', Type.Object({ a: Type.Number() }), '{"a":1}', { a: 1 }],
    ['a bigint', Type.BigInt(), '12345678901234567890', 12345678901234567890n],
    ['a date', Type.Date(), '2024-01-02T00:00:00Z', new Date('2024-01-02T00:00:00Z')],
    ['anything', Type.Unknown(), '5', '5'],
  ])('%s', (_name, field, text, value) => {
    expect(coerced(field, text)).toEqual(value);
  });

  it.each<[string, Field, string]>([
    ['a number with a comma', Type.Number(), '1,5'],
    ['a hex number', Type.Number(), '0x10'],
    ['Infinity', Type.Number(), 'Infinity'],
    ['an integer no number can hold', Type.Integer(), '9007199254740993'],
    ['a boolean that is none', Type.Boolean(), 'maybe'],
    ['JSON that is none', Type.Array(Type.Number()), '[1,'],
    ['a date that is none', Type.Date(), 'someday'],
  ])('%s stays text, for the schema to name', (_name, field, text) => {
    expect(coerced(field, text)).toBe(text);
  });
});

describe('an empty cell', () => {
  it('is left out where the field is optional, has a default or is no text', () => {
    expect(coerced(Type.String(), '', false)).toBeUndefined();
    expect(coerced(Type.String({ default: 'x' }), '')).toBeUndefined();
    expect(coerced(Type.Number(), '')).toBeUndefined();
  });

  it('is empty text where text is required, and null where the field may be null', () => {
    expect(coerced(Type.String(), '')).toBe('');
    expect(coerced(Type.Union([Type.Number(), Type.Null()]), '')).toBeNull();
  });
});

it('columns the schema does not name stay text, and intersections are looked through', () => {
  const schema = Type.Intersect([Type.Object({ a: Type.Number() }), Type.Object({ b: Type.Boolean() })]);
  const [a, b, c] = compileCoercion(schema, ['a', 'b', 'c']);
  expect([a?.('1'), b?.('yes'), c?.('1')]).toEqual([1, true, '1']);
  expect(compileCoercion(undefined, ['a'])[0]?.('1')).toBe('1');
});
