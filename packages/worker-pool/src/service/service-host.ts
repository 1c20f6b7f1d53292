import { encodeError } from '../protocol/codec.ts';
import type { LanePort } from '../protocol/port.ts';
import { ANSWER_ERROR, ANSWER_VALUE, parseServiceCall, type ServiceAnswer, type ServiceCall } from '../protocol/service.ts';
import { AttemptCaller, callAs } from './caller.ts';
import type { Answerer } from './comlink-host.ts';
import { callerGoneError, malformedCallError, resultError, thrownError } from './service-error.ts';
import { methodOf, type ServiceTable, serviceOf } from './service-table.ts';

/** What a lane's end of services is made with. */
export interface ServiceSettings {
  readonly services: ServiceTable | undefined;
  /** What every task id of this runtime begins with. */
  readonly idPrefix: string;
}

/** What is asked of a task that calls. */
export interface CallingTask {
  readonly key: number | string;
  readonly entry: { readonly action: { readonly name: string } };
}

/** The task that has begun in a slot of the lane; none for a slot's earlier life. */
export type FindCaller = (slot: number, generation: number) => CallingTask | undefined;

/** The calls of one attempt. */
interface AttemptCalls {
  readonly caller: AttemptCaller;
  readonly pending: Set<(answer: ServiceAnswer) => void>;
}

/**
 * The host's end of one lane's services: finds the method, calls it, answers.
 * Guarantees: each call is answered once, at the latest when its attempt leaves the lane; nothing of it is kept after that.
 */
export class ServiceHost implements Answerer {
  readonly #port: LanePort;
  readonly #services: ServiceTable;
  readonly #idPrefix: string;
  readonly #find: FindCaller;
  // Invariant: in here are attempts that have called and are on the lane.
  readonly #attempts = new Map<CallingTask, AttemptCalls>();
  /** Which call an object answers, should it not clone. */
  readonly #answered = new WeakMap<ServiceAnswer, ServiceCall>();

  constructor(port: LanePort, services: ServiceTable, idPrefix: string, find: FindCaller) {
    this.#port = port;
    this.#services = services;
    this.#idPrefix = idPrefix;
    this.#find = find;
    // Calls wait in the port until it is loaded. Without it nobody could answer, and a closed port says so.
    void import('./comlink-host.ts').then(
      ({ exposeCalls }) => exposeCalls(port, this),
      () => port.close(),
    );
  }

  answer(given: unknown): Promise<ServiceAnswer> {
    const call = parseServiceCall(given);
    if (call === undefined) return Promise.resolve(errorAnswer(malformedCallError()));
    const [slot, generation, service, method] = call;
    const task = this.#find(slot, generation);
    if (task === undefined) return Promise.resolve(errorAnswer(callerGoneError()));
    const { caller, pending } = this.#attempt(task);
    return new Promise((resolve) => {
      pending.add(resolve);
      const settle = (answer: ServiceAnswer): void => {
        if (pending.delete(resolve)) resolve(answer);
      };
      callAs(caller, () => this.#invoke(call)).then(
        (value) => settle(this.#valueAnswer(call, value)),
        (thrown: unknown) => settle(errorAnswer(thrownError(service, method, thrown))),
      );
    });
  }

  #attempt(task: CallingTask): AttemptCalls {
    const known = this.#attempts.get(task);
    if (known !== undefined) return known;
    const calls = { caller: new AttemptCaller(this.#idPrefix + task.key, task.entry.action.name), pending: new Set<never>() };
    this.#attempts.set(task, calls);
    return calls;
  }

  /** Asynchronous, so that a method that throws and one that rejects are the same. */
  async #invoke([, , name, method, args]: ServiceCall): Promise<unknown> {
    const service = serviceOf(this.#services, name);
    return Reflect.apply(methodOf(name, service, method), service, args);
  }

  #valueAnswer(call: ServiceCall, value: unknown): ServiceAnswer {
    const answer: ServiceAnswer = [ANSWER_VALUE, value];
    this.#answered.set(answer, call);
    return answer;
  }

  unsendable(answer: ServiceAnswer, cause: unknown): ServiceAnswer {
    const [slot = -1, generation = -1, service = '?', method = '?'] = this.#answered.get(answer) ?? [];
    const action = this.#find(slot, generation)?.entry.action.name ?? '?';
    return errorAnswer(resultError(action, service, method, answer[1], cause));
  }

  /** A task has left the lane: nobody waits for its calls. */
  left(task: CallingTask): void {
    const calls = this.#attempts.get(task);
    if (calls === undefined) return;
    this.#attempts.delete(task);
    AttemptCaller.end(calls.caller);
    if (calls.pending.size === 0) return;
    const gone = errorAnswer(callerGoneError());
    // Comlink, at the other end, keeps its record of a call until it is answered.
    for (const answer of calls.pending) answer(gone);
    calls.pending.clear();
  }

  /** The lane has ended. */
  close(): void {
    this.#port.close();
  }
}

function errorAnswer(error: unknown): ServiceAnswer {
  return [ANSWER_ERROR, encodeError(error)];
}
