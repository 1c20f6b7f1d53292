import { type Failure, fail, HeddleError, isHeddleError, isOutcome, isThrown, type Outcome, ok } from '@heddle/core';
import { type AttemptPlan, concludeValue, prepareParams, toHeddleError } from '@heddle/core/engine';
import { decodeError, encodeError, isErrorLike } from '../protocol/codec.ts';
import { STEP_NEXT, STEP_RETURN, STEP_THROW, type StepInput, StepMark, SUSPENDED, type ThrownInput } from '../protocol/step.ts';
import { clones, uncloneableError } from '../protocol/uncloneable.ts';
import { runCleanups } from './cleanup.ts';
import { TaskContext } from './task-context.ts';

/** What a generator and an async generator have in common. */
interface Steppable {
  next(value: unknown): Stopped | PromiseLike<Stopped>;
  throw(error: unknown): Stopped | PromiseLike<Stopped>;
  return(value: unknown): Stopped | PromiseLike<Stopped>;
}

type Stopped = IteratorResult<unknown, unknown>;
type Later<T> = T | Promise<T>;

/** How often a generator that yields while it is cleaned up is told to end, before it is left. */
const MAX_RETURNS = 100;

/**
 * One coroutine in its thread, from its first step to its end.
 *
 * ```
 *            yield                          resume: next, throw
 *  open ────────────────▶ suspended ──────────────────────────▶ computing ──▶ suspended, …
 *    │ return, throw          │ resume: return                     │ return, throw, yield after a cancel
 *    ▼                        ▼                                    ▼
 *  cleanup (finally inner first, then what was deferred, last in first out) ──▶ done
 * ```
 *
 * Synchronous where the generator is, so that a step of a plain generator costs no promise. Its methods never throw and never reject.
 */
export class Flow {
  readonly ctx: TaskContext;
  readonly #plan: AttemptPlan;
  #generator: Steppable | undefined;
  /** The directive that hooks before `run` gave. */
  #directive: unknown;
  done = false;

  constructor(plan: AttemptPlan, ctx: TaskContext) {
    this.#plan = plan;
    this.ctx = ctx;
  }

  /** Hooks, validation, and the first step. */
  open(params: unknown): Later<Outcome> {
    const prepared = prepareParams(this.#plan, params, this.ctx);
    return prepared instanceof Promise ? prepared.then((outcome) => this.#begin(outcome)) : this.#begin(prepared);
  }

  #begin(prepared: Outcome): Later<Outcome> {
    if (!prepared.ok) return this.#end(prepared);
    this.#directive = prepared.directive;
    try {
      // A coroutine action's `run` is a generator function: that is what makes it one.
      this.#generator = this.#plan.run(prepared.value as never, this.ctx) as Steppable;
    } catch (thrown) {
      return this.#threw(thrown);
    }
    return this.#advance('next', undefined);
  }

  /** One step more. */
  step(input: StepInput): Later<Outcome> {
    switch (input[0]) {
      case STEP_NEXT:
        return this.#advance('next', input[1]);
      case STEP_THROW:
        return this.#advance('throw', decodeThrown(input[1]));
      case STEP_RETURN: {
        const error = new HeddleError(input[1], input[2]);
        TaskContext.cancel(this.ctx, error);
        return this.#cleanUp(fail(error));
      }
    }
  }

  #advance(method: 'next' | 'throw', value: unknown): Later<Outcome> {
    const generator = this.#generator;
    if (generator === undefined) return fail(new HeddleError('internal_error', 'A coroutine was resumed that had not begun'));
    try {
      const stopped = generator[method](value);
      if (!('then' in stopped)) return this.#stopped(stopped);
      return Promise.resolve(stopped).then(
        (later) => this.#stoppedLater(later),
        (thrown: unknown) => this.#threw(thrown),
      );
    } catch (thrown) {
      return this.#threw(thrown);
    }
  }

  /** What a generator of the language gives here cannot be at fault; what somebody has put in its place can. */
  #stoppedLater(stopped: Stopped): Later<Outcome> {
    try {
      return this.#stopped(stopped);
    } catch (thrown) {
      return this.#threw(thrown);
    }
  }

  #threw(thrown: unknown): Later<Outcome> {
    return this.#end(thrownOutcome(this.#plan.name, thrown));
  }

  #stopped({ done, value }: Stopped): Later<Outcome> {
    if (done === true) return this.#returned(value);
    const asked = TaskContext.cancelErrorOf(this.ctx);
    // It was asked to end while it computed, and came to a `yield` instead.
    if (asked !== undefined) return this.#cleanUp(fail(asked));
    try {
      return ok(value, markOf(TaskContext.decorationsOf(this.ctx)));
    } catch (thrown) {
      return this.#cleanUp(thrownOutcome(this.#plan.name, thrown));
    }
  }

  #returned(value: unknown): Later<Outcome> {
    const returned = isOutcome(value) ? value : ok(value);
    const ran = returned.directive === undefined && this.#directive !== undefined ? withDirective(returned, this.#directive) : returned;
    const concluded = concludeValue(this.#plan, ran, this.ctx);
    return concluded instanceof Promise ? concluded.then((outcome) => this.#end(outcome)) : this.#end(concluded);
  }

  /** Ends a generator that stands at a `yield`: its `finally` blocks, inner first. `outcome` is what it ends with if they do no harm. */
  #cleanUp(outcome: Outcome): Later<Outcome> {
    return this.#return(outcome, 0);
  }

  #return(outcome: Outcome, times: number): Later<Outcome> {
    try {
      const stopped = this.#generator?.return(undefined) ?? { done: true, value: undefined };
      if (!('then' in stopped)) return this.#cleaned(stopped, outcome, times);
      return Promise.resolve(stopped).then(
        (later) => this.#cleaned(later, outcome, times),
        (thrown: unknown) => this.#end(cleanupFailure(this.#plan.name, outcome, thrown)),
      );
    } catch (thrown) {
      return this.#end(cleanupFailure(this.#plan.name, outcome, thrown));
    }
  }

  #cleaned(stopped: Stopped | undefined, outcome: Outcome, times: number): Later<Outcome> {
    if (stopped?.done === true) return this.#end(outcome);
    const message = `Action ${this.#plan.name} yielded while it was cleaned up: nobody resumes it then; use \`await\` in an async generator, or \`ctx.defer\``;
    const yielded = fail(new HeddleError('execution_error', message, { retryable: false }));
    return times < MAX_RETURNS ? this.#return(yielded, times + 1) : this.#end(yielded);
  }

  /** The generator has ended: what was deferred runs, last in first out. */
  #end(outcome: Outcome): Later<Outcome> {
    const cleanups = TaskContext.takeCleanups(this.ctx);
    if (cleanups === undefined) {
      this.done = true;
      return outcome;
    }
    return runCleanups(cleanups, outcome).then((ended) => {
      this.done = true;
      return ended;
    });
  }
}

function markOf(decorations: ReadonlyMap<string, () => unknown> | undefined): StepMark {
  if (decorations === undefined || decorations.size === 0) return SUSPENDED;
  return new StepMark('suspended', Object.fromEntries([...decorations].map(([key, value]) => [key, value()])));
}

function withDirective(outcome: Outcome, directive: unknown): Outcome {
  return outcome.ok ? ok(outcome.value, directive) : fail(outcome.error, directive);
}

/** An error of the use wins over one of the cleanup; a cancel is no error of the use. */
function cleanupFailure(action: string, outcome: Outcome, thrown: unknown): Outcome {
  return outcome.ok || outcome.error.type === 'cancelled' ? thrownOutcome(action, thrown) : outcome;
}

/** What was thrown, whole, with how it is to be told. Never throws, whatever it is given. Source: SEMANTICS C-6. */
function thrownOutcome(action: string, thrown: unknown): Failure {
  try {
    return isThrown(thrown) ? domainOutcome(action, thrown.value) : markedOutcome(thrown);
  } catch {
    // It cannot even be asked what it is.
    return fail(toHeddleError(thrown));
  }
}

/** The bare value is what the caller is to get, so one that does not clone is an error of its own. */
function domainOutcome(action: string, value: unknown): Failure {
  if (clones(value)) return fail(domainFault(action, value), new StepMark('value', value));
  return markedOutcome(uncloneableError(action, 'thrown', value, undefined));
}

/** An answer, not a fault: trying again gives the same. Its text is the value's own, where it has one. */
function domainFault(action: string, value: unknown): HeddleError {
  const message = messageOf(value);
  const text = typeof message === 'string' && message !== '' ? message : `Action ${action} threw a value of its own (\`Thrown\`)`;
  return new HeddleError('execution_error', text, { cause: value, retryable: false });
}

function messageOf(value: unknown): unknown {
  try {
    return typeof value === 'object' && value !== null ? (value as { readonly message?: unknown }).message : value; // any object
  } catch {
    return undefined; // it cannot be read
  }
}

function markedOutcome(thrown: unknown): Failure {
  const error = toHeddleError(thrown);
  if (isHeddleError(thrown) && thrown.type === 'cancelled') return fail(error);
  if (isErrorLike(thrown)) return fail(error, new StepMark('error', encodeError(thrown)));
  return fail(error, new StepMark('throw', clones(thrown) ? thrown : error.message));
}

function decodeThrown(thrown: ThrownInput): unknown {
  return 'error' in thrown ? decodeError(thrown.error) : thrown.value;
}
