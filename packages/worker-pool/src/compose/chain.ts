import { type Action, fail, HeddleError, isHeddleError, isOutcome, type Outcome, ok } from '@heddle/core';
import { kindOf, toHeddleError } from '@heddle/core/engine';
import { describeKind, isPlainObject } from '../plain-object.ts';
import { type Context, DEFAULT_TASK_OPTIONS, parseTaskOptions, type TaskOptions } from '../task-options.ts';
import { type ComposeHost, nameOfAction, stepOptions } from './host.ts';
import { abortedError, placedError, type Whole } from './limit.ts';
import { type ComposeOptions, parseComposeOptions } from './options.ts';
import { type StepPlace, stepError } from './step-error.ts';

type Params = Readonly<Record<string, unknown>>;

/** A step of a chain: an action, or one with params of its own, which win, and options of its own, above the chain's. */
export type ChainStep = Action | readonly [action: Action, overrides?: Params, options?: TaskOptions];

/** How a chain goes: the options of every step's task, and when to stop. */
export interface ChainOptions extends ComposeOptions {
  /** Asked before each step, the first included; `true` stops the chain there. What it throws is the chain's error. */
  readonly interrupt?: () => boolean;
}

/** A directive that a step of a chain gave. */
export interface ChainDirective {
  /** The step's index. */
  readonly step: number;
  readonly action: string;
  readonly directive: unknown;
}

/**
 * How a chain ended. `value` is the last step's. `directive` is that of the last step that gave one, the failed one included;
 * `directives` are all of them, in order.
 */
export type ChainOutcome<V = unknown> = Outcome<V> & { readonly directives: readonly ChainDirective[] };

/** The value a chain ends with: the last step's, or of no steps the params. */
export type ChainValue<S extends readonly ChainStep[]> = S extends readonly []
  ? Params
  : S extends readonly [...unknown[], infer Last]
    ? StepValue<Last>
    : unknown;

type StepValue<T> = T extends readonly [infer A, ...unknown[]] ? StepValue<A> : T extends Action<never, infer V> ? V : never;

/** What the first step needs, its overrides aside. Keys for later steps may stand beside. */
type FirstParams<S extends readonly ChainStep[]> = S extends readonly [infer First, ...unknown[]]
  ? First extends readonly [infer A, infer O, ...unknown[]]
    ? Omit<ParamsOf<A>, keyof O>
    : First extends readonly [infer A]
      ? ParamsOf<A>
      : ParamsOf<First>
  : Params;

type ParamsOf<A> = A extends Action<infer P, unknown> ? ([P] extends [never] ? Params : P) : Params;

/** What follows the steps in a call; params may be left out when the first step needs none. An Outcome stands for its value. */
export type ChainArguments<S extends readonly ChainStep[]> =
  Record<never, never> extends FirstParams<S>
    ? [params?: (FirstParams<S> & Params) | Outcome<FirstParams<S>>, context?: Context, options?: ChainOptions]
    : [params: (FirstParams<S> & Params) | Outcome<FirstParams<S>>, context?: Context, options?: ChainOptions];

interface ParsedStep extends StepPlace {
  readonly step: number;
  readonly run: Action;
  readonly overrides: Params;
  readonly options: TaskOptions | undefined;
}

/**
 * Runs actions one after the other, each with what the one before was run with, that one's result merged over it, and its own overrides
 * over that.
 *
 * Guarantees: nothing runs before every step has been looked at; nothing runs after the first error, an abort of the signal or an
 * interrupt; an error's `details` name the step's index and action, those of an interrupt and an abort the `partial` params too.
 * Source: SEMANTICS R-12.
 *
 * @throws HeddleError `invalid_input` for options at fault, of the chain or of a step
 */
export async function runChain(
  host: ComposeHost,
  steps: unknown,
  params: unknown,
  context: unknown,
  options: unknown,
): Promise<ChainOutcome> {
  const { interrupt, ...taskOptions } = parseChainOptions(options);
  host.checkRoute(taskOptions);
  const directives: ChainDirective[] = [];
  const parsed = parseSteps(host, steps);
  const given = isOutcome(params) ? params : ok(params ?? {});
  if (isHeddleError(parsed)) return ended(fail(parsed), directives);
  if (!given.ok) return ended(given, directives);
  if (!isPlainObject(given.value)) {
    const message = `Invalid params type: a chain takes a plain object, got ${describeKind(given.value)}`;
    return ended(fail(new HeddleError('invalid_input', message)), directives);
  }
  const whole: Whole = { kind: 'chain', options: taskOptions };
  return ended(await runSteps({ host, whole, context, directives, interrupt }, parsed, given.value), directives);
}

function ended(outcome: Outcome, directives: readonly ChainDirective[]): ChainOutcome {
  const directive = outcome.directive ?? directives.at(-1)?.directive;
  return Object.assign(outcome.ok ? ok(outcome.value, directive) : fail(outcome.error, directive), { directives });
}

interface ChainRun {
  readonly host: ComposeHost;
  readonly whole: Whole;
  readonly context: unknown;
  /** Grows with the steps. */
  readonly directives: ChainDirective[];
  readonly interrupt: (() => boolean) | undefined;
}

async function runSteps(run: ChainRun, steps: readonly ParsedStep[], params: Params): Promise<Outcome> {
  let merged = params;
  let last: Params = params;
  for (const step of steps) {
    const stop = stopBefore(run, step, merged);
    if (stop !== undefined) return fail(stop);
    merged = { ...merged, ...step.overrides };
    const outcome = await runStep(run, step, merged);
    const { directive } = outcome;
    if (directive !== undefined) run.directives.push({ step: step.step, action: step.action, directive });
    if (!outcome.ok) return outcome;
    if (!isPlainObject(outcome.value)) return fail(resultError(step, outcome.value));
    last = outcome.value;
    merged = { ...merged, ...last };
  }
  return ok(last);
}

async function runStep({ host, whole, context }: ChainRun, step: ParsedStep, params: Params): Promise<Outcome> {
  try {
    const outcome = await host.run(step.run, params, context, stepOptions(whole.options, step.options));
    return outcome.ok ? outcome : fail(placedError(whole, outcome.error, placeOf(step)), outcome.directive);
  } catch (thrown) {
    // Closed under way: what came before has happened, so it is an outcome and no rejection.
    return fail(stepError(toHeddleError(thrown), placeOf(step)));
  }
}

function stopBefore({ whole, interrupt }: ChainRun, step: ParsedStep, partial: Params): HeddleError | undefined {
  const place = placeOf(step);
  const aborted = abortedError(whole, `${step.step} (${step.action})`, place, { partial });
  if (aborted !== undefined) return aborted;
  try {
    if (!interrupt?.()) return undefined;
  } catch (thrown) {
    return stepError(toHeddleError(thrown), place);
  }
  return new HeddleError('cancelled', `The chain was interrupted before step ${step.step} (${step.action})`, {
    details: { ...place, reason: 'interrupted', partial },
  });
}

function placeOf({ step, action }: ParsedStep): StepPlace {
  return { step, action };
}

function resultError(step: ParsedStep, value: unknown): HeddleError {
  const received = describeKind(value);
  const message = `Step ${step.step} (${step.action}) of the chain gave ${received}: a step's result is merged into the next one's params, so it must be a plain object`;
  const faults = [{ path: '', expected: 'a plain object', received }];
  return new HeddleError('validation_error', message, { details: { ...placeOf(step), what: 'output', faults } });
}

function parseChainOptions(options: unknown): TaskOptions & { readonly interrupt: (() => boolean) | undefined } {
  if (!isPlainObject(options)) return { ...parseComposeOptions(options), interrupt: undefined };
  const { interrupt, ...rest } = options;
  if (interrupt !== undefined && typeof interrupt !== 'function')
    throw new HeddleError('invalid_input', `Invalid options: \`interrupt\` must be a function; got ${kindOf(interrupt)}`);
  return { ...parseComposeOptions(rest), interrupt: interrupt as (() => boolean) | undefined }; // what it answers is looked at when it does
}

/** Every step made ready, or why one of them cannot be run. */
function parseSteps(host: ComposeHost, steps: unknown): readonly ParsedStep[] | HeddleError {
  if (!Array.isArray(steps)) return new HeddleError('config_error', `A chain takes an array of steps; got ${kindOf(steps)}`);
  const parsed: ParsedStep[] = [];
  for (const [index, given] of steps.entries()) {
    const [action, overrides = {}, options, ...rest]: readonly unknown[] = Array.isArray(given) ? given : [given];
    if (!isPlainObject(overrides) || rest.length > 0) {
      const fault = rest.length > 0 ? 'more than action, params and options' : `${describeKind(overrides)} instead of params`;
      return new HeddleError('config_error', `Step ${index} of the chain has ${fault}`, { details: { step: index } });
    }
    parseTaskOptions(options, DEFAULT_TASK_OPTIONS);
    host.checkRoute(options as TaskOptions | undefined); // checked just now
    const fault = host.actionFault(action);
    if (fault !== undefined) return stepError(fault, { step: index, action: nameOfAction(action) });
    const run = action as Action; // no fault: it is one
    parsed.push({ step: index, action: run.name, run, overrides, options: options as TaskOptions | undefined }); // checked above
  }
  return parsed;
}
