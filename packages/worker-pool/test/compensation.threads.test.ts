import type { HeddleError, Outcome } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { booking, neverRuns, notEnabled } from './fixtures/compensated.ts';
import { openRuntime, until } from './support/threads.ts';

function errorOf(outcome: Outcome): HeddleError {
  if (outcome.ok) throw new Error('expected a failure');
  return outcome.error;
}

describe('compensation', () => {
  it('R-7 runs once, after the last attempt, with what the caller gave, and the outcome stays an error', async () => {
    const { runtime, records } = openRuntime();
    const outcome = await runtime.run(
      booking,
      { run: 'throws', undo: 'value' },
      { user: 7 },
      { maxRetries: 1, tag: 'trip', timeoutMs: 60_000 },
    );
    const error = errorOf(outcome);
    expect(error).toMatchObject({
      type: 'compensation_error',
      message: 'Compensation completed for: card declined',
      retryable: false,
      details: { compensated: true, ending: 'completed', result: { refunded: true } },
      cause: { type: 'execution_error', message: 'card declined', cause: { code: 'E_CARD' } },
    });
    expect(records.map(({ message }) => message)).toEqual(['run', 'run', 'onError']);
    expect(records[2]?.fields).toMatchObject({
      params: { run: 'throws', undo: 'value' },
      error: 'card declined',
      code: 'E_CARD',
      context: { user: 7 },
      options: { tag: 'trip', timeoutMs: 60_000, maxRetries: 1 },
      attempt: 1,
    });
    expect(records[2]?.fields['taskId']).toBe(records[0]?.fields['taskId']);
    expect(runtime.stats()).toMatchObject({ completed: 0, failed: 1, cancelled: 0, compensating: 0, running: 0 });
  });

  it.each([
    ['nothing', 'Compensation completed for: card declined', { compensated: true, ending: 'completed' }],
    ['fails', 'Compensation failed for: card declined', { compensated: false, ending: 'failed', reason: 'bank closed' }],
    ['throws', 'Compensation crashed for: card declined', { compensated: false, ending: 'crashed', reason: 'undo crashed' }],
    ['exits', 'Compensation crashed for: card declined', { compensated: false, ending: 'crashed' }],
    ['function', 'Invalid compensation result for: card declined', { compensated: false, ending: 'invalid' }],
    ['generator', 'Invalid compensation result for: card declined', { compensated: false, ending: 'invalid' }],
    ['uncloneable', 'Invalid compensation result for: card declined', { compensated: false, ending: 'invalid' }],
  ] as const)('R-7 tells one that %s apart', async (undo, message, details) => {
    const { runtime } = openRuntime();
    const outcome = await runtime.run(booking, { run: 'fails', undo });
    expect(errorOf(outcome)).toMatchObject({ type: 'compensation_error', message, details, cause: { message: 'card declined' } });
    expect(outcome.directive).toBe('kept');
  });

  it('R-7 tells one that runs out of its own time apart, by the call, the action, or not at all', async () => {
    const { runtime } = openRuntime({ graceMs: 1 });
    const outcome = await runtime.run(booking, { run: 'fails', undo: 'spins' }, {}, { compensation: { timeoutMs: 20 } });
    expect(errorOf(outcome)).toMatchObject({
      message: 'Compensation timed out after 20ms for: card declined',
      details: { ending: 'timeout' },
    });
    const none = await runtime.run(booking, { run: 'fails', undo: 'value' }, {}, { compensation: { timeoutMs: 0 } });
    expect(errorOf(none).message).toBe('Compensation timed out after 0ms for: card declined');
  });

  it('R-7, A-5 gives a directive of its own in the place of the first', async () => {
    const { runtime } = openRuntime();
    expect((await runtime.run(booking, { run: 'fails', undo: 'directive' })).directive).toBe('new');
  });

  it('R-7 is tried again by its own count, and not where its error forbids it', async () => {
    const { runtime, records } = openRuntime({ defaults: { backoffMs: 0 } });
    await runtime.run(booking, { run: 'fails', undo: 'throws' }, {}, { compensation: { maxRetries: 2 } });
    const attempts = (): unknown[] => records.filter(({ message }) => message === 'onError').map(({ fields }) => fields['attempt']);
    expect(attempts()).toEqual([1, 2, 3]);
    await runtime.run(booking, { run: 'fails', undo: 'failsFinally' }, {}, { compensation: { maxRetries: 2 } });
    expect(attempts()).toEqual([1, 2, 3, 1]);
  });

  it('R-7 runs for a task whose time or thread was lost, on a lane of its own', async () => {
    const { runtime } = openRuntime({ graceMs: 1 });
    const late = await runtime.run(booking, { run: 'spins', undo: 'value' }, {}, { timeoutMs: 20 });
    expect(errorOf(late)).toMatchObject({
      message: expect.stringMatching(/^Compensation completed for: .*timed out/),
      cause: { type: 'timeout', details: { forced: true } },
    });
    const lost = await runtime.run(booking, { run: 'exits', undo: 'value' });
    expect(errorOf(lost)).toMatchObject({ details: { compensated: true }, cause: { type: 'worker_lost' } });
    const total = await runtime.run(booking, { run: 'waits', undo: 'value' }, {}, { totalTimeoutMs: 1000 });
    expect(errorOf(total)).toMatchObject({ details: { compensated: true }, cause: { type: 'timeout', details: { clock: 'total' } } });
  });

  it('R-7 does not run where `run` never began, where it is not enabled, for a cancel, or for a success', async () => {
    const { runtime, records } = openRuntime();
    expect(errorOf(await runtime.run(neverRuns, { n: 'x' as never })).type).toBe('validation_error');
    expect(errorOf(await runtime.run(neverRuns, { n: 1, hook: true } as never)).message).toBe('refused by the hook');
    expect(errorOf(await runtime.run(neverRuns, { n: 1 }, {}, { maxRetries: 0 })).type).toBe('compensation_error');
    expect(errorOf(await runtime.run(notEnabled)).type).toBe('execution_error');
    expect(await runtime.run(booking, { run: 'ok', undo: 'value' })).toMatchObject({ ok: true, value: 'booked' });
    const ref = runtime.start(booking, { run: 'waits', undo: 'value' });
    await until(() => ref.status === 'running');
    await ref.cancel();
    expect(errorOf(await ref.outcome()).type).toBe('cancelled');
    expect(records.filter(({ message }) => message === 'onError')).toEqual([]);
  });

  it('R-7, E-2 is not cut short by the first cancel, and is by the second', async () => {
    const { runtime, records } = openRuntime();
    const ref = runtime.start(booking, { run: 'fails', undo: 'waits' });
    await until(() => records.some(({ message }) => message === 'onError'));
    expect(ref.status).toBe('compensating');
    expect(runtime.stats().compensating).toBe(1);
    const first = ref.cancel();
    expect(ref.status).toBe('compensating');
    const second = runtime.cancel(ref.id);
    expect([await first, await second]).toMatchObject([{ ok: true }, { ok: true }]);
    expect(errorOf(await ref.outcome())).toMatchObject({
      type: 'compensation_error',
      message: 'Compensation cancelled for: card declined',
      details: { compensated: false, ending: 'cancelled' },
    });
  });

  it('R-7, E-12 is waited for by a close, as long as its grace lasts', async () => {
    const { runtime, records } = openRuntime();
    const ref = runtime.start(booking, { run: 'fails', undo: 'waits' });
    await until(() => records.some(({ message }) => message === 'onError'));
    await runtime.close({ graceMs: 20 });
    expect(errorOf(await ref.outcome()).details).toMatchObject({ ending: 'cancelled' });
  });
});
