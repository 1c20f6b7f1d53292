import { type AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { type AttachedAttempt, fail, HeddleError, isHeddleError, type Outcome, type Propagator } from '@heddle/core';
import { toHeddleError } from '@heddle/core/engine';
import type { PropagatorPlace } from '../propagation/carrier.ts';
import type { ActionRole, PropagatorSettings, TaskInput } from '../protocol/input.ts';
import { whileLoading } from './lane-thread.ts';
import { loadPropagator } from './load-propagator.ts';
import type { TaskContext } from './task-context.ts';

/** What propagators in a lane say to the host. */
export interface AmbientReports {
  /** One failed that is not strict. */
  failed(propagator: string, place: PropagatorPlace, error: HeddleError): void;
  /** One, by its place among the runtime's, tells its other half something. */
  told(propagator: number, message: unknown): void;
}

/** One attempt's own async context, after attaching, and what was attached in it. */
interface Attached {
  readonly scope: AsyncResource;
  /** With the name of each one's propagator, in the order of attaching. */
  readonly detaches: (readonly [name: string, detach: () => void])[];
}

/**
 * Attaches what propagators captured on the host to the attempts of this lane.
 * Guarantees: each attempt runs in an async context of its own, made from the lane's and not from whatever ran before; so even a store
 * that is entered for good (`enterWith`) ends with the attempt and with the timers and promises it left. Detaching is last in, first out.
 * Source: SEMANTICS R-10.
 */
export class Ambient {
  readonly #settings: readonly PropagatorSettings[];
  readonly #owner: AsyncLocalStorage<TaskContext>;
  readonly #reports: AmbientReports;
  // Made when the lane opens, so no task's state is in it. An attempt may begin inside another task's error handler.
  readonly #root = new AsyncResource('HeddleLane', { requireManualDestroy: true });
  // By attempt: its context object. Weak, because a floating promise of an attempt that has ended may still ask for its scope.
  readonly #attempts = new WeakMap<TaskContext, Attached>();
  #loaded: readonly (Propagator | HeddleError)[] | undefined;
  #loading: Promise<void> | undefined;
  // What the host was told of: one that fails would fail in every attempt, and must not fill the port.
  readonly #told = new Set<string>();

  constructor(settings: readonly PropagatorSettings[], owner: AsyncLocalStorage<TaskContext>, reports: AmbientReports) {
    this.#settings = settings;
    this.#owner = owner;
    this.#reports = reports;
  }

  get isLoaded(): boolean {
    return this.#loaded !== undefined;
  }

  /** Imports the propagators, once. Never rejects. */
  load(): Promise<void> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  async #load(): Promise<void> {
    this.#loaded = await whileLoading(() => Promise.all(this.#settings.map((settings) => loadPropagator(settings).catch(toHeddleError))));
  }

  /**
   * Makes an attempt's async context, attaches in it what came with the task's context and runs the attempt; a failure where a strict
   * propagator failed.
   */
  begin(attempt: TaskContext, role: ActionRole, context: unknown, run: () => Outcome | Promise<Outcome>): Outcome | Promise<Outcome> {
    const own = this.#root.runInAsyncScope(createScope);
    return own.runInAsyncScope(() =>
      this.#owner.run(attempt, () => {
        const detaches: Attached['detaches'] = [];
        const error = this.#attach(attempt, role, detaches, carriedOf(context));
        // Made only now: newer versions of Node fix what is seen in a scope when it is made.
        this.#attempts.set(attempt, { scope: createScope(), detaches });
        return error === undefined ? run() : fail(error);
      }),
    );
  }

  /** Runs something more in an attempt's async context. */
  within<R>(attempt: TaskContext, run: () => R): R {
    const owned = (): R => this.#owner.run(attempt, run);
    const scope = this.#attempts.get(attempt)?.scope;
    return scope === undefined ? owned() : scope.runInAsyncScope(owned);
  }

  /** The attempt has ended: takes off what was attached, last in, first out. Once. */
  end(attempt: TaskContext): void {
    const attached = this.#attempts.get(attempt);
    if (attached === undefined || attached.detaches.length === 0) return;
    this.within(attempt, () => {
      for (const [name, detach] of attached.detaches.splice(0).reverse()) this.#detach(name, detach);
    });
  }

  #attach(attempt: TaskContext, role: ActionRole, detaches: Attached['detaches'], values: readonly unknown[]): HeddleError | undefined {
    for (const [index, { name, strict }] of this.#settings.entries()) {
      const value = values[index];
      const loaded = this.#loaded?.[index];
      if (value === undefined || loaded === undefined) continue;
      const attached = isHeddleError(loaded) ? loaded : attachOne(loaded, value, this.#attached(attempt, role, index));
      if (typeof attached === 'function') detaches.push([name, attached]);
      if (!isHeddleError(attached)) continue;
      if (strict) return attached;
      this.#tell(name, attached === loaded ? 'load' : 'attach', attached);
    }
    return undefined;
  }

  #attached({ taskId, attempt, action }: TaskContext, role: ActionRole, index: number): AttachedAttempt {
    return { taskId, attempt, action: action.name, role: attachedRole(role), tell: (message) => this.#reports.told(index, message) };
  }

  /** The attempt is over, and its outcome known: a failing detach is told and changes nothing, strict or not. */
  #detach(name: string, detach: () => void): void {
    try {
      detach();
    } catch (thrown) {
      this.#tell(name, 'detach', toHeddleError(thrown));
    }
  }

  #tell(name: string, place: PropagatorPlace, error: HeddleError): void {
    const key = `${place} ${name}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#reports.failed(name, place, error);
  }
}

function createScope(): AsyncResource {
  return new AsyncResource('HeddleAttempt', { requireManualDestroy: true });
}

/** A task as its action is to see it: the host may have made a pair of its context and what is carried. */
export function withoutCarried(task: TaskInput): TaskInput {
  const { context } = task;
  // A caller's context is a plain object, so an array is the host's pair.
  return Array.isArray(context) ? { ...task, context: context[0] as unknown } : task;
}

function carriedOf(context: unknown): readonly unknown[] {
  return Array.isArray(context) ? (context[1] as readonly unknown[]) : []; // as above
}

/** What detaches it, if anything does, or the error of a propagator that failed. */
function attachOne(propagator: Propagator, value: unknown, attempt: AttachedAttempt): (() => void) | HeddleError | undefined {
  try {
    const detach: unknown = propagator.attach(value, attempt);
    // A promise is the slip that would go unseen: the attempt would run before anything is attached.
    if (detach instanceof Promise) throw swallowed(detach);
    return typeof detach === 'function' ? () => void detach() : undefined;
  } catch (thrown) {
    const cause = toHeddleError(thrown);
    return new HeddleError('execution_error', `Propagator ${propagator.name} threw in \`attach\`: ${cause.message}`, {
      cause: thrown,
      details: { propagator: propagator.name, place: 'attach' satisfies PropagatorPlace },
      retryable: cause.retryable,
    });
  }
}

function attachedRole(role: ActionRole): AttachedAttempt['role'] {
  switch (role) {
    case 'resume':
      return 'coroutine';
    case 'signal':
      return 'agent';
    case 'compensate':
      return 'onError';
    case 'pack':
      return 'run';
    default:
      return role;
  }
}

function swallowed(promise: Promise<unknown>): Error {
  promise.catch(() => {}); // its own failure would be told a second time, as a stray error
  return new TypeError('it returned a promise, but has to attach synchronously');
}
