import { defineAction, type HeddleError, type Outcome, ok, Type } from '@heddle/core';
import { describe, expectTypeOf, it } from 'vitest';
import type { AsyncRef, MapItem, Runtime, RuntimeOptions, TaskOptions } from '../src/index.ts';

const module = import.meta.url;

const resize = defineAction({
  module,
  name: 'resize',
  schema: Type.Object({ path: Type.String(), width: Type.Integer({ default: 320 }) }),
  run: ({ path, width }) => ({ bytes: path.length * width }),
});
const double = defineAction({ module, name: 'double', run: ({ n }: { n: number }) => n * 2 });
const count = defineAction({
  module,
  name: 'count',
  *run() {
    yield 1;
  },
});

// Types alone: nothing here is ever called.
declare const runtime: Runtime;

describe('the types of a call', () => {
  it('R-1 a run gives the outcome of its action', () => {
    const call = () => runtime.run(resize, { path: 'a.jpg' }, { userId: 7 }, { timeoutMs: 10 });
    expectTypeOf(call).returns.resolves.toEqualTypeOf<Outcome<{ bytes: number }>>();
    expectTypeOf(() => runtime.run(resize, ok({ path: 'a.jpg' }))).returns.resolves.toEqualTypeOf<Outcome<{ bytes: number }>>();
  });

  it('E-1 a start gives a ref of its action, and an await its outcome', () => {
    const start = () => runtime.start(resize, { path: 'a.jpg' });
    expectTypeOf(start).returns.toEqualTypeOf<AsyncRef<{ bytes: number }>>();
    const awaits = () => runtime.await(start(), 5_000);
    expectTypeOf(awaits).returns.resolves.toEqualTypeOf<Outcome<{ bytes: number }>>();
    // @ts-expect-error a ref is no promise: it has no `then`
    void (() => start().then());
    // @ts-expect-error a promise is no ref
    void (() => runtime.await(runtime.run(double, { n: 1 })));
  });

  it('R-2 params are those of the action', () => {
    // @ts-expect-error `path` is missing
    void (() => runtime.run(resize, {}));
    // @ts-expect-error params are missing
    void (() => runtime.start(resize));
    // @ts-expect-error `path` is no number
    void (() => runtime.run(resize, { path: 5 }));
    // @ts-expect-error the outcome of another action
    void (() => runtime.run(resize, ok({ n: 1 })));
    // @ts-expect-error a context is an object
    void (() => runtime.run(double, { n: 1 }, 'tenant'));
  });

  it('R-3 options are those there are', () => {
    // @ts-expect-error no such option
    void (() => runtime.run(double, { n: 1 }, {}, { timeout: 5 }));
    // @ts-expect-error milliseconds are a number
    void (() => runtime.run(double, { n: 1 }, {}, { timeoutMs: '5s' }));
    // @ts-expect-error `retryIf` answers yes or no
    void (() => runtime.run(double, { n: 1 }, {}, { retryIf: () => 'yes' }));
    // @ts-expect-error a plain object cannot be moved
    void (() => runtime.run(double, { n: 1 }, {}, { transfer: [{ n: 1 }] }));
    // @ts-expect-error a runtime has no such option
    void ((): RuntimeOptions => ({ thread: 2 }));
    // @ts-expect-error a queue knows no such policy
    void ((): RuntimeOptions => ({ queue: { limit: 1, whenFull: 'panic' } }));
    expectTypeOf<NonNullable<TaskOptions['retryIf']>>().parameter(0).toEqualTypeOf<HeddleError>();
  });

  it('A-5 a coroutine is not run, started or mapped', () => {
    // @ts-expect-error a generator action is no plain action
    void (() => runtime.run(count));
    // @ts-expect-error a generator action is no plain action
    void (() => runtime.start(count));
    // @ts-expect-error a generator action is no plain action
    void (() => runtime.map(count, []));
  });

  it('A-8 a function is no action', () => {
    // @ts-expect-error only what `defineAction` returns
    void (() => runtime.run(() => 1));
  });

  it('R-3 a map takes items that are params, of any iterable, and keeps their type', () => {
    const all = () => runtime.map(double, new Set([{ n: 1, row: 'a' }]), { ordered: true });
    expectTypeOf(all).returns.toEqualTypeOf<AsyncIterableIterator<MapItem<{ n: number }, number>>>();
    // @ts-expect-error the items are no params of the action
    void (() => runtime.map(double, [{ m: 1 }]));
    // @ts-expect-error one item is no iterable
    void (() => runtime.map(double, { n: 1 }));
    // @ts-expect-error an option of single calls
    void (() => runtime.map(double, [{ n: 1 }], { tag: 'all' }));
  });

  it('R-12 a chain takes the params of its first step, and actions alone', () => {
    // @ts-expect-error `n` is missing
    void (() => runtime.chain([double, resize], {}));
    // @ts-expect-error a step is an action, or an action with overrides
    void (() => runtime.chain([(n: number) => n]));
    // @ts-expect-error overrides are an object
    void (() => runtime.chain([[double, 5]]));
    // @ts-expect-error a generator action is no step
    void (() => runtime.chain([count]));
  });

  it('R-12 a plan wires steps by their names and values', () => {
    void (() =>
      runtime.plan({
        twice: { action: double, params: { n: 1 } },
        // @ts-expect-error there is no step of this name
        more: { action: double, needs: ['once'] },
      }));
    void (() =>
      runtime.plan({
        twice: { action: double, params: { n: 1 } },
        // @ts-expect-error the value of `twice` is a number
        picture: { action: resize, needs: ['twice'], params: ({ twice }) => ({ path: twice.path }) },
      }));
    // @ts-expect-error a step has no such key
    void (() => runtime.plan({ twice: { action: double, need: [] } }));
  });
});
