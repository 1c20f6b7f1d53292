import { describe, expect, it } from 'vitest';
import { checkDefinition, kindOf } from '../src/definition.ts';
import { isHeddleError, Type } from '../src/index.ts';
import { revoked, unreadable } from './support/unreadable.ts';

const base = { module: import.meta.url, name: 'resize', run: () => 1 };

/** The faults of a definition as its error lists them; none when it is well defined. */
function faultsOf(definition: unknown): unknown {
  try {
    checkDefinition(definition);
    return [];
  } catch (error) {
    if (!isHeddleError(error)) throw error;
    expect(error.type).toBe('config_error');
    return error.details['faults'];
  }
}

describe('kindOf', () => {
  it('names any value, a revoked proxy included', () => {
    const values = [undefined, null, true, 1, 1n, 'x', Symbol('s'), () => 1, [], {}, revoked(), unreadable()];
    expect(values.map(kindOf)).toEqual([
      ...['undefined', 'null', 'a boolean', 'a number', 'a bigint', 'a string', 'a symbol', 'a function'],
      ...['an array', 'an object', 'an object', 'an object'],
    ]);
  });
});

describe('definition faults', () => {
  it('A-2 lists every fault of a definition at once, in the message and in details', () => {
    const broken = {
      name: '9lives',
      module: 'resize.js',
      runs: 1,
      onAfterRun: 'later',
      tags: ['a', 1],
      schema: { type: 'object' },
      compensation: { maxRetries: 1.5, timeoutMs: -1, retries: 1 },
      defaults: { backoffMs: Number.NaN, retryIf: true },
    };
    const faults = faultsOf(broken);
    expect(faults).toEqual([
      '`name` must match ^[a-zA-Z][a-zA-Z0-9_]*$; got "9lives"',
      '`module` must be a file: URL (`import.meta.url`); got "resize.js"',
      '`runs` is not a key of an action',
      '`run` is missing',
      '`onAfterRun` must be a function; got a string',
      '`tags` must be an array of strings',
      '`schema` must be a TypeBox schema (`Type.Object({ … })`); got an object',
      '`compensation.maxRetries` must be an integer ≥ 0, or Infinity; got 1.5',
      '`compensation.timeoutMs` must be a number of milliseconds ≥ 0, or Infinity; got -1',
      '`compensation.retries` is not an option',
      '`defaults.backoffMs` must be a number of milliseconds ≥ 0, or Infinity; got NaN',
      '`defaults.retryIf` must be a function; got a boolean',
    ]);
    expect(() => checkDefinition(broken)).toThrow('Action `9lives` is not well defined: `name` must match');
  });

  it.each(['a', 'Resize', 'resize_2', 'A_'])('A-2 takes the name %j', (name) => {
    expect(faultsOf({ ...base, name })).toEqual([]);
  });

  it.each(['', '1a', '_a', 'a-b', 'a b', 'a.b', 'é', 'a\n'])('A-2 refuses the name %j', (name) => {
    expect(faultsOf({ ...base, name })).toEqual([expect.stringContaining('`name` must match')]);
  });

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [7, 'a number'],
    [['a'], 'an array'],
  ])('A-2 says what came instead of a name: %j', (name, came) => {
    expect(faultsOf({ ...base, name })).toEqual([`\`name\` must be a string; got ${came}`]);
  });

  it('A-2 tells how to give the module when it is missing', () => {
    expect(faultsOf({ ...base, module: undefined })).toEqual(['`module` is missing: write `module: import.meta.url`']);
    expect(faultsOf({ ...base, module: 'https://example.com/a.js' })).toEqual([
      '`module` must be a file: URL (`import.meta.url`); got "https://example.com/a.js"',
    ]);
  });

  it.each([undefined, null, 'resize', 7, []])('A-2 refuses %j as a definition', (definition) => {
    expect(faultsOf(definition)).toEqual([]);
    expect(() => checkDefinition(definition)).toThrow('`defineAction` takes an object');
  });

  it('A-2 refuses texts and parts of the wrong type', () => {
    expect(faultsOf({ ...base, run: 'x', description: 1, category: {}, vsn: 2 })).toEqual([
      '`run` must be a function; got a string',
      '`description` must be a string; got a number',
      '`category` must be a string; got an object',
      '`vsn` must be a string; got a number',
    ]);
    expect(faultsOf({ ...base, compensation: [], defaults: 5 })).toEqual([
      '`compensation` must be an object; got an array',
      '`defaults` must be an object; got a number',
    ]);
    expect(faultsOf({ ...base, compensation: { enabled: 'yes' } })).toEqual(['`compensation.enabled` must be a boolean; got a string']);
  });

  it('A-2 names the part of a schema that is none', () => {
    const schema = Type.Object({
      list: Type.Array(Type.Object({ size: Type.String() })),
      both: Type.Intersect([Type.Object({}), Type.Object({})]),
      either: Type.Union([Type.String(), Type.Null()]),
    });
    const broken = cloneDeep(schema);
    Object.assign(broken.properties.list.items.properties, { size: 'string' });
    Object.assign(broken.properties.both.allOf, { 1: { type: 'object' } });
    Object.assign(broken.properties.either.anyOf, { 0: null });
    expect(faultsOf({ ...base, schema: broken })).toEqual([
      '`schema.list[].size` must be a TypeBox schema (`Type.Object({ … })`); got a string',
      '`schema.both[1]` must be a TypeBox schema (`Type.Object({ … })`); got an object',
      '`schema.either[0]` must be a TypeBox schema (`Type.Object({ … })`); got null',
    ]);
  });

  it('A-2 takes every kind of schema', () => {
    const schema = Type.Object({
      maybe: Type.Optional(Type.String()),
      record: Type.Record(Type.String(), Type.Integer()),
      tuple: Type.Tuple([Type.String(), Type.Integer()]),
      tree: Type.Recursive((Tree) => Type.Object({ children: Type.Array(Tree) })),
      unsafe: Type.Unsafe<Map<string, string>>({}),
      date: Type.Date(),
    });
    expect(faultsOf({ ...base, schema, outputSchema: schema })).toEqual([]);
  });

  it('R-3 takes Infinity and 0 where a duration or a count is asked', () => {
    const defaults = { timeoutMs: Number.POSITIVE_INFINITY, maxRetries: 0, backoffMs: 0 };
    const compensation = { timeoutMs: 0, maxRetries: Number.POSITIVE_INFINITY };
    expect(faultsOf({ ...base, defaults, compensation })).toEqual([]);
  });

  it('A-1 completes a definition with its defaults', () => {
    const { kind, tags, compensation, defaults, hooks, schema, description } = checkDefinition(base);
    expect({ kind, tags, compensation, defaults, hooks, schema, description }).toEqual({
      kind: 'plain',
      tags: [],
      compensation: { enabled: false, maxRetries: 1, timeoutMs: 5000 },
      defaults: {},
      hooks: {},
      schema: undefined,
      description: undefined,
    });
  });

  it('A-5 knows a coroutine by its generator function', () => {
    const kindOf = (run: unknown): string => checkDefinition({ ...base, run }).kind;
    expect(kindOf(function* () {})).toBe('coroutine');
    expect(kindOf(async function* () {})).toBe('coroutine');
    expect(kindOf(async () => {})).toBe('plain');
    expect(kindOf(() => {})).toBe('plain');
  });

  it('A-1 lets run and hooks use `this` for the definition', () => {
    const definition = {
      ...base,
      description: 'a text',
      run() {
        return this.description;
      },
      onAfterRun() {
        return this.description;
      },
    };
    const { run, hooks } = checkDefinition(definition);
    expect(Reflect.apply(run, undefined, [])).toBe('a text');
    expect(hooks.onAfterRun && Reflect.apply(hooks.onAfterRun, undefined, [])).toBe('a text');
  });
});

/** A copy that may be written to, symbols included: TypeBox's kinds are symbols. */
function cloneDeep<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  const copy = Array.isArray(value) ? [] : {};
  for (const key of Reflect.ownKeys(value)) Reflect.set(copy, key, cloneDeep(Reflect.get(value, key)));
  return copy as T; // a copy has the type of what was copied
}
