import type { ActionHooks } from './action.ts';
import type { ActionContext } from './context.ts';
import { HeddleError } from './error.ts';
import { fail, isOutcome, type Outcome, ok } from './outcome.ts';
import type { ValidationFault, Validator } from './schema.ts';
import { toHeddleError } from './thrown.ts';

/** An action made ready to run: what {@link runAttempt} needs of it. */
export interface AttemptPlan {
  readonly name: string;
  readonly run: (params: never, ctx: ActionContext) => unknown;
  readonly hooks: ActionHooks<never, never>;
  readonly params: Validator | undefined;
  readonly output: Validator | undefined;
  /** Whether any hook of an attempt is there; without, the straight way is taken. */
  readonly hooked: boolean;
}

type Hook = (value: never, ctx: ActionContext) => unknown;

/** Makes a plan of an action and its compiled schemas. */
export function planAttempt(
  action: { readonly name: string; readonly run: AttemptPlan['run']; readonly hooks: ActionHooks<never, never> },
  params: Validator | undefined,
  output: Validator | undefined,
): AttemptPlan {
  const { onBeforeValidateParams, onAfterValidateParams, onAfterRun, onAfterValidateOutput } = action.hooks;
  const hooked = [onBeforeValidateParams, onAfterValidateParams, onAfterRun, onAfterValidateOutput].some((hook) => hook !== undefined);
  return { name: action.name, run: action.run, hooks: action.hooks, params, output, hooked };
}

/**
 * One attempt, whole: hooks, validation, `run`, output validation, in the order of SEMANTICS A-4.
 * Guarantees: never throws and never rejects, whatever the action does; synchronous when everything in it is, so that tiny tasks pay for no promise.
 */
export function runAttempt(plan: AttemptPlan, params: unknown, ctx: ActionContext): Outcome | Promise<Outcome> {
  if (plan.hooked) return runHooked(plan, params, ctx);
  let given = params;
  if (plan.params !== undefined) {
    const checked = plan.params.validate(params);
    if (!checked.ok) return fail(validationError(plan.name, 'params', checked.faults));
    given = checked.value;
  }
  try {
    const returned = plan.run(given as never, ctx);
    return isThenable(returned) ? settleLater(plan, returned) : checkOutput(plan, returnedOutcome(plan, returned));
  } catch (thrown) {
    return fail(toHeddleError(thrown));
  }
}

async function settleLater(plan: AttemptPlan, returned: PromiseLike<unknown>): Promise<Outcome> {
  try {
    return checkOutput(plan, returnedOutcome(plan, await returned));
  } catch (thrown) {
    return fail(toHeddleError(thrown));
  }
}

async function runHooked(plan: AttemptPlan, params: unknown, ctx: ActionContext): Promise<Outcome> {
  const prepared = await prepareParams(plan, params, ctx);
  if (!prepared.ok) return prepared;
  try {
    const ran = returnedOutcome(plan, await plan.run(prepared.value as never, ctx));
    return await concludeValue(plan, keep(ran, prepared.directive), ctx);
  } catch (thrown) {
    return keep(fail(toHeddleError(thrown)), prepared.directive);
  }
}

/** What stands before `run`: the outcome holds the params it is to be given, or why it is not run. Never throws, never rejects. */
export function prepareParams(plan: AttemptPlan, params: unknown, ctx: ActionContext): Outcome | Promise<Outcome> {
  return plan.hooked ? prepareHooked(plan, params, ctx) : checkParams(plan, ok(params));
}

async function prepareHooked(plan: AttemptPlan, params: unknown, ctx: ActionContext): Promise<Outcome> {
  const before = await applied(plan, plan.hooks.onBeforeValidateParams, ok(params), ctx);
  return applied(plan, plan.hooks.onAfterValidateParams, checkParams(plan, before), ctx);
}

/** What stands behind `run`. Never throws, never rejects. */
export function concludeValue(plan: AttemptPlan, ran: Outcome, ctx: ActionContext): Outcome | Promise<Outcome> {
  return plan.hooked ? concludeHooked(plan, ran, ctx) : checkOutput(plan, ran);
}

async function concludeHooked(plan: AttemptPlan, ran: Outcome, ctx: ActionContext): Promise<Outcome> {
  const reviewed = await applied(plan, plan.hooks.onAfterRun, ran, ctx);
  return applied(plan, plan.hooks.onAfterValidateOutput, checkOutput(plan, reviewed), ctx);
}

/** What a hook makes of what was reached. The directive of the last who gave one survives a hook that fails. */
async function applied(plan: AttemptPlan, hook: Hook | undefined, reached: Outcome, ctx: ActionContext): Promise<Outcome> {
  if (!reached.ok || hook === undefined) return reached;
  try {
    return keep(replaced(await hook.call(plan.hooks, reached.value as never, ctx), reached.value), reached.directive);
  } catch (thrown) {
    return keep(fail(toHeddleError(thrown)), reached.directive);
  }
}

function checkParams(plan: AttemptPlan, reached: Outcome): Outcome {
  if (plan.params === undefined || !reached.ok) return reached;
  const checked = plan.params.validate(reached.value);
  if (!checked.ok) return keep(fail(validationError(plan.name, 'params', checked.faults)), reached.directive);
  return checked.value === reached.value ? reached : ok(checked.value, reached.directive);
}

function keep(outcome: Outcome, directive: unknown): Outcome {
  if (directive === undefined || outcome.directive !== undefined) return outcome;
  return outcome.ok ? ok(outcome.value, directive) : fail(outcome.error, directive);
}

function replaced(returned: unknown, value: unknown): Outcome {
  if (returned === undefined) return ok(value);
  return isOutcome(returned) ? returned : ok(returned);
}

function returnedOutcome(plan: AttemptPlan, returned: unknown): Outcome {
  if (isOutcome(returned)) return returned;
  if (isGenerator(returned)) {
    const hint = 'write `run` as a generator function (`*run` or `async *run`) and run it by `runtime.coroutine` or `runtime.stream`';
    return fail(new HeddleError('invalid_action', `Action ${plan.name} returned a generator from a plain function; ${hint}`));
  }
  return ok(returned);
}

function checkOutput(plan: AttemptPlan, outcome: Outcome): Outcome {
  if (plan.output === undefined || !outcome.ok) return outcome;
  const checked = plan.output.validate(outcome.value);
  if (!checked.ok) return fail(validationError(plan.name, 'output', checked.faults), outcome.directive);
  return checked.value === outcome.value ? outcome : ok(checked.value, outcome.directive);
}

/** The error of a value that its schema refuses: every fault with path, what was expected and what came. */
export function validationError(action: string, what: 'params' | 'output' | 'value', faults: readonly ValidationFault[]): HeddleError {
  const list = faults.map(({ path, expected, received }) => `\`${path === '' ? '/' : path}\` expected ${expected}, got ${received}`);
  return new HeddleError('validation_error', `Invalid ${what} for action ${action}: ${list.join('; ')}`, {
    details: { action, what, faults },
  });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

function isGenerator(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const candidate = value as { next?: unknown; throw?: unknown; return?: unknown };
  return typeof candidate.next === 'function' && typeof candidate.throw === 'function' && typeof candidate.return === 'function';
}
