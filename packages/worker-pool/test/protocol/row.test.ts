import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { NO_SHAPE, RowReader, RowWriter } from '../../src/protocol/row.ts';
import { anyValue, unreadable, withThrowing } from '../support/hostile.ts';

/** Both ends of a wire. */
class Wire {
  readonly reader = new RowReader();
  readonly announced: (readonly string[])[] = [];
  readonly writer = new RowWriter((keys) => {
    this.reader.learn(this.announced.length, structuredClone(keys));
    return this.announced.push(keys) - 1;
  });

  /** What arrives of a value; `NO_SHAPE` when it is no row. */
  send(value: unknown): unknown {
    const shape = this.writer.read(value);
    if (shape === NO_SHAPE) return NO_SHAPE;
    const { fields, width } = this.writer;
    const message = structuredClone(['before', ...fields.slice(0, width), 'after']);
    expect(this.reader.width(shape)).toBe(message.length - 2);
    return this.reader.at(shape, message, 1);
  }

  /** Makes the keys of a value known. */
  teach(value: unknown): this {
    for (let time = 0; time < 8; time++) this.send(value);
    return this;
  }
}

describe('a row', () => {
  it('is made of a flat object whose keys have come often enough', () => {
    const wire = new Wire();
    const values = Array.from({ length: 10 }, (_, index) => ({ id: index, name: `n${index}`, none: null, missing: undefined, big: 1n }));
    const arrived = values.map((value) => wire.send(value));
    expect(wire.announced).toEqual([['id', 'name', 'none', 'missing', 'big']]);
    expect(arrived.slice(0, 8)).toEqual(new Array(8).fill(NO_SHAPE));
    expect(arrived.slice(8)).toStrictEqual(values.slice(8));
  });

  it.each<[string, object, object]>([
    ['more keys', { a: 1 }, { a: 1, b: 2 }],
    ['fewer keys', { a: 1, b: 2 }, { a: 1 }],
    ['no keys', { a: 1 }, {}],
    ['another order', { a: 1, b: 2 }, { b: 2, a: 1 }],
    ['an object within', { a: 1, b: 2 }, { a: 1, b: {} }],
    ['a function within', { a: 1, b: 2 }, { a: 1, b: () => {} }],
    ['a symbol within', { a: 1, b: 2 }, { a: 1, b: Symbol('s') }],
    ['a long text', { a: 1 }, { a: 'x'.repeat(5000) }],
    [
      'a class',
      { a: 1 },
      new (class A {
        a = 1;
      })(),
    ],
    ['no prototype', { a: 1 }, Object.assign(Object.create(null), { a: 1 })],
    ['keys that it inherits', { a: 1, b: 2 }, Object.assign(Object.create({ b: 2 }), { a: 1 })],
    ['an array', { 0: 1 }, [1]],
    ['a proxy', { a: 1 }, new Proxy({ a: 1 }, {})],
    ['a proxy that cannot be read', { a: 1 }, unreadable()],
    ['a getter that throws', { a: 1 }, withThrowing('a')],
  ])('is not made of an object with %s', (_, known, other) => {
    const wire = new Wire().teach(known);
    expect(wire.send(other)).toBe(NO_SHAPE);
    expect(wire.send(known)).toStrictEqual(known);
  });

  it.each([
    ['a key named __proto__', JSON.parse('{"__proto__": 1}')],
    ['many keys', Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`k${index}`, 1]))],
    ['no keys', {}],
  ])('has no shape with %s', (_, value) => {
    expect(new Wire().teach(value).send(value)).toBe(NO_SHAPE);
  });

  it('keeps a few shapes apart, and no more', () => {
    const wire = new Wire();
    const values = ['a', 'b', 'c', 'd', 'e'].map((key) => ({ [key]: key }));
    for (const value of values) wire.teach(value);
    expect(wire.announced).toEqual([['a'], ['b'], ['c'], ['d']]);
    expect(values.map((value) => wire.send(value))).toStrictEqual([...values.slice(0, 4), NO_SHAPE]);
  });

  it('is looked for no more for a while where nothing fits, and then again', () => {
    const wire = new Wire().teach({ a: 1 });
    const read = vi.fn(() => 1);
    const other = {
      get z() {
        return read();
      },
      deep: {},
    };
    for (let time = 0; time < 300; time++) wire.send(other);
    expect(read.mock.calls.length).toBeLessThan(150);
    for (let time = 0; time < 512; time++) wire.send({ a: 1 });
    expect(wire.send({ a: 2 })).toEqual({ a: 2 });
  });

  it('quotes keys', () => {
    const value = { "'": 1, '"': 2, '\\': 3, '\n': 4, '\u2028': 5, '\ud800': 6, '}; throw 1; {': 7, constructor: 8, 3: 9, '': 10 };
    expect(new Wire().teach(value).send(value)).toStrictEqual(structuredClone(value));
  });

  it('is read where code generation is forbidden as well', () => {
    const wire = new Wire();
    vi.stubGlobal('Function', () => {
      throw new EvalError('Code generation from strings disallowed for this context');
    });
    wire.teach({ a: 1, b: 2 });
    vi.unstubAllGlobals();
    expect(wire.send({ a: 3, b: 4 })).toStrictEqual({ a: 3, b: 4 });
  });

  it('arrives as a structured clone would', () => {
    const part = fc.oneof(fc.anything({ maxDepth: 0, withBigInt: true }), fc.string(), fc.double(), fc.constant(-0));
    let answered = 0;
    fc.assert(
      fc.property(fc.dictionary(fc.string(), part, { maxKeys: 6 }), (given) => {
        const arrived = new Wire().teach(given).send(given);
        if (arrived === NO_SHAPE) return;
        answered++;
        const clone = structuredClone(given);
        expect(arrived).toStrictEqual(clone);
        expect(Object.keys(arrived as object)).toEqual(Object.keys(clone));
      }),
      { numRuns: 1_000 },
    );
    expect(answered).toBeGreaterThan(200);
  });

  it('A-6 never throws', () => {
    const wire = new Wire().teach({ a: 1 });
    fc.assert(fc.property(anyValue, (make) => void wire.send(make())));
  });
});
