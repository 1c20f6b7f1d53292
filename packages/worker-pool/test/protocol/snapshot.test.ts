import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOT_SMALL, snapshot } from '../../src/protocol/snapshot.ts';
import { anyValue, unreadable, withThrowing } from '../support/hostile.ts';

/** An array whose first item is not there. */
function holed(second: unknown): unknown[] {
  const array = new Array<unknown>(2);
  array[1] = second;
  return array;
}

describe('a snapshot', () => {
  it('copies small plain data, through and through', () => {
    const given = { a: 1, list: [1, { b: 'text' }], none: null, missing: undefined, big: 1n, nan: Number.NaN, minus: -0 };
    const copy = snapshot(given) as typeof given;
    expect(copy).toEqual(given);
    expect(copy.list).not.toBe(given.list);
    expect(copy.list[1]).not.toBe(given.list[1]);
    expect(Object.is(copy.minus, -0)).toBe(true);
  });

  it.each([1, 'text', true, null, undefined, 10n, Number.NaN])('gives a primitive as it is: %s', (value) => {
    expect(snapshot(value)).toBe(value);
  });

  it.each<[string, unknown]>([
    ['a long text', 'x'.repeat(5000)],
    ['many items', Array.from({ length: 65 }, () => 1)],
    ['many keys', Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`k${index}`, 1]))],
    ['something deep', { a: { b: { c: { d: { e: 1 } } } } }],
    ['a class', new (class A {})()],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['a typed array', new Uint8Array(1)],
    ['an error', new Error('e')],
    ['a function', () => {}],
    ['a symbol', Symbol('s')],
    ['a proxy', new Proxy({}, {})],
    ['a hole', holed(1)],
    ['a hole made up for by a key', Object.assign(holed(1), { extra: 1 })],
    ['an array with a key of its own', Object.assign([1], { extra: 1 })],
    ['a key named __proto__', JSON.parse('{"__proto__": {"a": 1}}')],
    ['a getter that throws', withThrowing('x')],
    ['a proxy that cannot be read', unreadable()],
  ])('leaves to the post: %s', (_, value) => {
    expect(snapshot(value)).toBe(NOT_SMALL);
    expect(snapshot({ inside: value })).toBe(NOT_SMALL);
  });

  it('ends at a cycle', () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    expect(snapshot(cycle)).toBe(NOT_SMALL);
  });

  it('equals a structured clone, wherever it answers', () => {
    const value = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
    });
    let answered = 0;
    fc.assert(
      fc.property(fc.oneof(value, fc.array(value, { maxLength: 3 })), (given) => {
        const copy = snapshot(given);
        if (copy === NOT_SMALL) return;
        answered++;
        expect(copy).toStrictEqual(structuredClone(given));
      }),
      { numRuns: 3_000 },
    );
    expect(answered).toBeGreaterThan(500);
  });

  it('A-6 never throws', () => {
    fc.assert(fc.property(anyValue, (make) => void snapshot(make())));
  });
});
