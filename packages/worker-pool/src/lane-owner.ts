import { AsyncResource } from 'node:async_hooks';
import {
  type Action,
  type AgentDefinition,
  type AgentRef,
  type AwaitOptions,
  type Coroutine,
  type CoroutineAction,
  fail,
  type Handle,
  HeddleError,
  isHeddleError,
  type Outcome,
} from '@heddle/core';
import type { AgentOptions } from './agent/agent-options.ts';
import type { AsyncRef } from './async-ref.ts';
import { type ChainArguments, type ChainOutcome, type ChainStep, type ChainValue, runChain } from './compose/chain.ts';
import type { ComposeHost } from './compose/host.ts';
import { type PlanOptions, type PlanOutcome, type PlanSteps, runPlan } from './compose/plan.ts';
import type { InstanceTable } from './instance-table.ts';
import { MapRun } from './map.ts';
import { type MapHost, type MapItem, type MapOptions, splitMapOptions } from './map-options.ts';
import type { OwnerNode } from './owner-node.ts';
import { ownershipRefusal } from './ownership.ts';
import { mapPacks } from './pack/map-packs.ts';
import { isPlainObject } from './plain-object.ts';
import type { CoroutineArguments, StreamArguments, TaskArguments, TaskOwner } from './runtime-interface.ts';
import { parseScopeOptions, type Scope, type ScopeOptions } from './scope.ts';
import type { Task } from './task.ts';
import { cancelledError, disposedError } from './task-error.ts';
import { CANCEL_DONE, type TaskHost } from './task-host.ts';
import { type Context, parseTaskOptions, type TaskOptions } from './task-options.ts';
import { type OpenedRef, TaskRef } from './task-ref.ts';
import { parseAwaitOptions } from './wait.ts';

/**
 * What runtimes and scopes have in common: each task is started on a host, the runtime's own or that of an instance, for the owner that
 * is this. A runtime is the owner at the root. Source: SEMANTICS E-5, R-11.
 */
export abstract class LaneOwner implements TaskOwner {
  readonly name: string;
  readonly #host: TaskHost;
  readonly #instances: InstanceTable;
  readonly #node: OwnerNode;

  constructor(host: TaskHost, instances: InstanceTable, node: OwnerNode) {
    this.name = node.name;
    this.#host = host;
    this.#instances = instances;
    this.#node = node;
  }

  run<P, V>(action: Action<P, V>, ...[params, context, options]: TaskArguments<P>): Promise<Outcome<V>> {
    // The action's value type is the caller's inference; the thread has no types. The same below.
    return this.#run(action, params, context, options) as Promise<Outcome<V>>;
  }

  #run(action: unknown, params: unknown, context: unknown, given: TaskOptions | undefined): Promise<Outcome> {
    try {
      const options = this.#own(given);
      const host = this.#hostOf(options);
      if (host.dispatcher.mustWait(options?.tenant)) return this.#runWhenRoom(host, action, params, context, options);
      return host.outcomeOf(this.#start(host, action, params, context, options, false));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #runWhenRoom(
    host: TaskHost,
    action: unknown,
    params: unknown,
    context: unknown,
    options: TaskOptions | undefined,
  ): Promise<Outcome> {
    this.#node.assertOpen();
    const signal = options?.signal instanceof AbortSignal ? options.signal : undefined;
    do await this.#node.enter((until) => host.dispatcher.room(until, options?.tenant), signal);
    while (host.dispatcher.lacksRoom(options?.tenant) && signal?.aborted !== true && !this.#node.disposed);
    return host.outcomeOf(this.#start(host, action, params, context, options, true));
  }

  start<P, V>(action: Action<P, V>, ...[params, context, given]: TaskArguments<P>): AsyncRef<V> {
    const options = this.#own(given);
    const host = this.#hostOf(options);
    return new TaskRef(host, this.#start(host, action, params, context, options, false)) as AsyncRef<unknown> as AsyncRef<V>;
  }

  #start(host: TaskHost, action: unknown, params: unknown, context: unknown, options: TaskOptions | undefined, entered: boolean): Task {
    this.#node.assertOpen();
    return this.#node.add(host.start(action, params, context, options, entered), host);
  }

  /** The options of a call, with the tenant of the scope where they name none; what is no options at all is left to their check. */
  #own<O extends Pick<TaskOptions, 'tenant'>>(options: O | undefined): O | undefined {
    const { tenant } = this.#node;
    if (tenant === undefined || (options !== undefined && !isPlainObject(options))) return options;
    return options?.tenant === undefined ? ({ ...options, tenant } as O) : options; // every kind of options has a tenant
  }

  /** Where a task goes that is started with these options; an `instance` that is no name is left to the check of all options. */
  #hostOf(options: Pick<TaskOptions, 'instance'> | undefined): TaskHost {
    const instance = options?.instance;
    return typeof instance === 'string' && instance !== '' ? this.#instances.host(instance) : this.#host;
  }

  async await<V>(ref: Handle<V>, options?: number | AwaitOptions): Promise<Outcome<V>> {
    const opened = this.#open(ref, 'Invalid async ref');
    if (!isHeddleError(opened)) return opened.host.awaitTask(opened.task, options) as Promise<Outcome<V>>; // the ref's own type
    parseAwaitOptions(options); // at fault, they reject whatever the ref is
    return fail(opened);
  }

  cancel(ref: Handle | string, reason?: string): Promise<Outcome<undefined>> {
    // An agent's id may be the user's own.
    const host = typeof ref === 'string' ? (this.#instances.hostOfId(ref) ?? this.#hostOfAgent(ref)) : undefined;
    if (host !== undefined) return this.#cancelById(host, String(ref), reason);
    const opened = this.#open(ref, 'Invalid async ref for cancellation');
    return isHeddleError(opened) ? Promise.resolve(fail(opened)) : opened.host.cancelTask(opened.task, reason);
  }

  #hostOfAgent(id: string): TaskHost | undefined {
    return this.#host.agents.byId(id) === undefined ? undefined : this.#host;
  }

  #cancelById(host: TaskHost, id: string, reason: string | undefined): Promise<Outcome<undefined>> {
    const task = host.find(id);
    if (task === undefined) return Promise.resolve(fail(new HeddleError('not_found', `No task has the id ${id}`)));
    // That it once was is all there is to say of a settled task, and all that cancelling it needs.
    if (task === 'settled') return Promise.resolve(CANCEL_DONE);
    const refusal = ownershipRefusal(this.#node, task, host);
    return refusal === undefined ? host.cancelTask(task, reason) : Promise.resolve(fail(refusal));
  }

  #open(ref: unknown, message: string): OpenedRef | HeddleError {
    const opened = TaskRef.open(ref);
    if (opened === undefined) return new HeddleError('invalid_async_ref', message);
    return ownershipRefusal(this.#node, opened.task, opened.host) ?? opened;
  }

  map<P, V>(action: Action<P, V>, items: Iterable<P> | AsyncIterable<P>, options?: MapOptions): AsyncIterableIterator<MapItem<P, V>> {
    const { plan, context, taskOptions } = splitMapOptions(this.#own(options));
    const host = this.#hostOf(taskOptions);
    this.#assertOpen(host);
    const entry = host.entry(action);
    if (isHeddleError(entry)) throw entry;
    const parsed = parseTaskOptions(taskOptions, { ...entry.options, timeoutMs: Number.POSITIVE_INFINITY, maxRetries: 0 });
    const start = (params: P): Task => {
      this.#assertOpen(host);
      return this.#node.add(host.dispatcher.start(entry, parsed, params, context, true), host);
    };
    const mapHost: MapHost<P> = {
      // Items are read whenever a lane has room: what they belong to is whoever called `map`.
      start: host.dispatcher.needsCaller ? AsyncResource.bind(start) : start,
      room: () => this.#node.enter((until) => host.dispatcher.room(until, parsed.tenant), parsed.signal),
      cancel: (task, reason) => host.cancel(task, reason),
      withdraw: (task) => host.dispatcher.withdraw(task, cancelledError(entry.action.name, 'the map was drained')),
      guard: (callback, key, call) => host.dispatcher.guard(callback, { key, options: parsed }, call),
      window: () => host.windowFor(entry),
      watch: (end) => this.#node.watch(() => end(disposedError(this.name))),
      mustWait: () => host.dispatcher.mustWait(parsed.tenant, true),
      lacksRoom: () => host.dispatcher.lacksRoom(parsed.tenant),
      // A scope holds its tasks, each by itself.
      packs: (sink) =>
        this.#node.parent === undefined
          ? mapPacks(host.dispatcher, { entry, options: parsed, context, sink, assertOpen: () => this.#assertOpen(host) })
          : undefined,
    };
    return new MapRun<P, V>(mapHost, items, plan);
  }

  #assertOpen(host: TaskHost): void {
    this.#node.assertOpen();
    host.assertOpen();
  }

  async chain<const S extends readonly ChainStep[]>(
    steps: S,
    ...[params, context, options]: ChainArguments<S>
  ): Promise<ChainOutcome<ChainValue<S>>> {
    this.#assertOpen(this.#host);
    return runChain(this.#composeHost(), steps, params, context, options) as Promise<ChainOutcome<ChainValue<S>>>;
  }

  async plan<V extends object>(steps: PlanSteps<V>, context?: Context, options?: PlanOptions): Promise<PlanOutcome<V>> {
    this.#assertOpen(this.#host);
    return runPlan(this.#composeHost(), steps, context, options) as Promise<unknown> as Promise<PlanOutcome<V>>;
  }

  #composeHost(): ComposeHost {
    return {
      run: (action, params, context, options) => this.#run(action, params, context, options),
      actionFault: (action) => {
        const entry = this.#host.entry(action);
        return isHeddleError(entry) ? entry : undefined;
      },
      checkRoute: (options) => this.#hostOf(options).assertOpen(),
    };
  }

  coroutine<P, Y, V, N>(action: CoroutineAction<P, Y, V, N>, ...[params, context, given]: CoroutineArguments<P, Y, V>): Coroutine<Y, V, N> {
    const options = this.#own(given);
    const host = this.#hostOf(options);
    this.#assertOpen(host);
    return host.coroutine(action, params, context, options, (life) => void this.#node.add(life, host)) as Coroutine as Coroutine<Y, V, N>;
  }

  stream<P, Y, V, N>(action: CoroutineAction<P, Y, V, N>, ...[params, context, given]: StreamArguments<P>): AsyncIterableIterator<Y, V> {
    const options = this.#own(given);
    const host = this.#hostOf(options);
    this.#assertOpen(host);
    const run = host.coroutines.stream(action, params, context, options, {
      assertOpen: () => this.#assertOpen(host),
      started: (life) => void this.#node.add(life, host),
    });
    return run as AsyncIterableIterator<unknown> as AsyncIterableIterator<Y, V>; // the action's own types; what crosses has none
  }

  startAgent<S, G>(agent: AgentDefinition<S, G>, state?: Partial<S> | Outcome<Partial<S>>, given?: AgentOptions): AgentRef<S, G> {
    const options = this.#own(given);
    const host = this.#hostOf(options);
    this.#assertOpen(host);
    // State and signals are the definition's own types; what crosses has none.
    return host.agent(agent, state, options, (life) => void this.#node.add(life, host)) as AgentRef as AgentRef<S, G>;
  }

  findAgent(id: string): AgentRef | undefined {
    const { agents } = this.#host;
    const run = agents.byId(id);
    return run === undefined ? undefined : agents.handleOf(run);
  }

  scope(options?: ScopeOptions): Scope {
    this.#assertOpen(this.#host);
    const { name, signal, tenant } = parseScopeOptions(options);
    return new LaneScope(this.#host, this.#instances, this.#node.child(name, signal, tenant));
  }
}

/** A scope: an owner below another, which can be disposed. */
class LaneScope extends LaneOwner implements Scope {
  readonly #node: OwnerNode;

  constructor(host: TaskHost, instances: InstanceTable, node: OwnerNode) {
    super(host, instances, node);
    this.#node = node;
  }

  get disposed(): boolean {
    return this.#node.disposed;
  }

  get open(): number {
    return this.#node.open;
  }

  dispose(reason = `scope ${this.name} was disposed`): Promise<void> {
    return this.#node.dispose(String(reason));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}
