import { describe, expect, it } from 'vitest';
import { LARGE_SIZE, SHARED_SIZE, sizeOf } from '../../src/scheduler/size.ts';

const order = { id: 1, price: 2.5, name: 'a short text', tags: ['one', 'two'], more: { yes: true, no: null } };

describe('the size of params', () => {
  it.each([
    ['a number', 7, 1],
    ['nothing', undefined, 1],
    ['an empty array', [], 1],
    ['a flat object', { a: 1, b: 'b', c: null }, 4],
    ['an object of objects', { a: { b: 1 }, c: [1, 2, 3] }, 7],
    ['a symbol, which does not clone', Symbol('no'), 1],
  ])('counts the values of %s', (_what, value, size) => {
    expect(sizeOf(value)).toBe(size);
  });

  it('is that of its parts, a few or many of them', () => {
    const part = { a: 1, b: [2, 3] };
    const one = sizeOf(part);
    expect(sizeOf({ parts: Array(5000).fill(part) })).toBe(2 + 5000 * one);
    expect(sizeOf(Object.fromEntries(Array.from({ length: 320 }, (_, n) => [`k${n}`, part])))).toBe(1 + 320 * one);
  });

  it('knows a small task from one that shares no message and from one that is not sent ahead', () => {
    expect(sizeOf({ n: 1, text: 'x'.repeat(200) })).toBeLessThan(SHARED_SIZE);
    expect(sizeOf({ orders: Array(50).fill(order) })).toBeGreaterThan(SHARED_SIZE);
    expect(sizeOf({ orders: Array(50).fill(order) })).toBeLessThan(LARGE_SIZE);
    expect(sizeOf({ orders: Array(500).fill(order) })).toBeGreaterThan(LARGE_SIZE);
    expect(sizeOf(new Map(Array.from({ length: 1000 }, (_, n) => [n, n])))).toBeGreaterThan(LARGE_SIZE);
  });

  it('takes text and bytes, which are copied as a whole, for less', () => {
    expect(sizeOf('x'.repeat(100_000))).toBeLessThan(LARGE_SIZE);
    expect(sizeOf('x'.repeat(1_000_000))).toBeGreaterThan(LARGE_SIZE);
    expect(sizeOf({ bytes: new Uint8Array(500_000) })).toBeLessThan(LARGE_SIZE);
    expect(sizeOf(new ArrayBuffer(10_000_000))).toBeGreaterThan(LARGE_SIZE);
  });

  it('ends soon where a value holds itself, however often, and stays a small number', () => {
    const loop: unknown[] = [];
    loop.push(...Array<unknown>(1000).fill(loop));
    expect(sizeOf(loop)).toBe(1_000_000);
    let reads = 0;
    const knot = new Proxy<Record<string, unknown>>(
      {},
      {
        ownKeys: () => Array.from({ length: 30 }, (_, n) => `k${n}`),
        getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
        get: () => {
          reads++;
          return knot;
        },
      },
    );
    expect(sizeOf(knot)).toBeLessThan(10_000);
    expect(reads).toBeLessThan(5000);
  });

  it('does not believe what says of itself that it has no size', () => {
    class Unsized extends Map<string, number> {
      override get size(): number {
        return Number.NaN;
      }
    }
    expect([sizeOf(new Unsized([['a', 1]])), sizeOf({ rows: new Map([['rows', Array(2000).fill(1)]]) })]).toEqual([0, 2004]);
  });

  it('is nothing where a value cannot be read', () => {
    const broken = {
      get part(): never {
        throw new Error('no');
      },
    };
    expect(sizeOf({ broken })).toBe(0);
  });
});
