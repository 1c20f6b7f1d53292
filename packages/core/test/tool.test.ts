import type { TSchema } from '@sinclair/typebox';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  type Action,
  type CoroutineAction,
  defineAction,
  fail,
  HeddleError,
  type Outcome,
  ok,
  type Tool,
  Type,
  toTool,
} from '../src/index.ts';
import { deepFreeze } from './support/deep-freeze.ts';
import { withThrowing } from './support/unreadable.ts';

const module = import.meta.url;

const resize = defineAction({
  module,
  name: 'resize',
  description: 'Fits an image into a box.',
  schema: Type.Object({ path: Type.String(), width: Type.Integer({ minimum: 1, default: 320 }), crop: Type.Optional(Type.Boolean()) }),
  run: () => ({ bytes: 1 }),
});

function actionOf(schema: TSchema): Action {
  return defineAction({ module, name: 'act', schema, run: () => 1 }) as Action; // whatever the schema makes of its params
}

function parametersOf(schema: TSchema): Readonly<Record<string, unknown>> {
  return toTool(actionOf(schema), { run: async () => ok(1) }).parameters;
}

/** A runner that gives back the params it was given. */
const echo = { run: async (_action: unknown, params: unknown): Promise<Outcome> => ok(params) };

async function answer(tool: Tool, args?: unknown): Promise<unknown> {
  return JSON.parse(await tool.execute(args));
}

async function paramsOf(schema: TSchema, args: unknown): Promise<unknown> {
  let seen: unknown;
  const keep = async (_action: unknown, params: unknown): Promise<Outcome> => {
    seen = params;
    return ok(undefined);
  };
  await toTool(actionOf(schema), { run: keep }).execute(args);
  return seen;
}

const textOf = (value: unknown): Promise<string> => toTool(resize, { run: async () => ok(value) }).execute({ path: 'a' });

describe('toTool', () => {
  it('A-7 gives name, description and parameters as plain, strict JSON Schema', () => {
    const tool = toTool(resize, echo);
    expect(tool).toMatchObject({ name: 'resize', description: 'Fits an image into a box.' });
    expect(tool.parameters).toEqual({
      type: 'object',
      required: ['path'],
      properties: { path: { type: 'string' }, width: { type: 'integer', minimum: 1, default: 320 }, crop: { type: 'boolean' } },
      additionalProperties: false,
    });
    expect(structuredClone(tool.parameters)).toEqual(tool.parameters);
    expect(Object.isFrozen(tool)).toBe(true);
  });

  it('A-7 takes an action without a schema or a description', () => {
    const tool = toTool(defineAction({ module, name: 'ping', run: () => 'pong' }), echo);
    expect(tool.description).toBe('');
    expect(tool.parameters).toEqual({ type: 'object', properties: {}, additionalProperties: false });
  });

  it('A-7 leaves the action’s own schema open, as A-3 has it', () => {
    toTool(resize, echo);
    expect(resize.schema).not.toHaveProperty('additionalProperties');
  });

  it('A-7 refuses what is no plain action, and what runs nothing', () => {
    const coroutine = defineAction({
      module,
      name: 'talk',
      *run() {
        yield 1;
      },
    });
    expectTypeOf(coroutine).toExtend<CoroutineAction>();
    // @ts-expect-error a coroutine is no plain action
    expect(() => toTool(coroutine, echo)).toThrow(
      expect.objectContaining({
        type: 'invalid_action',
        message: expect.stringContaining('`runtime.coroutine` resumes this one') as string,
      }),
    );
    expect(() => toTool((() => 1) as never, echo)).toThrow(expect.objectContaining({ type: 'invalid_action' }));
    expect(() => toTool(resize, undefined as never)).toThrow(expect.objectContaining({ type: 'invalid_input' }));
  });

  it('A-7 refuses params that are no object, or that hold what JSON cannot, saying where', () => {
    expect(() => parametersOf(Type.Array(Type.String()))).toThrow(/takes no object/);
    expect(() => parametersOf(Type.Object({ files: Type.Array(Type.Object({ data: Type.Uint8Array() })) }))).toThrow(
      /takes a Uint8Array at `\/files\/\*\/data`/,
    );
  });

  it('A-7 is typed by what it takes and gives', () => {
    expectTypeOf(toTool(resize, echo)).toEqualTypeOf<Tool>();
    expectTypeOf<Tool['execute']>().returns.toEqualTypeOf<Promise<string>>();
  });
});

describe('the parameters of a tool', () => {
  const point = Type.Object({ x: Type.Number() });
  const closedPoint = { type: 'object', required: ['x'], properties: { x: { type: 'number' } }, additionalProperties: false };

  it('A-7 close objects wherever they stand', () => {
    const schema = Type.Object({
      one: point,
      list: Type.Array(point),
      pair: Type.Tuple([point, Type.String()]),
      either: Type.Union([point, Type.Null()]),
      byName: Type.Record(Type.String(), point),
      others: Type.Object({}, { additionalProperties: point }),
    });
    expect(parametersOf(schema)['properties']).toMatchObject({
      one: closedPoint,
      list: { items: closedPoint },
      pair: { items: [closedPoint, { type: 'string' }] },
      either: { anyOf: [closedPoint, { type: 'null' }] },
      byName: { patternProperties: { '^(.*)$': closedPoint }, additionalProperties: false },
      others: { additionalProperties: closedPoint },
    });
  });

  it('A-7 make one object of an intersection, since each closed part would forbid the keys of the others', () => {
    const named = Type.Object({ name: Type.String(), at: point });
    const placed = Type.Object({ at: Type.Object({ y: Type.Number() }) });
    const at = {
      type: 'object',
      required: ['x', 'y'],
      properties: { x: { type: 'number' }, y: { type: 'number' } },
      additionalProperties: false,
    };
    expect(parametersOf(Type.Intersect([named, placed], { description: 'A place.' }))).toEqual({
      type: 'object',
      description: 'A place.',
      required: ['name', 'at'],
      properties: { name: { type: 'string' }, at },
      additionalProperties: false,
    });
    expect(parametersOf(Type.Intersect([named, Type.Intersect([placed])]))).toMatchObject({ properties: { at } });
  });

  it('A-7 ask for both where two parts of an intersection name one key', () => {
    const schema = Type.Intersect([
      Type.Object({ a: Type.Integer({ minimum: 1 }) }),
      Type.Object({ a: Type.Integer({ maximum: 9 }), b: Type.Optional(Type.String()) }),
    ]);
    const a = {
      allOf: [
        { type: 'integer', minimum: 1 },
        { type: 'integer', maximum: 9 },
      ],
    };
    expect(parametersOf(schema)).toEqual({
      type: 'object',
      required: ['a'],
      properties: { a, b: { type: 'string' } },
      additionalProperties: false,
    });
  });

  it('A-7 spread a union in an intersection over its alternatives', () => {
    const shape = Type.Union([Type.Object({ radius: Type.Number() }), Type.Object({ side: Type.Number() })]);
    for (const parts of [
      [point, shape],
      [shape, point],
    ]) {
      const parameters = parametersOf(Type.Intersect(parts));
      expect(parameters).toMatchObject({
        type: 'object',
        anyOf: [
          { properties: { x: {}, radius: {} }, required: expect.arrayContaining(['x', 'radius']), additionalProperties: false },
          { properties: { x: {}, side: {} }, required: expect.arrayContaining(['x', 'side']), additionalProperties: false },
        ],
      });
      expect(parameters).not.toHaveProperty('additionalProperties');
    }
  });

  it('A-7 keep an intersection that is no one object open in its parts and closed as a whole', () => {
    const numbered = Type.Record(Type.String({ pattern: '^n_' }), Type.Number());
    const parameters = parametersOf(Type.Intersect([point, numbered]));
    expect(parameters).toMatchObject({ type: 'object', unevaluatedProperties: false });
    expect(JSON.stringify(parameters)).not.toContain('additionalProperties');
    for (const parts of [[point], [point, Type.Object({ y: Type.Number() })]]) {
      const others = parametersOf(Type.Intersect(parts, { unevaluatedProperties: point }));
      expect(others).toMatchObject({ unevaluatedProperties: closedPoint });
      expect(others).not.toHaveProperty('additionalProperties');
    }
  });

  it('A-7 ask for dates and bigints as text, and follow references', () => {
    const tree = Type.Recursive((This) => Type.Object({ at: Type.Date(), size: Type.BigInt({ minimum: 1n }), parts: Type.Array(This) }));
    expect(parametersOf(tree)).toMatchObject({
      properties: { at: { type: 'string', format: 'date-time' }, size: { type: 'string', pattern: '^-?\\d+$' }, parts: { items: {} } },
      additionalProperties: false,
    });
    const shapes = Type.Module({ Point: point, Line: Type.Object({ from: Type.Ref('Point') }) });
    expect(parametersOf(shapes.Import('Line'))).toMatchObject({ type: 'object', $defs: { Point: closedPoint }, $ref: 'Line' });
  });

  it('A-7 leave a negation alone, which closing would widen, and what is not there out of unions', () => {
    const parameters = parametersOf(Type.Object({ not: Type.Not(point), maybe: Type.Union([Type.String(), Type.Undefined()]) }));
    expect(parameters).toMatchObject({ properties: { not: { not: { type: 'object' } }, maybe: { anyOf: [{ type: 'string' }] } } });
    expect(JSON.stringify(parameters['properties'])).not.toContain('additionalProperties');
  });
});

describe('execute', () => {
  const schema = Type.Object({
    count: Type.Integer(),
    ratio: Type.Number(),
    on: Type.Boolean(),
    big: Type.BigInt(),
    at: Type.Date(),
    none: Type.Null(),
    text: Type.String(),
    list: Type.Array(Type.Integer()),
    maybe: Type.Union([Type.Integer(), Type.Null()]),
    deep: Type.Object({ count: Type.Integer() }),
  });

  it('A-7 converts text by the schema, deep down too, and keeps unknown keys', async () => {
    const args = {
      count: '5',
      ratio: '0.5',
      on: 'true',
      big: '12345678901234567890',
      at: '2024-05-06T07:08:09Z',
      none: 'null',
      text: '7',
      list: ['1', 2],
      maybe: '3',
      deep: { count: '4', extra: '5' },
      extra: '6',
    };
    expect(await paramsOf(schema, JSON.stringify(args))).toEqual({
      count: 5,
      ratio: 0.5,
      on: true,
      big: 12345678901234567890n,
      at: new Date('2024-05-06T07:08:09Z'),
      none: null,
      text: '7',
      list: [1, 2],
      maybe: 3,
      deep: { count: 4, extra: '5' },
      extra: '6',
    });
  });

  it.each([
    [{ count: '5.7' }],
    [{ count: 5.7 }],
    [{ count: '1e3' }],
    [{ count: '12345678901234567890' }],
    [{ count: true }],
    [{ ratio: '0x10' }],
    [{ ratio: 'true' }],
    [{ big: '1e3' }],
    [{ big: '5.7' }],
    [{ at: '' }],
    [{ at: '1' }],
    [{ at: '2024-99-99' }],
    [{ text: 5 }],
    [{ list: '1' }],
    [{ none: 0 }],
    [{ count: undefined }],
  ])('A-7 leaves alone what a conversion would change or guess: %j', async (args) => {
    expect(await paramsOf(schema, args)).toEqual(args);
  });

  it('A-7 never writes into what it is given', async () => {
    const args = deepFreeze({ count: '5', deep: { count: '6' } });
    expect(await paramsOf(schema, args)).toEqual({ count: 5, deep: { count: 6 } });
  });

  it('A-7 keeps a `__proto__` key a key', async () => {
    const params = await paramsOf(schema, '{"count":"5","__proto__":{"admin":true}}');
    expect(Object.keys(params as object)).toEqual(['count', '__proto__']);
    expect((params as { admin?: unknown }).admin).toBeUndefined();
  });

  it('A-7 takes no arguments at all, and empty text, for none', async () => {
    for (const args of [undefined, '', ' ', '{}', {}]) expect(await answer(toTool(resize, echo), args)).toEqual({ ok: true, value: {} });
  });

  it.each([['[1]'], ['{"a":'], ['7'], [null], [[1]], [7]])('A-7 answers what is no object with an error: %j', async (args) => {
    const message: unknown = expect.stringContaining('Invalid arguments for action resize');
    expect(await answer(toTool(resize, echo), args)).toMatchObject({
      ok: false,
      error: { type: 'invalid_input', code: 'ERR_HEDDLE_INVALID_INPUT', message },
    });
  });

  it('A-7 answers an error with type, code, message and details, and without its causes', async () => {
    const error = new HeddleError('execution_error', 'no stock', { details: { sku: 7n }, cause: new Error('db at 10.0.0.1') });
    const text = await toTool(resize, { run: async () => fail(error) }).execute({});
    expect(JSON.parse(text)).toEqual({
      ok: false,
      error: { type: 'execution_error', code: 'ERR_HEDDLE_EXECUTION_ERROR', message: 'no stock', retryable: true, details: { sku: '7' } },
    });
  });

  it.each([[new HeddleError('closed', 'Runtime heddle is closed')], ['text'], [null]])(
    'A-7 answers, when the runner rejects: %s',
    async (thrown) => {
      const text = await toTool(resize, { run: () => Promise.reject(thrown) }).execute({});
      expect(JSON.parse(text)).toMatchObject({ ok: false, error: { code: expect.stringContaining('ERR_HEDDLE_') } });
    },
  );

  it('A-7 answers what JSON cannot say by what it can', async () => {
    const around: Record<string, unknown> = { name: 'loop' };
    around['self'] = around;
    const twice = { n: 1 };
    expect(JSON.parse(await textOf(around))).toEqual({ ok: true, value: { name: 'loop', self: '[Circular]' } });
    expect(JSON.parse(await textOf([twice, twice]))).toEqual({ ok: true, value: [{ n: 1 }, { n: 1 }] });
    expect(JSON.parse(await textOf(undefined))).toEqual({ ok: true, value: null });
    expect(JSON.parse(await textOf(() => 1))).toEqual({ ok: true, value: null });
    const odd = { big: 1n, not: undefined, at: new Date(0), set: new Set([1]), map: new Map([['a', 2n]]), pairs: new Map([[1, 2]]) };
    expect(JSON.parse(await textOf(odd))).toEqual({
      ok: true,
      value: { big: '1', at: '1970-01-01T00:00:00.000Z', set: [1], map: { a: '2' }, pairs: [[1, 2]] },
    });
    const bytes = {
      view: new Uint8Array([1, 2]),
      big: new BigInt64Array([3n]),
      raw: new Uint8Array([4]).buffer,
      data: new DataView(new ArrayBuffer(1)),
    };
    expect(JSON.parse(await textOf(bytes))).toEqual({ ok: true, value: { view: [1, 2], big: ['3'], raw: [4], data: [0] } });
    expect(JSON.parse(await textOf(new TypeError('t')))).toEqual({ ok: true, value: { name: 'TypeError', message: 't' } });
  });

  it('A-7 answers with an error what throws when it is read', async () => {
    expect(JSON.parse(await textOf(withThrowing('x')))).toMatchObject({ ok: false, error: { type: 'uncloneable' } });
    const unreadableDetails = new HeddleError('execution_error', 'bad', { details: withThrowing('x') as Record<string, unknown> });
    expect(JSON.parse(await toTool(resize, { run: async () => fail(unreadableDetails) }).execute())).toMatchObject({
      ok: false,
      error: { message: 'bad', details: {} },
    });
  });

  it('A-7 leaves the directive to the program', async () => {
    expect(await toTool(resize, { run: async () => ok(1, { next: 'x' }) }).execute({})).toBe('{"ok":true,"value":1}');
  });
});
