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
  const { hooks, name } = plan;
  // The directive of the last outcome that gave one: it survives a later hook that fails.
  let directive: unknown;
  const step = async (hook: Hook | undefined, value: unknown): Promise<Outcome> => {
    if (hook === undefined) return ok(value);
    const outcome = replaced(await hook.call(hooks, value as never, ctx), value);
    directive = outcome.directive ?? directive;
    return outcome;
  };
  const keep = (outcome: Outcome): Outcome => {
    if (directive === undefined || outcome.directive !== undefined) return outcome;
    return outcome.ok ? ok(outcome.value, directive) : fail(outcome.error, directive);
  };
  try {
    const before = await step(hooks.onBeforeValidateParams, params);
    if (!before.ok) return before;
    const checked = plan.params?.validate(before.value) ?? { ok: true, value: before.value };
    if (!checked.ok) return keep(fail(validationError(name, 'params', checked.faults)));
    const after = await step(hooks.onAfterValidateParams, checked.value);
    if (!after.ok) return keep(after);
    const ran = returnedOutcome(plan, await plan.run(after.value as never, ctx));
    directive = ran.directive ?? directive;
    if (!ran.ok) return keep(ran);
    const reviewed = await step(hooks.onAfterRun, ran.value);
    if (!reviewed.ok) return keep(reviewed);
    const output = checkOutput(plan, reviewed);
    if (!output.ok) return keep(output);
    return keep(await step(hooks.onAfterValidateOutput, output.value));
  } catch (thrown) {
    return keep(fail(toHeddleError(thrown)));
  }
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
export function validationError(action: string, what: 'params' | 'output', faults: readonly ValidationFault[]): HeddleError {
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
