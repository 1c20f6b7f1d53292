import type { Completion, Handle, HeddleError, Outcome } from '@heddle/core';
import { describe, expectTypeOf, it } from 'vitest';
import { all, any, completion, type GroupOutcome, type HandleValue } from '../src/index.ts';

interface Ref<V> extends Handle<V> {
  readonly threadId: number | undefined;
}

// Types alone: nothing here is ever called.
declare const sizes: Ref<number>;
declare const names: Ref<string>;

describe('the types of a wait', () => {
  it('W-2 a completion has the value of its target, or the error', () => {
    const wait = () => completion(sizes, 100);
    expectTypeOf(wait).returns.resolves.toEqualTypeOf<Outcome<Completion<number>>>();
    const use = (done: Completion<number>) => {
      if (done.status === 'completed') expectTypeOf(done.result).toEqualTypeOf<number>();
      else expectTypeOf(done.result).toEqualTypeOf<HeddleError>();
    };
    expectTypeOf(use).parameter(0).toEqualTypeOf<Completion<number>>();
  });

  it('W-4 all keeps the targets themselves, and their values', () => {
    const wait = () => all([sizes, sizes]);
    expectTypeOf(wait).returns.resolves.toEqualTypeOf<GroupOutcome<Map<Ref<number>, Completion<number>>, Ref<number>>>();
    const mixed = () => all([sizes, names]);
    expectTypeOf(mixed).returns.resolves.toExtend<
      GroupOutcome<Map<Ref<number> | Ref<string>, Completion<number | string>>, Ref<number> | Ref<string>>
    >();
  });

  it('W-4 any gives the target itself', () => {
    const wait = async () => {
      const first = await any([sizes, names], 100, { signal: AbortSignal.abort() });
      return first.ok ? first.value.target : first.target;
    };
    expectTypeOf(wait).returns.resolves.toEqualTypeOf<Ref<number> | Ref<string> | undefined>();
    expectTypeOf<HandleValue<Ref<number> | Ref<string>>>().toEqualTypeOf<number | string>();
  });

  it('W-3 takes what a look-up found, and no promise', () => {
    const found = () => completion(new Map([['a', sizes]]).get('a'));
    expectTypeOf(found).returns.resolves.toEqualTypeOf<Outcome<Completion<number>>>();
    // @ts-expect-error a promise is no handle
    expectTypeOf(() => completion(Promise.resolve(1))).toBeFunction();
  });
});
