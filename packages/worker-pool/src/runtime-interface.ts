import type { Action, AgentDefinition, AgentRef, AwaitOptions, Coroutine, CoroutineAction, Handle, Outcome } from '@heddle/core';
import type { AgentOptions } from './agent/agent-options.ts';
import type { AsyncRef } from './async-ref.ts';
import type { ChainArguments, ChainOutcome, ChainStep, ChainValue } from './compose/chain.ts';
import type { PlanOptions, PlanOutcome, PlanSteps } from './compose/plan.ts';
import type { CoroutineOptions } from './coroutine/coroutine-options.ts';
import type { StreamOptions } from './coroutine/stream-options.ts';
import type { TaskExplanation } from './explain/explanation.ts';
import type { LaneReport } from './explain/lane-report.ts';
import type { MapItem, MapOptions } from './map-options.ts';
import type { RuntimeOptions } from './options.ts';
import type { RegisteredAction } from './registry.ts';
import type { Scope, ScopeOptions } from './scope.ts';
import type { RuntimeStats } from './stats.ts';
import type { Context, TaskOptions } from './task-options.ts';

/** What follows the action in a call; params may be left out when the action needs none. An Outcome stands for its value. */
export type TaskArguments<P> =
  Record<never, never> extends P
    ? [params?: P | Outcome<P>, context?: Context, options?: TaskOptions]
    : [params: P | Outcome<P>, context?: Context, options?: TaskOptions];

/** What follows the action where a coroutine is started. */
export type CoroutineArguments<P, Y = unknown, V = unknown> =
  Record<never, never> extends P
    ? [params?: P | Outcome<P>, context?: Context, options?: CoroutineOptions<Y, V>]
    : [params: P | Outcome<P>, context?: Context, options?: CoroutineOptions<Y, V>];

/** What follows the action where a stream is opened. */
export type StreamArguments<P> =
  Record<never, never> extends P
    ? [params?: P | Outcome<P>, context?: Context, options?: StreamOptions]
    : [params: P | Outcome<P>, context?: Context, options?: StreamOptions];

/** How a runtime ends. */
export interface CloseOptions {
  /** Milliseconds the work that is there may take to finish; then it is cancelled. `Infinity` = as long as it takes. @defaultValue the runtime's `graceMs` */
  readonly graceMs?: number;
}

/** What starts tasks and owns them: a runtime, a scope. Source: SEMANTICS E-5. */
export interface TaskOwner {
  readonly name: string;
  /** Starts a task and waits for its outcome, without a limit of its own. Never rejects for what the action or its input did. Source: SEMANTICS R-1. */
  run<P, V>(action: Action<P, V>, ...rest: TaskArguments<P>): Promise<Outcome<V>>;
  /**
   * Starts a task; at once, never waiting. Source: SEMANTICS E-1.
   *
   * @throws HeddleError `invalid_input` for options at fault; `closed`; `not_found` for an `instance` that is none
   */
  start<P, V>(action: Action<P, V>, ...rest: TaskArguments<P>): AsyncRef<V>;
  /**
   * Waits for a task; a timeout cancels it unless told to leave it. A number is `timeoutMs`. A task that is not its own, nor of what it
   * opened, is a `not_owner`. Source: SEMANTICS E-3, E-5.
   */
  await<V>(ref: Handle<V>, options?: number | AwaitOptions): Promise<Outcome<V>>;
  /** Asks a task to end, then forces it; settles when it has ended. Source: SEMANTICS E-6. */
  cancel(ref: Handle | string, reason?: string): Promise<Outcome<undefined>>;
  /** Runs an action over many params, as they come, on all lanes. Back-pressured: memory is bounded over an endless input. */
  map<P, V>(action: Action<P, V>, items: Iterable<P> | AsyncIterable<P>, options?: MapOptions): AsyncIterableIterator<MapItem<P, V>>;
  /**
   * Runs actions one after the other, each result merged into the next one's params. Stops at the first error, an aborted signal, an
   * interrupt. Rejects where `run` does: options at fault, a closed runtime. Source: SEMANTICS R-12.
   *
   * @example
   * ```ts
   * const outcome = await runtime.chain([fetchPage, [summarise, { words: 50 }]], { url })
   * ```
   */
  chain<const S extends readonly ChainStep[]>(steps: S, ...rest: ChainArguments<S>): Promise<ChainOutcome<ChainValue<S>>>;
  /**
   * Runs a graph of actions, each as soon as what it needs is there. A step that does not exist or a cycle is a `config_error`, with its
   * path, before anything runs. Rejects where `run` does. Source: SEMANTICS R-12.
   *
   * @example
   * ```ts
   * const outcome = await runtime.plan({
   *   page: { action: fetchPage, params: { url } },
   *   links: { action: findLinks, needs: ['page'], params: ({ page }) => ({ html: page.html }) },
   *   words: { action: countWords, needs: ['page'], params: ({ page }) => ({ html: page.html }) },
   * })
   * ```
   */
  plan<V extends object>(steps: PlanSteps<V>, context?: Context, options?: PlanOptions): Promise<PlanOutcome<V>>;
  /**
   * Starts a coroutine, a generator action that is resumed step by step; at once. What is wrong with the action or its params is its one
   * step. Source: SEMANTICS C-1.
   *
   * @throws HeddleError `invalid_input` for options at fault; `closed`; `not_found` for an `instance` that is none
   * @example
   * ```ts
   * const wizard = runtime.coroutine(signUp, {}, {}, { tag: 'sign-up' })
   * let step = await wizard.next()
   * step = await wizard.next('Alice')
   * ```
   */
  coroutine<P, Y, V, N>(action: CoroutineAction<P, Y, V, N>, ...rest: CoroutineArguments<P, Y, V>): Coroutine<Y, V, N>;
  /**
   * Starts an agent: a state that lives in a thread, and signals that change it, one at a time. At once. `state` lies over the definition's
   * `initialState`, key by key; what is wrong with it is how the agent ends. Source: SEMANTICS W-1.
   *
   * @throws HeddleError `invalid_input` for options at fault and an `id` that a running agent has; `closed`; `not_found` for an `instance`
   * that is none
   * @example
   * ```ts
   * const agent = runtime.startAgent(counter, { count: 1 })
   * agent.send('add', { by: 2 })
   * await agent.state()
   * ```
   */
  startAgent<S, G>(agent: AgentDefinition<S, G>, state?: Partial<S> | Outcome<Partial<S>>, options?: AgentOptions): AgentRef<S, G>;
  /** The running agent of an id, if there is one. */
  findAgent(id: string): AgentRef | undefined;
  /**
   * Reads what a generator action yields, in order, as fast as it is read: never more than a window ahead. Starts when it is first read;
   * leaving the loop cancels it, and its failure is thrown. Source: SEMANTICS C-9.
   *
   * @throws HeddleError as {@link coroutine}; `invalid_action` for an action that is no generator
   * @example
   * ```ts
   * for await (const hit of runtime.stream(search, { text: 'loom' })) console.log(hit)
   * ```
   */
  stream<P, Y, V, N>(action: CoroutineAction<P, Y, V, N>, ...rest: StreamArguments<P>): AsyncIterableIterator<Y, V>;
  /**
   * Opens a scope in this one: what it starts belongs to it, and ends with it.
   *
   * @throws HeddleError `invalid_input` for options at fault, `closed`
   */
  scope(options?: ScopeOptions): Scope;
}

/** The options of an instance: a runtime's, but for the name. What is not given is the runtime's own; what is given replaces it whole. */
export type InstanceOptions = Omit<RuntimeOptions, 'name'>;

/**
 * Runs actions on worker threads. Owns its lanes, its queue and every task it started.
 */
export interface Runtime extends TaskOwner {
  /** The actions that were registered, by name. */
  readonly actions: ReadonlyMap<string, RegisteredAction>;
  /**
   * Imports a file (`.ts` too, on every supported Node), adds its actions to {@link actions}, and gives them by name. Takes an action, too.
   *
   * @throws HeddleError `load_error` for a file that does not load, `config_error` when another file's action has one of the names: then
   * none is added
   */
  register(source: string | URL | RegisteredAction): Promise<ReadonlyMap<string, RegisteredAction>>;
  /**
   * A named instance: a runtime of its own, with lanes, queue, counts and registry that it shares with nobody. With options (`{}` will do)
   * it is created, without it is looked up. The call option `instance` runs a single task there. Closing the runtime closes its instances;
   * a closed one's name can be used again. Source: SEMANTICS R-11.
   *
   * @throws HeddleError `config_error` for options at fault and a name that is taken; `not_found` naming the instances there are, and
   * `closed`, when one is looked up; `closed` when the runtime is
   */
  instance(name: string, options?: InstanceOptions): Runtime;
  /** The instances that are open, by name. */
  readonly instances: ReadonlyMap<string, Runtime>;
  stats(): RuntimeStats;
  /**
   * Where a task, a coroutine, a stream or an agent stands, for how long, and what stands in its way. Of an id, its own or an instance's, as
   * long as it has not settled; of a ref, also after. `undefined` for an id that nothing open has. Looks through what is open: for people
   * who look into something, not for every request. Source: SEMANTICS R-13.
   *
   * @throws HeddleError `invalid_async_ref` for what is neither an id nor a ref
   * @example
   * ```ts
   * const { state, reason } = runtime.explain(ref.id) ?? {}   // 'queued', '3 tasks are before it; 2 of 2 lanes run others'
   * ```
   */
  explain(target: string | Handle): TaskExplanation | undefined;
  /**
   * What each lane does, how busy its event loop is and what is in its memory; those of coroutines and agents last, those of instances not
   * among them. With the reports of the last look, utilisation is that since then. Settles when the threads have answered, at the latest
   * after 100 ms. Source: SEMANTICS R-13.
   */
  lanes(previous?: readonly LaneReport[]): Promise<readonly LaneReport[]>;
  /** Settles when this many lanes are open. Rejects with the error when one cannot be. @defaultValue `threads.min`, at least one */
  ready(lanes?: number): Promise<void>;
  /** Refuses new work, finishes or cancels the rest, ends the threads. Idempotent. Source: SEMANTICS E-12. */
  close(options?: CloseOptions): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
