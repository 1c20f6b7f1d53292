import { AsyncLocalStorage } from 'node:async_hooks';
import { setMaxListeners } from 'node:events';
import { HeddleError } from '@heddle/core';

/** Who is calling a method of a service. */
export interface ServiceCaller {
  /**
   * Aborts when the attempt that called is over, in whatever way, or its thread is gone: nobody waits for an answer then. It belongs to the
   * attempt, not to the call: what a method holds for its caller may be let go here.
   */
  readonly signal: AbortSignal;
  readonly taskId: string;
  /** The name of the calling action. */
  readonly action: string;
}

const callers: AsyncLocalStorage<ServiceCaller> = new AsyncLocalStorage();

/**
 * Inside a method of a service, and whatever it goes on to call: who called it. `undefined` elsewhere, in actions too. Source: SEMANTICS A-9.
 *
 * @example
 * ```ts
 * const prices = {
 *   lookup: (id: string) => fetch(`https://prices.example/${id}`, { signal: serviceCaller()?.signal }),
 * }
 * ```
 */
export function serviceCaller(): ServiceCaller | undefined {
  return callers.getStore();
}

/** Calls with the caller known to {@link serviceCaller}. */
export function callAs<R>(caller: ServiceCaller, call: () => R): R {
  return callers.run(caller, call);
}

/** The caller of one attempt's calls. */
export class AttemptCaller implements ServiceCaller {
  readonly taskId: string;
  readonly action: string;
  // Most methods never look at it.
  #controller: AbortController | undefined;
  #ended = false;

  constructor(taskId: string, action: string) {
    this.taskId = taskId;
    this.action = action;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      // An attempt may make many calls at once, each with a listener of its own: no leak that Node need warn of.
      setMaxListeners(0, this.#controller.signal);
      if (this.#ended) this.#controller.abort(this.#reason());
    }
    return this.#controller.signal;
  }

  static end(caller: AttemptCaller): void {
    caller.#ended = true;
    const controller = caller.#controller;
    // Not at once: its listeners are users' code, and the task is just leaving its lane.
    if (controller !== undefined) queueMicrotask(() => controller.abort(caller.#reason()));
  }

  #reason(): HeddleError {
    return new HeddleError('cancelled', `The attempt of action ${this.action} that called this service is over`, {
      details: { action: this.action, taskId: this.taskId },
    });
  }
}
