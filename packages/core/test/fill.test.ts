import type { TSchema } from '@sinclair/typebox';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileFill } from '../src/fill.ts';
import { Type } from '../src/index.ts';
import { createValidator } from '../src/validation.ts';
import { deepFreeze } from './support/deep-freeze.ts';

const fill = (schema: TSchema, value: unknown): unknown => compileFill(schema)?.(deepFreeze(value));

const width = Type.Object({ width: Type.Integer({ default: 320 }) });
const height = Type.Object({ height: Type.Integer({ default: 240 }) });

describe('defaults', () => {
  it('A-3 need no filling where a schema has none', () => {
    expect(compileFill(Type.Object({ a: Type.String(), b: Type.Array(Type.Integer()) }))).toBeUndefined();
  });

  it.each([
    ['a missing key', width, {}, { width: 320 }],
    ['a key that is undefined', width, { width: undefined }, { width: 320 }],
    ['a whole value', Type.Integer({ default: 5 }), undefined, 5],
    ['a whole object and then its keys', Type.Object(width.properties, { default: {} }), undefined, { width: 320 }],
    ['nested objects', Type.Object({ box: width }), { box: {} }, { box: { width: 320 } }],
    ['a nested object with a default', Type.Object({ box: Type.Object(width.properties, { default: {} }) }), {}, { box: { width: 320 } }],
    ['items', Type.Array(width), [{ width: 1 }, {}], [{ width: 1 }, { width: 320 }]],
    ['an optional key', Type.Object({ a: Type.Optional(Type.String({ default: 'x' })) }), {}, { a: 'x' }],
    ['a false-like default', Type.Object({ a: Type.Boolean({ default: false }) }), {}, { a: false }],
    ['a null default', Type.Object({ a: Type.Union([Type.String(), Type.Null()], { default: null }) }), {}, { a: null }],
    ['parts of an intersection', Type.Intersect([width, height]), { z: 1 }, { width: 320, height: 240, z: 1 }],
    ['the alternative that fits', Type.Union([Type.Array(width), height]), {}, { height: 240 }],
    ['the first alternative that fits', Type.Union([width, height]), {}, { width: 320 }],
    ['an alternative of a missing value', Type.Union([Type.String({ default: 'x' }), Type.Null()]), undefined, 'x'],
    ['places of a tuple', Type.Tuple([width, Type.Integer({ default: 7 })]), [{}], [{ width: 320 }, 7]],
    ['values of a record', Type.Record(Type.String(), width), { a: {}, b: { width: 1 } }, { a: { width: 320 }, b: { width: 1 } }],
    [
      'keys that match a pattern only',
      Type.Record(Type.String({ pattern: '^x_' }), width),
      { x_a: {}, y_a: {} },
      { x_a: { width: 320 }, y_a: {} },
    ],
    [
      'additional properties',
      Type.Object({ name: Type.String() }, { additionalProperties: width }),
      { name: 'n', a: {} },
      { name: 'n', a: { width: 320 } },
    ],
    [
      'a tree at every depth',
      Type.Recursive((Tree) => Type.Object({ children: Type.Array(Tree, { default: [] }) })),
      { children: [{}, { children: [{}] }] },
      { children: [{ children: [] }, { children: [{ children: [] }] }] },
    ],
    [
      'a tree of alternatives',
      Type.Recursive((Tree) =>
        Type.Union([Type.String(), Type.Object({ size: Type.Integer({ default: 1 }), inner: Type.Optional(Tree) })]),
      ),
      { inner: { inner: 'leaf' } },
      { size: 1, inner: { size: 1, inner: 'leaf' } },
    ],
    [
      'references inside a module',
      Type.Module({ Box: width, Boxes: Type.Array(Type.Ref('Box')) }).Import('Boxes'),
      [{}, { width: 2 }],
      [{ width: 320 }, { width: 2 }],
    ],
  ])('A-3 fill %s', (_what, schema, given, filled) => {
    expect(fill(schema, given)).toEqual(filled);
    expect(createValidator(schema).validate(deepFreeze(given))).toEqual({ ok: true, value: filled });
  });

  it.each([
    ['a value that is there', width, { width: 1 }],
    ['null', width, { width: null }],
    ['a full list', Type.Array(width), [{ width: 1 }]],
    ['a full tuple', Type.Tuple([width]), [{ width: 1 }]],
    ['a full record', Type.Record(Type.String(), width), { a: { width: 1 } }],
    ['a full union', Type.Union([width, Type.Null()]), { width: 1 }],
    ['a value of another type', width, 'x'],
    ['a list where an object is asked', width, []],
    ['an object where a list is asked', Type.Array(width), { 0: {} }],
    ['a value that no alternative takes', Type.Union([Type.Array(width), Type.Null()]), 5],
  ])('A-3 leave %s as it is, by identity', (_what, schema, given) => {
    expect(fill(schema, given)).toBe(given);
  });

  it('A-3 leave dates, maps and typed arrays what they are', () => {
    for (const given of [new Date(0), new Map(), new Uint8Array(2)]) expect(compileFill(width)?.(given)).toBe(given);
  });

  it('A-3 do not complete an object that is there from the default of the whole', () => {
    const box = { a: Type.Optional(Type.Integer()), b: Type.Optional(Type.Integer()) };
    for (const schema of [Type.Object(box, { default: { a: 1, b: 2 } }), Type.Union([Type.Object(box)], { default: { a: 1 } })]) {
      expect(fill(schema, { b: 5 })).toEqual({ b: 5 });
    }
  });

  it('A-3 are fresh for each value', () => {
    const schema = Type.Object({ list: Type.Array(Type.Integer(), { default: [1] }), made: Type.Unknown({ default: () => ({}) }) });
    const first = fill(schema, {});
    expect(fill(schema, {})).toEqual(first);
    expect(Reflect.get(Object(fill(schema, {})), 'list')).not.toBe(Reflect.get(Object(first), 'list'));
    expect(Reflect.get(Object(fill(schema, {})), 'made')).not.toBe(Reflect.get(Object(first), 'made'));
  });

  it('A-3 fill beside what does not clone, without writing into the given value', () => {
    const given = { run: () => 1 };
    const schema = Type.Union([Type.Object({ run: Type.Unknown(), a: Type.Integer({ default: 1 }) }), Type.Null()]);
    expect(fill(schema, given)).toEqual({ run: given.run, a: 1 });
    expect(Object.keys(given)).toEqual(['run']);
  });
});

describe('validation of any schema and value', () => {
  const schemas = fc.letrec<{ schema: TSchema }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<TSchema>(
        Type.String(),
        Type.String({ default: 'd' }),
        Type.Integer({ default: 1 }),
        Type.Boolean(),
        Type.Null(),
        Type.Unknown({ default: { made: [] } }),
      ),
      fc
        .dictionary(fc.constantFrom('a', 'b', 'c', '__proto__'), tie('schema'), { maxKeys: 3 })
        .map((properties) => Type.Object(properties)),
      tie('schema').map((items) => Type.Array(items)),
      tie('schema').map((items) => Type.Record(Type.String(), items)),
      fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((items) => Type.Tuple(items)),
      fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((parts) => Type.Union(parts)),
      fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((parts) => Type.Intersect(parts)),
    ),
  })).schema;
  const values = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<unknown>('x', 1, true, null, undefined),
      fc.dictionary(fc.constantFrom('a', 'b', 'c', 'z', '__proto__'), tie('value'), { maxKeys: 4 }),
      fc.array(tie('value'), { maxLength: 3 }),
    ),
  })).value;

  it('A-3 never mutates the value, and takes a frozen one alike', () => {
    fc.assert(
      fc.property(schemas, values, (schema, value) => {
        const validator = createValidator(schema);
        // A copy is given: a generated value that was written into would confuse the search for a smaller one.
        const given = structuredClone(value);
        const answer = validator.validate(given);
        expect(given).toEqual(value);
        // A write into a frozen value would throw, and so be answered as a fault.
        expect(validator.validate(deepFreeze(structuredClone(value)))).toEqual(answer);
      }),
      { numRuns: 300 },
    );
  });

  it('A-3 gives a value that validates again', () => {
    fc.assert(
      fc.property(schemas, values, (schema, value) => {
        const validator = createValidator(schema);
        const first = validator.validate(structuredClone(value));
        fc.pre(first.ok);
        expect(validator.validate(first.value).ok).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('A-3 keeps every key that came', () => {
    fc.assert(
      fc.property(schemas, fc.dictionary(fc.string(), fc.integer()), (schema, value) => {
        const checked = createValidator(Type.Intersect([schema, Type.Object({ a: Type.Unknown({ default: 1 }) })])).validate(value);
        fc.pre(checked.ok);
        expect(Object.keys(Object(checked.value))).toEqual(expect.arrayContaining(Object.keys(value)));
      }),
    );
  });
});
