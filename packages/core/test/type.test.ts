import { type Static, type TSchema, Type as TypeBoxType } from '@sinclair/typebox';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  type Action,
  type ActionContext,
  type CoroutineAction,
  defineAction,
  type Failure,
  fail,
  type HeddleError,
  type Outcome,
  ok,
  type ParamsInput,
  Type,
  unwrap,
} from '../src/index.ts';

const module = import.meta.url;

/** What a runtime's `run` asks for, in types alone. */
type Arguments<P> = Record<never, never> extends P ? [params?: P] : [params: P];
const run = <P, V>(_action: Action<P, V>, ..._rest: Arguments<P>): Outcome<V> => fail('types only');
const coroutine = <P, Y, V>(_action: CoroutineAction<P, Y, V>, ..._rest: Arguments<P>): { yields: Y[]; value: V[] } => ({
  yields: [],
  value: [],
});

const resize = defineAction({
  module,
  name: 'resize',
  schema: Type.Object({ path: Type.String(), width: Type.Integer({ minimum: 1, default: 320 }) }),
  run: ({ path, width }) => ({ bytes: path.length * width }),
});

describe('Type', () => {
  it('is TypeBox itself: schemas of either builder are the same', () => {
    expect({ ...Type }).toEqual({ ...TypeBoxType });
    expect(Type.Object).toBe(TypeBoxType.Object);
  });
});

describe('ParamsInput', () => {
  it('A-3 lets a caller leave out what has a default, and only that', () => {
    const schema = Type.Object({
      path: Type.String(),
      width: Type.Integer({ default: 320 }),
      note: Type.Optional(Type.String()),
      boxes: Type.Array(Type.Object({ x: Type.Number({ default: 0 }), y: Type.Number() })),
      nested: Type.Object({ deep: Type.Boolean({ default: false }) }),
    });
    expectTypeOf<ParamsInput<typeof schema>>().toEqualTypeOf<{
      readonly path: string;
      readonly boxes: readonly { readonly x?: number | undefined; readonly y: number }[];
      readonly nested: { readonly deep?: boolean | undefined };
      readonly width?: number | undefined;
      readonly note?: string | undefined;
    }>();
  });

  it('A-3 gives `run` the whole: what has a default is there', () => {
    const schema = Type.Object({ width: Type.Integer({ default: 320 }), note: Type.Optional(Type.String()) });
    expectTypeOf<Static<typeof schema>>().toEqualTypeOf<{ note?: string; width: number }>();
    defineAction({
      module,
      name: 'a',
      schema,
      run(params) {
        expectTypeOf(params.width).toEqualTypeOf<number>();
        return params.width;
      },
    });
  });

  it('R-2 takes schemas that are no object', () => {
    expectTypeOf<ParamsInput<ReturnType<typeof Type.String>>>().toEqualTypeOf<string>();
    const list = Type.Array(Type.Integer());
    expectTypeOf<ParamsInput<typeof list>>().toEqualTypeOf<readonly number[]>();
    const choice = Type.Union([Type.Literal('a'), Type.Literal('b')]);
    expectTypeOf<ParamsInput<typeof choice>>().toEqualTypeOf<'a' | 'b'>();
    expectTypeOf<ParamsInput<TSchema>>().toEqualTypeOf<unknown>();
  });

  it('A-3 lets a caller leave out defaults in the parts of unions and intersections as well', () => {
    const paged = Type.Intersect([Type.Object({ id: Type.String() }), Type.Object({ page: Type.Integer({ default: 1 }) })]);
    expectTypeOf<ParamsInput<typeof paged>>().toEqualTypeOf<{ readonly id: string; readonly page?: number | undefined }>();
    expectTypeOf<Static<typeof paged>['page']>().toEqualTypeOf<number>();
    const shape = Type.Union([
      Type.Object({ kind: Type.Literal('circle'), radius: Type.Number({ default: 1 }) }),
      Type.Object({ kind: Type.Literal('dot') }),
    ]);
    expectTypeOf<ParamsInput<typeof shape>>().toEqualTypeOf<
      { readonly kind: 'circle'; readonly radius?: number | undefined } | { readonly kind: 'dot' }
    >();
    const draw = defineAction({ module, name: 'draw', schema: shape, run: (given) => (given.kind === 'circle' ? given.radius : 0) });
    expectTypeOf(unwrapped(draw)).toEqualTypeOf<number>();
    run(draw, { kind: 'circle' });
    // @ts-expect-error there is no such kind
    run(draw, { kind: 'square' });
  });
});

describe('what an action gives', () => {
  it('R-1 is inferred from `run`: promises and outcomes taken apart', () => {
    const define = <R>(give: () => R) => defineAction({ module, name: 'a', run: give });
    expectTypeOf(unwrapped(define(() => 1))).toEqualTypeOf<number>();
    expectTypeOf(unwrapped(define(async () => 'x'))).toEqualTypeOf<string>();
    expectTypeOf(unwrapped(defineAction({ module, name: 'a', run: () => ok({ id: 1 }, 'next') }))).toEqualTypeOf<{
      id: number;
    }>();
    const maybe = defineAction({ module, name: 'a', run: (p: { n: number }) => (p.n > 0 ? ok(p.n) : fail('negative')) });
    expectTypeOf(maybe).toEqualTypeOf<Action<{ n: number }, number>>();
    const never = defineAction({
      module,
      name: 'a',
      run: (): never => {
        throw new Error('x');
      },
    });
    expectTypeOf(never).toEqualTypeOf<Action<Readonly<Record<string, unknown>>, never>>();
  });

  it('R-1 is the output schema where there is one', () => {
    const action = defineAction({
      module,
      name: 'a',
      outputSchema: Type.Object({ size: Type.Integer() }),
      run: () => ({ size: 1, more: true }),
    });
    expectTypeOf(action).toEqualTypeOf<Action<Readonly<Record<string, unknown>>, { size: number }>>();
  });

  it('R-1 is what `run` may give, of several, but for its failures', () => {
    const either = defineAction({
      module,
      name: 'a',
      async run({ n }: { n: number }) {
        if (n === 0) return fail('zero');
        return n > 0 ? ok({ n }, 'positive') : 'negative';
      },
    });
    expectTypeOf(either).toEqualTypeOf<Action<{ n: number }, { n: number } | 'negative'>>();
    const failing = defineAction({ module, name: 'a', run: async () => fail('always') });
    expectTypeOf(unwrapped(failing)).toBeNever();
    const silent = defineAction({ module, name: 'a', run: () => {} });
    expectTypeOf(unwrapped(silent)).toEqualTypeOf<void>();
  });

  it('R-1 is used as what it is: through narrowing alone', () => {
    const outcome = run(resize, { path: 'a.jpg' });
    // @ts-expect-error an outcome has a value only when it is ok
    outcome.value;
    // @ts-expect-error an outcome has an error only when it is not
    outcome.error;
    const use = (): number => {
      const value = unwrap(run(resize, { path: 'a.jpg' }));
      // @ts-expect-error the value has no such key
      value.size;
      return value.bytes;
    };
    expectTypeOf(use).returns.toEqualTypeOf<number>();
  });

  it('R-1 of a `run` that gives any is a plain action', () => {
    const action = defineAction({ module, name: 'a', run: () => JSON.parse('1') });
    expectTypeOf(action.kind).toEqualTypeOf<'plain'>();
    expectTypeOf(unwrapped(action)).toBeAny();
    expect(action.kind).toBe('plain');
  });

  it('R-1 an outcome narrows both ways', () => {
    const outcome = run(resize, { path: 'a.jpg' });
    expectTypeOf(outcome).toEqualTypeOf<Outcome<{ bytes: number }>>();
    if (outcome.ok) expectTypeOf(outcome.value.bytes).toEqualTypeOf<number>();
    else expectTypeOf(outcome.error).toEqualTypeOf<HeddleError>();
    expectTypeOf(unwrap<{ bytes: number }>).returns.toEqualTypeOf<{ bytes: number }>();
    expectTypeOf(fail('x')).toEqualTypeOf<Failure>();
  });
});

describe('what a caller gives', () => {
  it('R-2 is checked by the compiler', () => {
    run(resize, { path: 'a.jpg' });
    run(resize, { path: 'a.jpg', width: 5 });
    run(resize, { path: 'a.jpg', width: undefined });
    // @ts-expect-error `path` is missing
    run(resize, {});
    // @ts-expect-error params are missing
    run(resize);
    // @ts-expect-error `width` is no number
    run(resize, { path: 'a.jpg', width: 'wide' });
    // @ts-expect-error `path` is no string
    run(resize, { path: 5 });
  });

  it('R-1 may be left out where nothing is required', () => {
    run(defineAction({ module, name: 'a', schema: Type.Object({ n: Type.Integer({ default: 1 }) }), run: () => 1 }));
    run(defineAction({ module, name: 'a', run: () => 1 }));
    const plain = defineAction({ module, name: 'a', run: (params: { n: number }) => params.n });
    run(plain, { n: 1 });
    // @ts-expect-error `n` is missing
    run(plain, {});
  });

  it('A-1 a definition that cannot be right does not compile', () => {
    // @ts-expect-error no such key
    expect(() => defineAction({ module, name: 'a', runs: 1, run: () => 1 })).toThrow('`runs`');
    // @ts-expect-error a hook must be a function
    expect(() => defineAction({ module, name: 'a', onAfterRun: 1, run: () => 1 })).toThrow('`onAfterRun`');
    // @ts-expect-error tags are texts
    expect(() => defineAction({ module, name: 'a', tags: [1], run: () => 1 })).toThrow('`tags`');
  });

  it('A-4 hooks of the wrong types do not compile', () => {
    const schema = Type.Object({ n: Type.Integer() });
    // @ts-expect-error the hook gives params of another type than the schema's
    defineAction({ module, name: 'a', schema, onAfterValidateParams: () => ({ n: 'one' }), run: ({ n }) => n });
    // @ts-expect-error the hook takes another value than the output schema's
    defineAction({ module, name: 'a', outputSchema: schema, onAfterRun: (value: string) => value, run: () => ({ n: 1 }) });
    // @ts-expect-error a hook gives a value of the output schema's type
    defineAction({ module, name: 'a', outputSchema: schema, onAfterValidateOutput: () => ({ n: 'one' }), run: () => ({ n: 1 }) });
  });

  it('A-1 defaults of the wrong types do not compile', () => {
    // @ts-expect-error milliseconds are a number
    expect(() => defineAction({ module, name: 'a', defaults: { timeoutMs: '5s' }, run: () => 1 })).toThrow('timeoutMs');
    // @ts-expect-error no such default
    expect(() => defineAction({ module, name: 'a', defaults: { timeout: 5 }, run: () => 1 })).toThrow('timeout');
    // @ts-expect-error `retryIf` answers yes or no
    defineAction({ module, name: 'a', defaults: { retryIf: () => 'yes' }, run: () => 1 });
  });

  it('A-4 hooks get the types of their place', () => {
    defineAction({
      module,
      name: 'a',
      schema: Type.Object({ n: Type.Integer() }),
      outputSchema: Type.Object({ size: Type.Integer() }),
      onBeforeValidateParams(params, ctx) {
        expectTypeOf(params).toEqualTypeOf<Record<string, unknown>>();
        expectTypeOf(ctx).toEqualTypeOf<ActionContext>();
      },
      onAfterValidateParams(params) {
        expectTypeOf(params).toEqualTypeOf<{ n: number }>();
        return { n: params.n + 1 };
      },
      run: ({ n }) => ({ size: n }),
      onAfterRun(value) {
        expectTypeOf(value).toEqualTypeOf<{ size: number }>();
      },
      onError(_params, error) {
        expectTypeOf(error).toEqualTypeOf<HeddleError>();
      },
    });
  });
});

describe('a coroutine', () => {
  const ask = defineAction({
    module,
    name: 'ask',
    *run({ times }: { times: number }): Generator<{ question: number }, string[], string> {
      const names: string[] = [];
      for (let i = 0; i < times; i++) names.push(yield { question: i });
      return names;
    },
  });

  it('C-1 is a kind of its own, its yields and value inferred', () => {
    expectTypeOf(ask).toEqualTypeOf<CoroutineAction<{ times: number }, { question: number }, string[], string>>();
    expectTypeOf(coroutine(ask, { times: 1 })).toEqualTypeOf<{ yields: { question: number }[]; value: string[][] }>();
    const later = defineAction({
      module,
      name: 'later',
      async *run() {
        yield 1;
        return ok('x', 'next');
      },
    });
    expectTypeOf(later).toEqualTypeOf<CoroutineAction<Readonly<Record<string, unknown>>, number, string, unknown>>();
  });

  it('A-5 does not compile where a plain action is asked, nor the other way round', () => {
    // @ts-expect-error a generator action is run by coroutine and stream
    run(ask, { times: 1 });
    // @ts-expect-error a plain action is no coroutine
    coroutine(resize, { path: 'a.jpg' });
  });
});

const unwrapped = <P, V>(_action: Action<P, V>): V => undefined as V; // types only
