import { HeddleError } from '@heddle/core';
import { ERROR_TYPES } from '@heddle/core/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs, shouldRetry } from '../src/retry.ts';
import { DEFAULT_TASK_OPTIONS, type ParsedTaskOptions } from '../src/task-options.ts';

const options = (given: Partial<ParsedTaskOptions> = {}): ParsedTaskOptions => ({ ...DEFAULT_TASK_OPTIONS, maxRetries: 3, ...given });
const always = options({ retryIf: () => true });
const error = (type: HeddleError['type'], given = {}): HeddleError => new HeddleError(type, 'm', given);

describe('whether a failure is tried again', () => {
  it.each(ERROR_TYPES)('R-6 follows the type where nobody says otherwise: %s', (type) => {
    expect(shouldRetry(error(type), 1, options())).toBe(['execution_error', 'worker_lost', 'overloaded'].includes(type));
  });

  it.each([
    'validation_error',
    'config_error',
    'cancelled',
    'closed',
    'invalid_action',
    'invalid_input',
    'uncloneable',
    'load_error',
  ] as const)('R-6 never after %s, whatever `retryIf` says', (type) => {
    expect(shouldRetry(error(type, { retryable: true }), 1, always)).toBe(false);
  });

  it('R-6 never after an error that says so of itself, or behind which one does', () => {
    const final = error('execution_error', { retryable: false });
    expect(shouldRetry(final, 1, always)).toBe(false);
    const behind = error('execution_error', { cause: Object.assign(new Error('a'), { cause: { retryable: false } }) });
    expect(shouldRetry(behind, 1, always)).toBe(false);
    expect(shouldRetry(error('execution_error', { cause: new Error('a') }), 1, always)).toBe(true);
  });

  it('R-6 is not led round by causes that lead back, nor thrown off by one that throws', () => {
    const round = new Error('round');
    round.cause = round;
    expect(shouldRetry(error('execution_error', { cause: round }), 1, options())).toBe(true);
    const hostile = Object.defineProperty(new Error('hostile'), 'retryable', {
      get: () => {
        throw new Error('a trap threw');
      },
    });
    expect(() => shouldRetry(error('execution_error', { cause: hostile }), 1, options())).not.toThrow();
  });

  it('R-6 after a timeout only when `retryIf` says so', () => {
    expect([shouldRetry(error('timeout'), 1, options()), shouldRetry(error('timeout'), 1, always)]).toEqual([false, true]);
  });

  it('R-6 makes at most `maxRetries` + 1 attempts', () => {
    const failure = error('execution_error');
    expect([1, 2, 3, 4, 5].map((attempts) => shouldRetry(failure, attempts, always))).toEqual([true, true, true, false, false]);
    expect(shouldRetry(failure, 1, options({ maxRetries: 0 }))).toBe(false);
    expect(shouldRetry(failure, 1e6, options({ maxRetries: Number.POSITIVE_INFINITY }))).toBe(true);
  });

  it('R-6 asks `retryIf` with the error and the attempt that failed', () => {
    const asked: unknown[] = [];
    const failure = error('worker_lost');
    shouldRetry(failure, 2, options({ retryIf: (...given) => asked.push(...given) > 0 }));
    expect(asked).toEqual([failure, 2]);
  });

  it('R-3 never after a transfer', () => {
    expect(shouldRetry(error('worker_lost'), 1, options({ transfer: [] }))).toBe(false);
  });
});

describe('how long it waits', () => {
  it('R-3 doubles, up to thirty seconds', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 50, 5000].map((attempts) => backoffMs(attempts, options(), () => 0))).toEqual([
      1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000,
    ]);
  });

  it('R-3 is never negative, NaN or too long, whatever was asked for', () => {
    const asked = fc.oneof(fc.double({ min: 0, noNaN: true }), fc.constantFrom(0, Number.POSITIVE_INFINITY));
    fc.assert(
      fc.property(asked, fc.integer({ min: 0, max: 5000 }), (ms, attempts) => {
        const waitMs = backoffMs(attempts, options({ backoffMs: ms }), () => 0);
        expect(waitMs >= 0 && waitMs <= 30_000).toBe(true);
      }),
    );
  });
});
