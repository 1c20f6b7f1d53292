import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Type } from '../src/index.ts';
import { createValidator, type Validation } from '../src/validation.ts';
import { revoked, unreadable, withThrowing } from './support/unreadable.ts';

/** The value of a good validation, else its faults as one text each. */
function shown(validation: Validation): unknown {
  if (validation.ok) return validation.value;
  return validation.faults.map(({ path, expected, received }) => `${path} expected ${expected}, got ${received}`);
}

const validate = (schema: Parameters<typeof createValidator>[0], value: unknown): unknown => shown(createValidator(schema).validate(value));

describe('open validation', () => {
  it('A-3 passes keys that the schema does not name through untouched', () => {
    const extra = { deep: new Map([[1, 2]]) };
    const value = { width: 5, extra, __private: 1 };
    const checked = createValidator(Type.Object({ width: Type.Integer() })).validate(value);
    expect(checked).toEqual({ ok: true, value });
    expect(checked.ok && checked.value).toBe(value);
  });

  it('A-3 keeps extra keys beside filled defaults, by identity', () => {
    const extra = new Uint8Array(4);
    const filled = validate(Type.Object({ width: Type.Integer({ default: 320 }) }), { extra });
    expect(filled).toEqual({ width: 320, extra });
    expect((filled as { extra: unknown }).extra).toBe(extra); // the line above says that it has the key
  });

  it('A-3 keeps all keys under union and intersect schemas', () => {
    const either = Type.Union([Type.Object({ a: Type.String() }), Type.Object({ b: Type.Integer() })]);
    expect(validate(either, { b: 1, z: 2 })).toEqual({ b: 1, z: 2 });
    const both = Type.Intersect([Type.Object({ a: Type.String() }), Type.Object({ b: Type.Integer({ default: 3 }) })]);
    expect(validate(both, { a: 'x', z: 1 })).toEqual({ a: 'x', b: 3, z: 1 });
  });

  it("A-3 honours a user's own `additionalProperties: false`", () => {
    const closed = Type.Object({ a: Type.String() }, { additionalProperties: false });
    expect(validate(closed, { a: 'x' })).toEqual({ a: 'x' });
    expect(validate(closed, { a: 'x', b: 5 })).toEqual(['/b expected no such key, got 5']);
    const merged = Type.Intersect([Type.Object({ a: Type.String() }), Type.Object({ b: Type.Integer() })], {
      unevaluatedProperties: false,
    });
    expect(validate(merged, { a: 'x', b: 1, c: 2 })).toEqual(['/c expected no such key, got 2']);
  });

  it("A-3 honours a user's own schema for additional properties", () => {
    const numbers = Type.Object({ a: Type.String() }, { additionalProperties: Type.Number() });
    expect(validate(numbers, { a: 'x', b: 'r' })).toEqual(['/b expected number, got "r"']);
  });

  it.each([
    ['an integer', Type.Integer({ minimum: 1 }), 5, 0],
    ['a text', Type.String({ minLength: 1 }), 'x', ''],
    ['a list', Type.Array(Type.Integer()), [1, 2], [1, 'x']],
    ['a tuple', Type.Tuple([Type.String(), Type.Integer()]), ['a', 1], ['a']],
    ['bytes', Type.Uint8Array({ maxByteLength: 2 }), new Uint8Array(2), new Uint8Array(3)],
    ['a choice', Type.Union([Type.Literal('a'), Type.Literal('b')]), 'b', 'c'],
    ['null', Type.Null(), null, undefined],
  ])('R-2 checks a value that is no object: %s', (_what, schema, good, bad) => {
    expect(createValidator(schema).validate(good)).toEqual({ ok: true, value: good });
    expect(createValidator(schema).validate(bad).ok).toBe(false);
  });

  it('A-3 refuses arrays, null and primitives where an object is asked', () => {
    expect(validate(Type.Object({}), [])).toEqual([' expected object, got an array of 0']);
    expect(validate(Type.Object({}), null)).toEqual([' expected object, got null']);
    expect(validate(Type.Object({}), 'x')).toEqual([' expected object, got "x"']);
  });

  it('A-3 names every fault by path, what was expected and what came', () => {
    const schema = Type.Object({
      items: Type.Array(Type.Object({ price: Type.Number({ minimum: 0 }), 'a/b': Type.String() })),
      name: Type.String(),
    });
    expect(validate(schema, { items: [{ price: -1, 'a/b': 1 }], name: undefined })).toEqual([
      '/items/0/price expected number ≥ 0, got -1',
      '/items/0/a~1b expected string, got 1',
      '/name expected string, got nothing',
    ]);
  });

  it('A-3 reports at most twenty faults', () => {
    const faults = validate(
      Type.Array(Type.Integer()),
      Array.from({ length: 50 }, () => 'x'),
    );
    expect(faults).toHaveLength(20);
  });

  it('A-3 leaves out the summing-up of an intersection', () => {
    const both = Type.Intersect([Type.Object({ a: Type.String() }), Type.Object({ b: Type.Integer() })]);
    expect(validate(both, { a: 1 })).toEqual(['/a expected string, got 1', '/b expected integer, got nothing']);
  });

  it('A-3 keeps an own `__proto__` key a key', () => {
    const given: unknown = JSON.parse('{"__proto__": {"admin": true}}');
    for (const schema of [
      Type.Object({ a: Type.Integer({ default: 1 }) }),
      Type.Union([Type.Object({ a: Type.Integer({ default: 1 }) }), Type.Null()]),
      Type.Intersect([Type.Object({ a: Type.Integer({ default: 1 }) }), Type.Object({})]),
    ]) {
      const filled = validate(schema, given);
      expect(Object.keys(Object(filled)).sort()).toEqual(['__proto__', 'a']);
      expect(Object.getPrototypeOf(filled)).toBe(Object.prototype);
      expect(filled).not.toHaveProperty('admin');
    }
  });

  it('A-3 fills a `__proto__` key of the schema as a key', () => {
    const filled = validate(Type.Object({ ['__proto__']: Type.Integer({ default: 1 }) }), {});
    expect(Object.keys(Object(filled))).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(filled)).toBe(Object.prototype);
  });

  it('A-6 finds a value that cannot be read at fault, and never throws', () => {
    const validator = createValidator(Type.Object({ a: Type.Integer(), b: Type.Integer({ default: 1 }) }));
    for (const value of [withThrowing('a'), withThrowing('b'), unreadable(), revoked()]) {
      expect(shown(validator.validate(value))).toEqual([' expected a value that can be read, got one that throws when read']);
    }
    const list = createValidator(Type.Recursive((List) => Type.Object({ next: Type.Optional(List) })));
    let deep = {};
    for (let depth = 0; depth < 200_000; depth++) deep = { next: deep };
    expect(shown(list.validate(deep))).toEqual([' expected a value that can be read, got one nested too deeply']);
  });

  it('A-2 shows a schema that cannot be compiled at once', () => {
    expect(() => createValidator(Type.Ref('nobody'))).toThrow("Unable to dereference schema with $id 'nobody'");
  });

  it('A-3 gives the same answers where code generation is forbidden', () => {
    const script = fileURLToPath(new URL('./fixtures/answers.mjs', import.meta.url));
    const run = (...flags: string[]): { forbidden: boolean; answers: Validation[][] } =>
      JSON.parse(execFileSync(process.execPath, [...flags, script], { encoding: 'utf8' }));
    const compiled = run();
    const interpreted = run('--disallow-code-generation-from-strings');
    expect(compiled.forbidden).toBe(false);
    expect(interpreted.forbidden).toBe(true);
    expect(interpreted.answers).toEqual(compiled.answers);
    expect(compiled.answers.flat().filter(({ ok }) => ok)).toHaveLength(9);
  });
});
