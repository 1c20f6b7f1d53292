import { randomBytes } from 'node:crypto';
import { type Action, type AwaitOptions, fail, HeddleError, isHeddleError, type Outcome, ok } from '@heddle/core';
import { type ActionEntry, ActionTable } from './action-table.ts';
import type { AsyncRef } from './async-ref.ts';
import { type Clock, systemClock } from './clock.ts';
import { type ChainArguments, type ChainOutcome, type ChainStep, type ChainValue, runChain } from './compose/chain.ts';
import type { ComposeHost } from './compose/host.ts';
import { type PlanOptions, type PlanOutcome, type PlanSteps, runPlan } from './compose/plan.ts';
import { Dispatcher } from './dispatcher.ts';
import { createPiscinaPool } from './lane/piscina-pool.ts';
import type { ThreadPool } from './lane/thread-pool.ts';
import { MapRun } from './map.ts';
import { type MapItem, type MapOptions, splitMapOptions } from './map-options.ts';
import { closeOptionFaults, type ParsedRuntimeOptions, parseRuntimeOptions, type RuntimeOptions } from './options.ts';
import { ActionRegistry, type RegisteredAction } from './registry.ts';
import type { CloseOptions, Runtime, TaskArguments } from './runtime-interface.ts';
import { Estimate } from './scheduler/estimate.ts';
import { type RuntimeStats, statsOf } from './stats.ts';
import type { Task } from './task.ts';
import { cancelledError, closedError } from './task-error.ts';
import { type Context, DEFAULT_TASK_OPTIONS, parseTaskOptions, type TaskOptions } from './task-options.ts';
import { type RefHost, TaskRef } from './task-ref.ts';
import { parseAwaitOptions, waitFor } from './wait.ts';
import { isLaneThread } from './worker/lane-thread.ts';

/**
 * Creates a runtime. Close it when done: `await runtime.close()`, or `await using` where the syntax is there. An idle one never keeps
 * the process alive.
 *
 * @throws HeddleError `config_error` for options at fault, every one at once, and inside a lane
 * @example
 * ```ts
 * const runtime = createRuntime({ threads: { max: 4 } })
 * const outcome = await runtime.run(resize, { path: 'a.jpg' })
 * ```
 */
export function createRuntime(options: RuntimeOptions = {}): Runtime {
  if (isLaneThread()) {
    throw new HeddleError(
      'config_error',
      '`createRuntime` was called in a lane: a worker thread imports the file its action is in, and that file starts a runtime, which would start itself for ever. Move the action to a file of its own',
    );
  }
  const parsed = parseRuntimeOptions(options);
  const idPrefix = createIdPrefix();
  const { concurrency, resourceLimits, env, execArgv } = parsed;
  const settings = { idPrefix, concurrency, logLevel: parsed.logger.level };
  const pool = createPiscinaPool({ settings, resourceLimits, env, execArgv, openTimeoutMs: 10_000 });
  return createRuntimeOn(parsed, pool, systemClock, idPrefix);
}

/** Random, so that ids of two processes don't meet in one log; the tasks count up behind it. */
function createIdPrefix(): string {
  return `${randomBytes(5).toString('hex')}-`;
}

/** The runtime over given ports. For tests, and for other pools. */
export function createRuntimeOn(options: ParsedRuntimeOptions, pool: ThreadPool, clock: Clock, idPrefix: string): Runtime {
  return new LaneRuntime(options, pool, clock, idPrefix);
}

class LaneRuntime implements Runtime, RefHost {
  readonly name: string;
  readonly idPrefix: string;
  readonly #options: ParsedRuntimeOptions;
  readonly #clock: Clock;
  readonly #actions: ActionTable;
  readonly #dispatcher: Dispatcher;
  readonly #registry = new ActionRegistry();
  readonly #host: ComposeHost = {
    // Unknown until the runtime has looked at them; no caller's types are left here.
    run: (action, params, context, options) => this.run(action, params as never, context as Context, options),
    actionFault: (action) => {
      const entry = this.#entry(action);
      return isHeddleError(entry) ? entry : undefined;
    },
    now: () => Date.now(),
    after: (delayMs, callback) => this.#clock.after(delayMs, callback),
  };
  #closing: Promise<void> | undefined;

  constructor(options: ParsedRuntimeOptions, pool: ThreadPool, clock: Clock, idPrefix: string) {
    this.name = options.name;
    this.idPrefix = idPrefix;
    this.#options = options;
    this.#clock = clock;
    this.#actions = new ActionTable(options.defaults);
    this.#dispatcher = new Dispatcher(options, this.#actions, pool, clock, idPrefix);
  }

  run<P, V>(action: Action<P, V>, ...[params, context, options]: TaskArguments<P>): Promise<Outcome<V>> {
    try {
      if (this.#dispatcher.mustWait()) return this.#runWhenRoom(action, params, context, options);
      return this.#outcomeOf(this.#start(action, params, context, options));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #runWhenRoom<V>(action: unknown, params: unknown, context: unknown, options: TaskOptions | undefined): Promise<Outcome<V>> {
    await this.#dispatcher.room(options?.signal instanceof AbortSignal ? options.signal : undefined);
    return this.#outcomeOf(this.#start(action, params, context, options, true));
  }

  #outcomeOf<V>(task: Task): Promise<Outcome<V>> {
    // The action's value type is the caller's inference; the thread has no types.
    if (task.outcome !== undefined) return Promise.resolve(task.outcome as Outcome<V>);
    return new Promise((resolve) => task.addWaiter(resolve as (outcome: Outcome) => void));
  }

  start<P, V>(action: Action<P, V>, ...[params, context, options]: TaskArguments<P>): AsyncRef<V> {
    return new TaskRef(this, this.#start(action, params, context, options)) as AsyncRef<unknown> as AsyncRef<V>; // as above
  }

  #start(action: unknown, params: unknown, context: unknown, options: TaskOptions | undefined, entered = false): Task {
    if (this.#closing !== undefined) throw closedError(this.name);
    const entry = this.#entry(action);
    if (isHeddleError(entry)) {
      return this.#dispatcher.startRefused(REFUSED_ENTRY, parseTaskOptions(options, DEFAULT_TASK_OPTIONS), entry);
    }
    return this.#dispatcher.start(entry, parseTaskOptions(options, entry.options), params, context, entered);
  }

  #entry(action: unknown): ActionEntry | HeddleError {
    try {
      return this.#actions.entry(action);
    } catch (error) {
      if (isHeddleError(error)) return error;
      throw error;
    }
  }

  await<V>(ref: AsyncRef<V>, options?: number | AwaitOptions): Promise<Outcome<V>> {
    try {
      const parsed = parseAwaitOptions(options);
      const opened = this.#open(ref, 'Invalid async ref');
      if (isHeddleError(opened)) return Promise.resolve(fail(opened));
      return waitFor(opened, parsed, this.#clock, (task) => this.#cancelAfterWait(task)) as Promise<Outcome<V>>; // the ref's own type
    } catch (error) {
      return Promise.reject(error);
    }
  }

  awaitTask(task: Task, options: number | AwaitOptions | undefined): Promise<Outcome> {
    try {
      return waitFor(task, parseAwaitOptions(options), this.#clock, (late) => this.#cancelAfterWait(late));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #cancelAfterWait(task: Task): void {
    // Several waits may run out at once: together they are no second cancel, which would cut it short.
    if (task.phase !== 'compensating') this.#dispatcher.end(task, cancelledError(task.entry.action.name, 'its await timed out'));
  }

  cancel(ref: AsyncRef | string, reason?: string): Promise<Outcome<undefined>> {
    if (typeof ref === 'string' && ref.startsWith(this.idPrefix)) return this.#cancelById(ref, reason);
    const task = this.#open(ref, 'Invalid async ref for cancellation');
    return isHeddleError(task) ? Promise.resolve(fail(task)) : this.cancelTask(task, reason);
  }

  #cancelById(id: string, reason: string | undefined): Promise<Outcome<undefined>> {
    const key = id.slice(this.idPrefix.length);
    const task = [...this.#dispatcher.open()].find((open) => String(open.key) === key);
    if (task !== undefined) return this.cancelTask(task, reason);
    // Settled tasks are not kept: that it once was is all there is to say, and all that cancelling it needs.
    if (this.#dispatcher.hasStarted(key)) return Promise.resolve(CANCEL_DONE);
    return Promise.resolve(fail(new HeddleError('not_found', `No task has the id ${id}`)));
  }

  cancelTask(task: Task, reason = 'cancelled'): Promise<Outcome<undefined>> {
    if (task.outcome !== undefined) return Promise.resolve(CANCEL_DONE);
    const settled = new Promise<Outcome<undefined>>((resolve) => task.addWaiter(() => resolve(CANCEL_DONE)));
    this.#dispatcher.end(task, cancelledError(task.entry.action.name, String(reason)));
    return settled;
  }

  #open(ref: unknown, message: string): Task | HeddleError {
    const opened = TaskRef.open(ref);
    if (opened === undefined) return new HeddleError('invalid_async_ref', message);
    if (opened.host === this) return opened.task;
    return new HeddleError('not_owner', `Only the owner of a task may await or cancel it: it belongs to runtime ${opened.host.name}`);
  }

  map<P, V>(action: Action<P, V>, items: Iterable<P> | AsyncIterable<P>, options?: MapOptions): AsyncIterableIterator<MapItem<P, V>> {
    if (this.#closing !== undefined) throw closedError(this.name);
    const entry = this.#actions.entry(action);
    const { plan, context, taskOptions } = splitMapOptions(options);
    const parsed = parseTaskOptions(taskOptions, { ...entry.options, timeoutMs: Number.POSITIVE_INFINITY, maxRetries: 0 });
    const host = {
      start: (params: P): Task => {
        if (this.#closing !== undefined) throw closedError(this.name);
        return this.#dispatcher.start(entry, parsed, params, context, true);
      },
      room: () => this.#dispatcher.room(parsed.signal),
      cancel: (task: Task, reason: string) => this.#dispatcher.end(task, cancelledError(entry.action.name, reason)),
      withdraw: (task: Task) => this.#dispatcher.withdraw(task, cancelledError(entry.action.name, 'the map was drained')),
      guard: (callback: string, task: Task, call: () => void) => this.#dispatcher.guard(callback, task, call),
      window: () => windowFor(entry.estimate.us, this.#dispatcher.scheduler.maxLanes * this.#options.concurrency),
    };
    return new MapRun<P, V>(host, items, plan);
  }

  chain<const S extends readonly ChainStep[]>(
    steps: S,
    ...[params, context, options]: ChainArguments<S>
  ): Promise<ChainOutcome<ChainValue<S>>> {
    if (this.#closing !== undefined) return Promise.reject(closedError(this.name));
    return runChain(this.#host, steps, params, context, options) as Promise<ChainOutcome<ChainValue<S>>>; // as for `run`
  }

  plan<V extends object>(steps: PlanSteps<V>, context?: Context, options?: PlanOptions): Promise<PlanOutcome<V>> {
    if (this.#closing !== undefined) return Promise.reject(closedError(this.name));
    return runPlan(this.#host, steps, context, options) as Promise<unknown> as Promise<PlanOutcome<V>>; // as for `run`
  }

  get actions(): ReadonlyMap<string, RegisteredAction> {
    return this.#registry.actions;
  }

  register(source: string | URL | RegisteredAction): Promise<ReadonlyMap<string, RegisteredAction>> {
    return this.#registry.register(source);
  }

  stats(): RuntimeStats {
    return statsOf(this.name, this.#dispatcher);
  }

  ready(lanes?: number): Promise<void> {
    return this.#dispatcher.ready(lanes ?? Math.max(1, this.#options.minLanes));
  }

  close(options: CloseOptions = {}): Promise<void> {
    const { graceMs = this.#options.graceMs } = options;
    const faults = closeOptionFaults(options);
    if (faults.length > 0) return Promise.reject(new HeddleError('invalid_input', `Invalid close options: ${faults.join('; ')}`));
    this.#closing ??= this.#close(graceMs);
    return this.#closing;
  }

  async #close(graceMs: number): Promise<void> {
    await this.#dispatcher.drain(graceMs);
    await this.#dispatcher.closeLanes();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * How many tasks of an action keep the lanes busy: two for each lane, and for tiny ones the two milliseconds of work that may be on a
 * lane and on its way to one.
 */
function windowFor(estimateUs: number | undefined, lanes: number): number {
  const ahead = estimateUs === undefined ? 0 : Math.min(1024, Math.floor(2000 / (estimateUs + 1)));
  return Math.max(1, lanes) * (2 + ahead);
}

/** Stands for what was no action, so that its task has a name in logs. */
const REFUSED_ENTRY: ActionEntry = Object.freeze({
  action: Object.freeze({ name: '(invalid)', module: '', tags: [] }) as unknown as Action, // only its metadata is ever read
  params: undefined,
  objectParams: true,
  options: DEFAULT_TASK_OPTIONS,
  estimate: new Estimate(),
  role: 'run',
  compensation: undefined,
});

/** What `cancel` answers once there is nothing left to cancel. */
const CANCEL_DONE: Outcome<undefined> = ok(undefined);
