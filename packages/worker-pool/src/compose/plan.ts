import { type Action, fail, HeddleError, isHeddleError, type Outcome, ok } from '@heddle/core';
import { kindOf, toHeddleError } from '@heddle/core/engine';
import { isPlainObject } from '../plain-object.ts';
import { DEFAULT_TASK_OPTIONS, parseTaskOptions, type TaskOptions } from '../task-options.ts';
import { type ComposeHost, nameOfAction, stepOptions } from './host.ts';
import { abortedError, placedError, type Whole } from './limit.ts';
import { type ComposeOptions, parseComposeOptions } from './options.ts';
import { type GraphStep, orderGraph } from './plan-graph.ts';
import { type StepPlace, stepError } from './step-error.ts';

type Params = Readonly<Record<string, unknown>>;

/** A step of a plan. `V` is its action's value, `R` the values of all steps by name. */
export interface PlanStep<V = unknown, R = Params> {
  readonly action: Action<never, V>;
  /** The steps whose results it waits for. @defaultValue `[]` */
  readonly needs?: readonly (keyof R & string)[];
  /**
   * What the action is run with: params, or a function that makes them of the results of `needs`, by name (and of those alone); it is
   * called here, on the side of the plan. @defaultValue the results of `needs`, by name
   */
  readonly params?: Params | ((results: Readonly<R>) => unknown);
  /** Above the plan's. */
  readonly options?: TaskOptions;
}

/** The steps of a plan by name. `V` is the values they end with, by name. */
export type PlanSteps<V> = { readonly [K in keyof V]: PlanStep<V[K], V> };

/** How a plan goes: the options of every step's task. */
export type PlanOptions = ComposeOptions;

/**
 * How a plan ended. `value` holds the value of each step by name; `error` is that of the step that failed first. `outcomes` holds the
 * outcome of every step either way, with its directive; that of a step that was not run, since a need of it failed, is `cancelled`.
 */
export type PlanOutcome<V> = Outcome<Readonly<V>> & { readonly outcomes: { readonly [K in keyof V]: Outcome<V[K]> } };

interface ParsedStep extends GraphStep {
  readonly place: StepPlace;
  readonly run: Action;
  readonly params: Params | ((results: Params) => unknown) | undefined;
  readonly options: TaskOptions | undefined;
}

interface PlanRun {
  readonly host: ComposeHost;
  readonly whole: Whole;
  readonly context: unknown;
}

const STEP_KEYS: ReadonlySet<string> = new Set(['action', 'needs', 'params', 'options']);

/**
 * Runs a graph of actions, each as soon as all it needs are there: what does not hang together runs at the same time.
 *
 * Guarantees: nothing runs before the whole plan has been looked at; each step runs once at most; a failed step keeps those that need it
 * from running, at whatever distance, and no others; the promise settles when the last task has. An error's `details` name the step and
 * its action. Source: SEMANTICS R-12.
 *
 * @throws HeddleError `invalid_input` for options at fault, of the plan or of a step
 */
export async function runPlan(
  host: ComposeHost,
  steps: unknown,
  context: unknown,
  options: unknown,
): Promise<PlanOutcome<Record<string, unknown>>> {
  const whole: Whole = { kind: 'plan', options: parseComposeOptions(options) };
  host.checkRoute(whole.options);
  const parsed = parseSteps(host, steps);
  if (isHeddleError(parsed)) return refused(steps, parsed);
  return runSteps({ host, whole, context }, parsed, Object.keys(steps as object)); // parsed, so it is one
}

async function runSteps(
  run: PlanRun,
  steps: readonly ParsedStep[],
  names: readonly string[],
): Promise<PlanOutcome<Record<string, unknown>>> {
  const running = new Map<string, Promise<Outcome>>();
  const failures: HeddleError[] = [];
  for (const step of steps) {
    // They come in order: what a step needs is running already, and never rejects.
    const needs = step.needs.map((need) => running.get(need));
    running.set(step.name, runWhenReady(run, step, needs, failures));
  }
  const outcomes = new Map<string, Outcome>();
  for (const name of names) outcomes.set(name, (await running.get(name)) ?? NEVER_RUN);
  const values = [...outcomes].flatMap(([name, outcome]) => (outcome.ok ? [[name, outcome.value] as const] : []));
  const [first] = failures;
  const whole = first === undefined ? ok(Object.fromEntries(values)) : fail(first);
  return Object.assign(whole, { outcomes: Object.fromEntries(outcomes) });
}

/** Runs a step once its needs are there; what it fails of itself, in order of time, goes to `failures`. */
async function runWhenReady(
  run: PlanRun,
  step: ParsedStep,
  needs: readonly (Promise<Outcome> | undefined)[],
  failures: HeddleError[],
): Promise<Outcome> {
  const ends = await Promise.all(needs);
  const results = new Map<string, unknown>();
  for (const [index, need] of step.needs.entries()) {
    const outcome = ends[index] ?? NEVER_RUN;
    if (!outcome.ok) return fail(notRunError(step, need, outcome.error));
    results.set(need, outcome.value);
  }
  const outcome = await runStep(run, step, Object.fromEntries(results));
  if (!outcome.ok) failures.push(outcome.error);
  return outcome;
}

async function runStep({ host, whole, context }: PlanRun, step: ParsedStep, results: Params): Promise<Outcome> {
  const { params, place } = step;
  const aborted = abortedError(whole, `\`${step.name}\``, place);
  if (aborted !== undefined) return fail(aborted);
  try {
    const given = typeof params === 'function' ? params(results) : (params ?? results);
    const outcome = await host.run(step.run, given, context, stepOptions(whole.options, step.options));
    return outcome.ok ? outcome : fail(placedError(whole, outcome.error, place), outcome.directive);
  } catch (thrown) {
    // The params function threw, or the runtime was closed under way.
    return fail(stepError(toHeddleError(thrown), place));
  }
}

function notRunError({ name, place }: ParsedStep, need: string, cause: HeddleError): HeddleError {
  const message = `Step \`${name}\` of the plan was not run: it needs \`${need}\`, which failed`;
  return new HeddleError('cancelled', message, { details: { ...place, reason: 'a need failed', need }, cause });
}

/** Stands for what cannot be: a step in order comes after those it needs. */
const NEVER_RUN: Outcome = fail(new HeddleError('internal_error', 'A step of a plan was not run'));

/** The steps in an order that runs, or why they have none. A plan is a definition, so what is wrong with it is a `config_error`, whole. */
function parseSteps(host: ComposeHost, steps: unknown): readonly ParsedStep[] | HeddleError {
  if (!isPlainObject(steps)) return new HeddleError('config_error', `A plan takes an object of steps by name; got ${kindOf(steps)}`);
  const faults = Object.entries(steps).flatMap(([name, step]) => stepFaults(name, step));
  if (faults.length > 0) return planError(faults);
  const parsed: ParsedStep[] = [];
  for (const [name, step] of Object.entries(steps)) {
    const { action, needs = [], params, options } = step as PlanStep; // without a fault
    parseTaskOptions(options, DEFAULT_TASK_OPTIONS);
    host.checkRoute(options);
    const place = { step: name, action: nameOfAction(action) };
    const fault = host.actionFault(action);
    if (fault !== undefined) return stepError(fault, place);
    parsed.push({ name, place, run: action, needs: [...new Set(needs)], params, options });
  }
  const graph = orderGraph(parsed);
  return graph.ok ? graph.order : planError(graph.faults);
}

function stepFaults(name: string, step: unknown): string[] {
  if (!isPlainObject(step)) return [`step \`${name}\` must be \`{ action, needs?, params?, options? }\`; got ${kindOf(step)}`];
  const { needs, params } = step;
  const faults = Object.keys(step)
    .filter((key) => !STEP_KEYS.has(key))
    .map((key) => `\`${key}\` of step \`${name}\` is not a key of a step`);
  if (needs !== undefined && !(Array.isArray(needs) && needs.every((need) => typeof need === 'string')))
    faults.push(`\`needs\` of step \`${name}\` must be an array of names`);
  if (params !== undefined && typeof params !== 'function' && !isPlainObject(params))
    faults.push(`\`params\` of step \`${name}\` must be a plain object or a function; got ${kindOf(params)}`);
  return faults;
}

function planError(faults: readonly string[]): HeddleError {
  return new HeddleError('config_error', `The plan cannot be run: ${faults.join('; ')}`, { details: { faults } });
}

/** Nothing was run, for one reason. */
function refused(steps: unknown, error: HeddleError): PlanOutcome<Record<string, unknown>> {
  const outcomes = isPlainObject(steps) ? Object.fromEntries(Object.keys(steps).map((name) => [name, fail(error)])) : {};
  return Object.assign(fail(error), { outcomes });
}
