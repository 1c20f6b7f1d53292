import { expect, it } from 'vitest';
import { CancelledErrors } from '../src/cancelled-errors.ts';

it('E-7 gives the tasks of one action that are cancelled at once for one reason one error', () => {
  const errors = new CancelledErrors();
  const first = errors.of('resize', 'enough');
  expect(first.message).toBe('Action resize was cancelled: enough');
  expect(errors.of('resize', 'enough')).toBe(first);
  expect(errors.of('resize', 'too late').message).toBe('Action resize was cancelled: too late');
  expect(errors.of('crop', 'too late').details).toEqual({ action: 'crop', reason: 'too late' });
});

it('E-7 gives no later task the error of an earlier one', async () => {
  const errors = new CancelledErrors();
  const first = errors.of('resize', 'enough');
  await Promise.resolve();
  const second = errors.of('resize', 'enough');
  expect(second).not.toBe(first);
  expect(second).toEqual(first);
});
