import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERROR_TYPES, toHeddleError } from '../src/engine.ts';
import { HeddleError, isHeddleError } from '../src/index.ts';
import { revoked, unreadable, withThrowing } from './support/unreadable.ts';

/**
 * Makers of values that make trouble: every kind of primitive and object, errors in chains, and what throws when touched.
 * Makers, because the property runner itself would touch the values.
 */
const { anything } = fc.letrec<{ anything: () => unknown }>((tie) => ({
  anything: fc.oneof(
    { maxDepth: 5 },
    fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }).map((value) => () => value),
    fc.constantFrom<() => unknown>(
      unreadable,
      revoked,
      () => Symbol('s'),
      () => () => 1,
      () => class {},
    ),
    fc.constantFrom('message', 'code', 'cause', 'retryable', 'name', 'toJSON').map((key) => () => withThrowing(key)),
    fc
      .record({ message: fc.anything(), code: fc.anything(), retryable: fc.anything(), cause: tie('anything') })
      .map((parts) => () => Object.assign(new Error('made'), parts, { cause: parts.cause() })),
  ),
}));

describe('toHeddleError', () => {
  it('A-6 makes a HeddleError of anything, and never throws', () => {
    fc.assert(
      fc.property(anything, fc.constantFrom('threw' as const, 'returned' as const), (make, how) => {
        const error = toHeddleError(make(), how);
        expect(isHeddleError(error)).toBe(true);
        expect(ERROR_TYPES).toContain(error.type);
        expect(error.message).not.toBe('');
      }),
    );
  });

  it('R-8 always has a JSON form, whatever its cause', () => {
    fc.assert(
      fc.property(anything, (make) => {
        const text = JSON.stringify(new HeddleError('execution_error', 'outer', { cause: make() }));
        expect(JSON.parse(text)).toMatchObject({ type: 'execution_error', message: 'outer' });
      }),
    );
  });
});
