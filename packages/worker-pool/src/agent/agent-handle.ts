import {
  type ActionMetadata,
  type AgentRef,
  type CallOptions,
  type Completion,
  type CompletionOptions,
  fail,
  type Handle,
  HeddleError,
  type Outcome,
  ok,
  type SubscribeOptions,
  type TaskStatus,
} from '@heddle/core';
import { durationFaults, kindOf, toHeddleError } from '@heddle/core/engine';
import { optionsError } from '../option-faults.ts';
import { type RefHost, TaskRef } from '../task-ref.ts';
import { callTimeoutError, goneError } from './agent-error.ts';
import type { AgentHost } from './agent-host.ts';
import { isPath, parseCallOptions, parseCompletionOptions, parseWait } from './agent-options.ts';
import type { AgentRun } from './agent-run.ts';
import type { Call, Mail } from './mailbox.ts';
import { sendSignal } from './send.ts';
import { watchWait } from './timed-wait.ts';

/** The handle of an agent: checks what it is asked, and asks the run. */
export class AgentHandle extends TaskRef implements AgentRef {
  readonly #run: AgentRun;
  readonly #agents: AgentHost;
  #calls = 0;

  constructor(host: RefHost, run: AgentRun, agents: AgentHost) {
    super(host, run.life);
    this.#run = run;
    this.#agents = agents;
  }

  override get id(): string {
    return this.#run.id;
  }

  get agent(): ActionMetadata {
    return this.action;
  }

  override get status(): TaskStatus {
    return this.#run.status;
  }

  get queueLength(): number {
    return this.#run.queueLength;
  }

  get parent(): string | undefined {
    return this.#run.parentage?.run.id;
  }

  get restarts(): number {
    return this.#run.restarts;
  }

  send(signal: string, data?: unknown): void {
    sendSignal(this.#agents, this.#run, signal, data);
  }

  // The reply's type is the caller's word; what crosses has none.
  call<R>(signal: string, data?: unknown, options?: number | CallOptions): Promise<Outcome<R>> {
    try {
      return this.#call(signal, data, options) as Promise<Outcome<R>>;
    } catch (thrown) {
      return Promise.resolve(fail(toHeddleError(thrown)));
    }
  }

  #call(signal: string, data: unknown, options: number | CallOptions | undefined): Promise<Outcome> {
    const wait = parseCallOptions(options);
    const run = this.#run;
    const { clock } = this.#agents.ports;
    const id = ++this.#calls;
    return new Promise((resolve, reject) => {
      const settle = (outcome: Outcome): void => {
        done();
        resolve(outcome);
      };
      const call: Call = { id, settle };
      let mail: Mail | undefined;
      const giveUp = (error: HeddleError): void => {
        // Nobody waits for what it would do: one that has not begun is not handled at all.
        if (mail !== undefined) run.withdraw(mail);
        run.mail.forget(call);
        resolve(fail(error));
      };
      const late = (): HeddleError => callTimeoutError(this.id, signal, wait.timeoutMs, mail === undefined || run.mail.hasTaken(mail));
      const done = watchWait(clock, wait, late, giveUp);
      try {
        mail = sendSignal(this.#agents, run, signal, data, call);
      } catch (thrown) {
        done();
        reject(thrown);
      }
    }).catch((thrown: unknown) => fail(toHeddleError(thrown))) as Promise<Outcome>;
  }

  state(): Promise<unknown> {
    return new Promise((resolve, reject) => this.#run.post({ kind: 'state', reader: { resolve, reject } }));
  }

  subscribe(listener: (value: never) => void, options: SubscribeOptions = {}): () => void {
    const { paths, ...rest } = options;
    const faults = Object.keys(rest).map((key) => `\`${key}\` is not an option`);
    if (typeof listener !== 'function') faults.push(`the listener must be a function; got ${kindOf(listener)}`);
    if (paths !== undefined && !(Array.isArray(paths) && paths.every(isPath)))
      faults.push('`paths` must be an array of paths, each an array of keys');
    if (faults.length > 0) throw optionsError(faults);
    this.#assertThere();
    return this.#run.waits.subscribe(paths, listener as (value: unknown) => void); // given the state, or what stands at the paths
  }

  #assertThere(): void {
    if (this.#run.settled) throw this.#gone();
  }

  #gone(): HeddleError {
    const { outcome } = this.#run.life;
    return goneError(this.id, outcome?.ok === false ? outcome.error : undefined);
  }

  completion(options?: CompletionOptions): Promise<Outcome<Completion<unknown, unknown>>> {
    try {
      const { paths, ...wait } = parseCompletionOptions(options);
      if (this.#run.settled) return Promise.resolve(fail(this.#gone()));
      return this.#run.waits.completion(wait, paths);
    } catch (thrown) {
      return Promise.resolve(fail(toHeddleError(thrown)));
    }
  }

  children(): Outcome<ReadonlyMap<string, Handle>> {
    return this.#run.settled ? fail(this.#gone()) : ok(this.#run.children.handles);
  }

  whenChild(tag: string, options?: Pick<CompletionOptions, 'timeoutMs' | 'signal'>): Promise<Outcome<Handle>> {
    try {
      const wait = parseWait(options, 10_000);
      return this.#run.settled ? Promise.resolve(fail(this.#gone())) : this.#run.children.when(tag, wait);
    } catch (thrown) {
      return Promise.resolve(fail(toHeddleError(thrown)));
    }
  }

  responds(timeoutMs = 1000): Promise<boolean> {
    const faults = durationFaults('timeoutMs', timeoutMs);
    if (faults.length > 0 || this.#run.settled) return Promise.resolve(false);
    return this.#run.waits.responds(timeoutMs);
  }

  async stop(): Promise<Outcome> {
    this.#run.stop();
    return this.outcome({ timeoutMs: Number.POSITIVE_INFINITY, onTimeout: 'leave' });
  }

  adopt(child: string | Handle, tag: string): void {
    if (typeof tag !== 'string' || tag === '')
      throw new HeddleError('invalid_input', `The tag of a child must be a string that is not empty; got ${kindOf(tag)}`);
    this.#assertThere();
    this.#agents.adopt(this.#run, typeof child === 'string' ? child : child.id, tag);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
