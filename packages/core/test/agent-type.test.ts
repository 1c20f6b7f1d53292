import { expectTypeOf, it } from 'vitest';
import { type AgentContext, type AgentRef, type ChildExit, defineAgent, Type } from '../src/index.ts';

const schema = Type.Object({ count: Type.Integer({ default: 0 }), lastAnswer: Type.Optional(Type.String()) });

it('W-1 an agent knows its state, its signals and their data by what was written once', () => {
  const agent = defineAgent({
    module: import.meta.url,
    name: 'typed',
    schema,
    initialState: { count: 1 },
    signals: { rename: Type.Object({ to: Type.String(), loud: Type.Boolean({ default: false }) }) },
    on: {
      add: (state, data: { by: number }, ctx) => {
        expectTypeOf(state.count).toEqualTypeOf<number>();
        expectTypeOf(ctx).toEqualTypeOf<AgentContext>();
        return { ...state, count: state.count + data.by };
      },
      reset: () => ({ count: 0 }),
      rename: async (state, data) => {
        expectTypeOf(data).toEqualTypeOf<{ to: string; loud: boolean }>();
        return { ...state, lastAnswer: data.to };
      },
      'child.exit': (_state, data) => {
        expectTypeOf(data).toEqualTypeOf<ChildExit>();
      },
    },
  });
  const use = (ref: RefOf<typeof agent>): void => {
    ref.send('add', { by: 1 });
    ref.send('reset');
    ref.send('rename', { to: 'x' });
    ref.send('cancel', { reason: 'enough' });
    ref.send('status');
    // @ts-expect-error a number is due
    ref.send('add', { by: '1' });
    // @ts-expect-error data is due
    ref.send('add');
    // @ts-expect-error no such signal
    ref.send('subtract', { by: 1 });
    void ref.call('add', { by: 1 }, 100).then((outcome) => {
      if (outcome.ok) expectTypeOf(outcome.value.count).toEqualTypeOf<number>();
    });
    void ref.state().then((state) => expectTypeOf(state.count).toEqualTypeOf<number>());
    void ref.completion().then((done) => {
      if (done.ok && done.value.status === 'completed') expectTypeOf(done.value.result).toEqualTypeOf<string>();
    });
  };
  expectTypeOf(use).toBeFunction();
});

it('W-1 a handler gives the state that its schema describes', () => {
  defineAgent({
    module: import.meta.url,
    name: 'typed',
    schema,
    on: {
      // @ts-expect-error `count` is a number
      add: () => ({ count: 'many' }),
    },
  });
});

type RefOf<A> = A extends { readonly '~types'?: infer T }
  ? NonNullable<T> extends { state: infer S; signals: infer G }
    ? AgentRef<S, G>
    : never
  : never;
