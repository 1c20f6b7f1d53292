import { isDeepStrictEqual } from 'node:util';
import { type Action, fail, isOutcome, type Outcome } from '@heddle/core';
import { type AttemptPlan, metadataOf, planAttempt, runAttempt, toHeddleError } from '@heddle/core/engine';
import { createValidator } from '@heddle/core/validation';
import { InlineContext } from './inline-context.ts';

/** Makes a call of an action where it is called. Never throws, never rejects; synchronous when the action is. */
export type CallInline = (params: unknown) => Outcome | Promise<Outcome>;

/** How an action is run inline. */
export interface Inline {
  readonly call: CallInline;
  /** The action changes the params it is given, so that each call gets a copy of its own, as a thread does. */
  readonly copies: boolean;
}

/**
 * An action without a runtime: its hooks, the checks of params and value, `run` and its cleanups, on the main thread. No queue, no copy, no
 * timeout, no retries, no telemetry: what a program would do that calls the function itself and checks what goes in and out.
 */
export function createInline(action: Action<never, unknown>, context: Readonly<Record<string, unknown>>): CallInline {
  const plans = new Map<Action<never, unknown>, { readonly plan: AttemptPlan; readonly metadata: ReturnType<typeof metadataOf> }>();
  const prepare = (wanted: Action<never, unknown>): { readonly plan: AttemptPlan; readonly metadata: ReturnType<typeof metadataOf> } => {
    const { schema, outputSchema } = wanted;
    const params = schema === undefined ? undefined : createValidator(schema);
    const output = outputSchema === undefined ? undefined : createValidator(outputSchema);
    const prepared = { plan: planAttempt(wanted, params, output), metadata: metadataOf(wanted) };
    plans.set(wanted, prepared);
    return prepared;
  };
  const attempt = (
    wanted: Action<never, unknown>,
    params: unknown,
    given: Readonly<Record<string, unknown>>,
  ): Outcome | Promise<Outcome> => {
    const { plan, metadata } = plans.get(wanted) ?? prepare(wanted);
    const ctx = new InlineContext(metadata, given, runNested);
    const outcome = runAttempt(plan, params, ctx);
    if (outcome instanceof Promise) return outcome.then((ended) => tidyUp(ctx, ended));
    return tidyUp(ctx, outcome);
  };
  const runNested = async (wanted: Action<never, unknown>, params: unknown, given: Readonly<Record<string, unknown>>): Promise<Outcome> => {
    if (!isOutcome(params)) return attempt(wanted, params, given);
    return params.ok ? attempt(wanted, params.value, given) : params;
  };
  return (params) => attempt(action, params, context);
}

/** Runs one call inline to see whether it can be, and what it does to its params. */
export async function tryInline(call: CallInline, params: unknown): Promise<{ readonly outcome: Outcome; readonly inline: Inline }> {
  const given = structuredClone(params);
  const outcome = await call(given);
  const copies = !isDeepStrictEqual(given, params);
  return { outcome, inline: { call: copies ? (each) => call(structuredClone(each)) : call, copies } };
}

function tidyUp(ctx: InlineContext, outcome: Outcome): Outcome | Promise<Outcome> {
  const cleanups = InlineContext.cleanupsOf(ctx);
  return cleanups === undefined ? outcome : runCleanups(cleanups, outcome);
}

async function runCleanups(cleanups: readonly (() => unknown)[], outcome: Outcome): Promise<Outcome> {
  let ended = outcome;
  for (const cleanup of cleanups) {
    try {
      await cleanup();
    } catch (thrown) {
      if (ended.ok) ended = fail(toHeddleError(thrown));
    }
  }
  return ended;
}
