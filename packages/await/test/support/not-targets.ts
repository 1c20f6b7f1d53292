import type { HeddleErrorType } from '@heddle/core';

const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();

/** What is no target, by what it is, and the type of error that says so. */
export const NOT_TARGETS: readonly [what: string, make: () => unknown, type: HeddleErrorType][] = [
  ['undefined', () => undefined, 'not_found'],
  ['null', () => null, 'not_found'],
  ['a name', () => 'invalid', 'not_found'],
  ['a number', () => 5, 'invalid_async_ref'],
  ['an array', () => [], 'invalid_async_ref'],
  ['an object', () => ({}), 'invalid_async_ref'],
  ['a function', () => () => 1, 'invalid_async_ref'],
  ['a promise', () => Promise.resolve(1), 'invalid_async_ref'],
  ['a handle without cancel', () => ({ id: 'x', status: 'running', outcome: () => {} }), 'invalid_async_ref'],
  ['a revoked proxy', () => revoked, 'invalid_async_ref'],
];
