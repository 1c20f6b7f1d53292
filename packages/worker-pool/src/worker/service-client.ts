import type { HeddleError, RemoteServices } from '@heddle/core';
import { decodeError } from '../protocol/codec.ts';
import type { TaskInput } from '../protocol/input.ts';
import type { LanePort } from '../protocol/port.ts';
import { ANSWER_ERROR, ANSWER_UNSENT, ANSWER_VALUE, type ServiceAnswer, type ServiceCall } from '../protocol/service.ts';
import type { SendCall } from '../service/comlink-lane.ts';
import { mayBeCalled } from '../service/method-name.ts';
import {
  argumentsError,
  hostLostError,
  lateCallError,
  noServicesError,
  refusedArgument,
  unfinishedCallError,
} from '../service/service-error.ts';

/** The lane's end of its service port; one a lane. Loads what it needs at the first call. */
export class ServiceClient {
  readonly #port: LanePort | undefined;
  #send: SendCall | undefined;
  #connecting: Promise<SendCall> | undefined;
  #lost = false;
  // Invariant: in here are the attempts with calls pending.
  readonly #calling = new Set<AttemptServices>();

  constructor(port: LanePort | undefined) {
    this.#port = port;
  }

  /** Whether the runtime has services. */
  get offered(): boolean {
    return this.#port !== undefined;
  }

  /** Whether nobody is at the other end any more. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Sends a call. Calls leave in the order they were made. May never settle: the caller listens for its own end. */
  send(call: ServiceCall): Promise<ServiceAnswer> {
    if (this.#send !== undefined) return this.#send(call);
    try {
      // What the action changes while the port is being made ready must not be what is sent.
      const copy = structuredClone(call);
      this.#connecting ??= this.#connect();
      return this.#connecting.then((send) => send(copy));
    } catch (cause) {
      return Promise.resolve([ANSWER_UNSENT, cause]);
    }
  }

  async #connect(): Promise<SendCall> {
    const { connectCalls } = await import('../service/comlink-lane.ts');
    const port = this.#port as LanePort; // nothing is sent without one
    this.#send = connectCalls(port);
    port.once('close', () => {
      this.#lost = true;
      for (const attempt of [...this.#calling]) attempt.lose();
    });
    return this.#send;
  }

  /** Whether an attempt has calls pending: it is told when the host is gone. */
  track(attempt: AttemptServices, calling: boolean): void {
    if (calling) this.#calling.add(attempt);
    else this.#calling.delete(attempt);
  }
}

interface PendingCall {
  readonly service: string;
  readonly method: string;
  readonly promise: Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The `ctx.services` of one attempt.
 * Guarantees: every call settles, at the latest with its attempt; what is pending when the attempt is asked to end rejects with what ends
 * it. Calls made after that, by cleanups, go through until the attempt is over.
 */
export class AttemptServices {
  readonly remote: RemoteServices;
  readonly #client: ServiceClient;
  #task: TaskInput;
  readonly #action: string;
  readonly #pending = new Set<PendingCall>();
  #ended: boolean;

  constructor(client: ServiceClient, task: TaskInput, action: string, ended: boolean) {
    this.#client = client;
    this.#task = task;
    this.#action = action;
    this.#ended = ended;
    this.remote = createRemote((service, method, args) => this.#call(service, method, args));
  }

  /** The attempt is asked to end. */
  cancel(error: HeddleError): void {
    this.#abandon(() => error);
  }

  /** The attempt is over. */
  end(): void {
    this.#ended = true;
    this.#abandon(({ service, method }) => unfinishedCallError(this.#action, service, method));
  }

  /** The next step of a coroutine: what it holds of its services goes on working. */
  resume(task: TaskInput): void {
    this.#task = task;
    this.#ended = false;
  }

  /** The host is gone. */
  lose(): void {
    this.#abandon(({ service, method }) => hostLostError(this.#action, service, method));
  }

  #abandon(errorOf: (call: PendingCall) => HeddleError): void {
    if (this.#pending.size === 0) return;
    const abandoned = [...this.#pending];
    this.#pending.clear();
    this.#client.track(this, false);
    for (const call of abandoned) {
      // A call that was made and not awaited is no error nobody caught.
      call.promise.catch(ignore);
      call.reject(errorOf(call));
    }
  }

  #call(service: string, method: string, args: readonly unknown[]): Promise<unknown> {
    const refusal = this.#refusal(service, method, args);
    if (refusal !== undefined) return Promise.reject(refusal);
    const call = createPendingCall(service, method);
    if (this.#pending.size === 0) this.#client.track(this, true);
    this.#pending.add(call);
    this.#client.send([this.#task.slot, this.#task.generation, service, method, args]).then(
      (answer) => this.#settle(call, answer, args),
      (cause: unknown) => this.#finish(call) && call.reject(cause),
    );
    return call.promise;
  }

  #refusal(service: string, method: string, args: readonly unknown[]): HeddleError | undefined {
    if (this.#ended) return lateCallError(this.#action, service, method);
    if (!this.#client.offered) return noServicesError(this.#action, service, method);
    if (this.#client.lost) return hostLostError(this.#action, service, method);
    return refusedArgument(this.#action, service, method, args);
  }

  #settle(call: PendingCall, answer: ServiceAnswer, args: readonly unknown[]): void {
    if (!this.#finish(call)) return;
    switch (answer[0]) {
      case ANSWER_VALUE:
        call.resolve(answer[1]);
        return;
      case ANSWER_ERROR:
        call.reject(decodeError(answer[1]));
        return;
      case ANSWER_UNSENT:
        call.reject(argumentsError(this.#action, call.service, call.method, args, answer[1]));
        return;
    }
  }

  /** Takes a call off the list; `false` when it was abandoned. */
  #finish(call: PendingCall): boolean {
    if (!this.#pending.delete(call)) return false;
    if (this.#pending.size === 0) this.#client.track(this, false);
    return true;
  }
}

function ignore(): void {}

function createPendingCall(service: string, method: string): PendingCall {
  let resolve = (_value: unknown): void => {};
  let reject = (_error: unknown): void => {};
  const promise = new Promise<unknown>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { service, method, promise, resolve, reject };
}

type Call = (service: string, method: string, args: readonly unknown[]) => Promise<unknown>;

function createRemote(call: Call): RemoteServices {
  const remote = lazily((service) =>
    lazily(
      (method) =>
        (...args: readonly unknown[]) =>
          call(service, method, args),
    ),
  );
  return remote as RemoteServices; // which services there are, and which methods, is known on the host alone
}

const NOTHING: object = Object.freeze(Object.create(null));

/** An object whose properties are made when they are first read, and kept. It is no thenable, and has nothing that every object has. */
function lazily<T>(make: (name: string) => T): object {
  const made = new Map<string, T>();
  return new Proxy(NOTHING, {
    get(_target, name) {
      if (typeof name !== 'string' || !mayBeCalled(name)) return undefined;
      const known = made.get(name);
      if (known !== undefined) return known;
      const value = make(name);
      made.set(name, value);
      return value;
    },
  });
}
