import { describe, expect, it } from 'vitest';
import { parseRuntimeOptions } from '../../src/options.ts';
import { parseTenants, UNLIMITED } from '../../src/tenant/limits.ts';

describe('the limits of tenants', () => {
  it('R-14 R-3 are a fair share alone when nothing is said', () => {
    expect(parseTenants({}).limitsOf('acme')).toEqual({ limits: UNLIMITED, faults: [] });
    expect(parseRuntimeOptions().tenants).toBeUndefined();
  });

  it('R-14 are those of every tenant, with what single ones have of their own over them', () => {
    const { limitsOf } = parseTenants({ concurrency: 2, ratePerSecond: 0.5, perKey: { acme: { concurrency: 8, weight: 3 } } });
    expect(limitsOf('globex').limits).toEqual({ ...UNLIMITED, concurrency: 2, ratePerSecond: 0.5, burst: 1 });
    expect(limitsOf('acme').limits).toEqual({ ...UNLIMITED, concurrency: 8, weight: 3, ratePerSecond: 0.5, burst: 1 });
    // No names of every object's own.
    expect(limitsOf('constructor').faults).toEqual([]);
  });

  it('R-14 take a burst of one second of a rate, unless it is said', () => {
    const { limitsOf } = parseTenants({ ratePerSecond: 20, perKey: { a: { ratePerSecond: 50 }, b: { burst: 5 } } });
    expect(['x', 'a', 'b'].map((tenant) => limitsOf(tenant).limits.burst)).toEqual([20, 50, 5]);
  });

  it('R-14 may come from a function, whose faults are told and not thrown', () => {
    const { limitsOf } = parseTenants({
      queueLimit: 4,
      perKey: (tenant) => {
        if (tenant === 'throws') throw new Error('no such tenant');
        return tenant === 'wrong' ? ({ weight: 0, depth: 1 } as never) : tenant === 'odd' ? (7 as never) : undefined;
      },
    });
    expect(limitsOf('acme')).toEqual({ limits: { ...UNLIMITED, queueLimit: 4 }, faults: [] });
    expect(limitsOf('throws').faults).toEqual(['`tenants.perKey` threw: no such tenant']);
    expect(limitsOf('wrong').faults).toEqual([
      '`tenants.perKey().weight` must be a finite number > 0; got 0',
      '`tenants.perKey().depth` is not an option',
    ]);
    expect(limitsOf('odd').faults).toEqual(['`tenants.perKey()` must be an object; got a number']);
  });

  it('R-14 R-3 name every fault at once', () => {
    const tenants = {
      concurrency: 0,
      queueLimit: 1.5,
      ratePerSecond: 0,
      burst: 0.5,
      weight: Number.POSITIVE_INFINITY,
      stateful: 'many',
      depth: 1,
      perKey: { acme: { weight: -1 }, globex: 3 },
    };
    expect(() => parseRuntimeOptions({ tenants })).toThrow(
      'Invalid runtime options: `tenants.concurrency` must be an integer ≥ 1, or Infinity; got 0; ' +
        '`tenants.queueLimit` must be an integer ≥ 0, or Infinity; got 1.5; `tenants.ratePerSecond` must be a number > 0; got 0; ' +
        '`tenants.burst` must be a number ≥ 1; got 0.5; `tenants.weight` must be a finite number > 0; got Infinity; ' +
        '`tenants.stateful` must be an integer ≥ 0, or Infinity; got a string; `tenants.depth` is not an option; ' +
        '`tenants.perKey.acme.weight` must be a finite number > 0; got -1; `tenants.perKey.globex` must be an object; got a number',
    );
    expect(() => parseRuntimeOptions({ tenants: true })).toThrow('`tenants` must be an object; got a boolean');
    expect(() => parseRuntimeOptions({ tenants: { perKey: 3 } })).toThrow('`tenants.perKey` must be a function or an object; got a number');
  });
});
