import { type Action, type ActionContext, type CoroutineAction, HeddleError, isOutcome, ok } from '@heddle/core';
import { type AttemptPlan, kindOf, planAttempt, toHeddleError } from '@heddle/core/engine';
import { decodeError, type EncodedError } from '../protocol/codec.ts';

/** What a compensation is sent as its params; written by the host's `Compensations`. */
interface CompensationParams {
  readonly params: Readonly<Record<string, unknown>>;
  readonly error: EncodedError;
  readonly options: Readonly<Record<string, unknown>>;
}

/** An action's `onError` as something a lane can run. Its failures say how it ended, so that the host can tell them apart. Source: SEMANTICS R-7. */
export function planCompensation(action: Action | CoroutineAction): AttemptPlan {
  const run = (given: CompensationParams, ctx: ActionContext): Promise<unknown> => compensate(action, given, ctx);
  return planAttempt({ name: action.name, run: run as AttemptPlan['run'], hooks: {} }, undefined, undefined); // the host sends nothing else
}

async function compensate({ hooks }: Action | CoroutineAction, given: CompensationParams, ctx: ActionContext): Promise<unknown> {
  const { params, error, options } = given;
  let returned: unknown;
  try {
    returned = await hooks.onError?.(params, toHeddleError(decodeError(error)), ctx.context, options, ctx);
  } catch (thrown) {
    throw unsuccessful('crashed', toHeddleError(thrown));
  }
  if (isOutcome(returned)) {
    if (returned.ok) return returned;
    throw unsuccessful('failed', returned.error);
  }
  const kind = typeof returned;
  if (kind === 'function' || kind === 'symbol' || isGenerator(returned))
    throw unsuccessful(
      'invalid',
      new HeddleError('execution_error', `\`onError\` returned ${kindOf(returned)}, which is no result`, { retryable: false }),
    );
  return ok(returned);
}

function unsuccessful(ending: 'failed' | 'crashed' | 'invalid', cause: HeddleError): HeddleError {
  // It was asked to end: that is how it ends.
  if (cause.type === 'cancelled' || cause.type === 'timeout') return cause;
  return new HeddleError('compensation_error', cause.message, { cause, details: { ending }, retryable: cause.retryable });
}

function isGenerator(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Symbol.iterator in value && 'next' in value;
}
