import { describe, expect, expectTypeOf, it } from 'vitest';
import { definePropagator, HeddleError, isPropagator, type Propagator } from '../src/index.ts';

const definition = { module: import.meta.url, name: 'ambient', capture: () => 1, attach: () => {} };

function countUp(this: { count?: number }): number {
  this.count = (this.count ?? 0) + 1;
  return this.count;
}

describe('definePropagator', () => {
  it('R-10 calls its functions on their definition', () => {
    const counted = { ...definition, capture: countUp, count: 6 };
    // A key of its own is a fault; on a prototype it is the definition's business.
    const own: { capture(): number } = Object.assign(Object.create(counted), { ...definition, capture: countUp });
    expect(definePropagator(own as typeof definition).capture()).toBe(7);
  });

  it('R-10 keeps what it was given, not strict unless asked', () => {
    const propagator = definePropagator(definition);
    expect(propagator).toMatchObject({ module: import.meta.url, name: 'ambient', strict: false });
    expect(Object.isFrozen(propagator)).toBe(true);
    expect(definePropagator({ ...definition, strict: true }).strict).toBe(true);
    expectTypeOf(propagator).toEqualTypeOf<Propagator<number>>();
  });

  it('R-10 refuses a definition at fault, naming every fault', () => {
    const bad = { name: 'no good', strict: 1, capture: 2, inject: () => {} };
    let thrown: unknown;
    try {
      definePropagator(bad as never);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(HeddleError);
    expect(thrown).toMatchObject({
      type: 'config_error',
      message: expect.stringContaining('Propagator `no good` is not well defined'),
      details: {
        faults: [
          '`name` must match ^[a-zA-Z][a-zA-Z0-9_]*$; got "no good"',
          '`module` is missing: write `module: import.meta.url`',
          '`strict` must be a boolean; got a number',
          '`capture` must be a function; got a number',
          '`attach` must be a function; got undefined',
          '`inject` is not a key of a propagator',
        ],
      },
    });
    expect(() => definePropagator(undefined as never)).toThrow('`definePropagator` takes an object; got undefined');
    expect(() => definePropagator({ ...definition, module: 'here.js' })).toThrow('`module` must be a file: URL');
  });

  it('R-10 knows its own, and no look-alike', () => {
    expect(isPropagator(definePropagator(definition))).toBe(true);
    for (const other of [undefined, null, {}, { ...definition }, Object.freeze({ ...definition })]) expect(isPropagator(other)).toBe(false);
  });
});
