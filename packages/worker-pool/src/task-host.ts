import { type Action, type AwaitOptions, type HeddleError, isHeddleError, type Outcome, ok } from '@heddle/core';
import type { Validator } from '@heddle/core/validation';
import type { ActionEntry, ActionTable } from './action-table.ts';
import type { AgentHandle } from './agent/agent-handle.ts';
import type { AgentHost } from './agent/agent-host.ts';
import type { Clock } from './clock.ts';
import type { CoroutineHost } from './coroutine/coroutine-host.ts';
import { CoroutineRef } from './coroutine/coroutine-ref.ts';
import type { CoroutineRun } from './coroutine/coroutine-run.ts';
import type { Dispatcher } from './dispatcher.ts';
import { explainItem, explainTask } from './explain/explain.ts';
import type { TaskExplanation } from './explain/explanation.ts';
import { type LaneReport, reportLanes } from './explain/lane-report.ts';
import type { RuntimeView } from './explain/view.ts';
import type { ParsedRuntimeOptions } from './options.ts';
import { OwnerNode } from './owner-node.ts';
import { Estimate } from './scheduler/estimate.ts';
import { abortReason, SignalHub } from './signal-hub.ts';
import type { StatefulLanes } from './stateful/stateful-lanes.ts';
import type { Task } from './task.ts';
import { closedError } from './task-error.ts';
import { DEFAULT_TASK_OPTIONS, parseTaskOptions, type TaskOptions } from './task-options.ts';
import type { RefHost } from './task-ref.ts';
import { parseAwaitOptions, waitFor } from './wait.ts';

/** What carries a runtime's stateful work. */
export interface StatefulHosts {
  readonly lanes: StatefulLanes;
  readonly coroutines: CoroutineHost;
  readonly agents: AgentHost;
}

/** What one runtime does with tasks, whoever of its owners asks: starts them, waits for them, cancels them. */
export class TaskHost implements RefHost {
  readonly idPrefix: string;
  readonly shared: boolean;
  readonly node: OwnerNode;
  readonly dispatcher: Dispatcher;
  readonly lanes: StatefulLanes;
  readonly coroutines: CoroutineHost;
  readonly agents: AgentHost;
  readonly #clock: Clock;
  /** The signals that end waits alone. */
  readonly #waits = new SignalHub<() => void>((abort) => abort());
  readonly #actions: ActionTable;
  readonly #options: ParsedRuntimeOptions;
  #closed = false;
  // Of the promise being made. One executor for all: a closure for each task is a tenth of what it leaves to the garbage collector.
  #resolve: (outcome: Outcome) => void = () => {};
  readonly #capture = (resolve: (outcome: Outcome) => void): void => {
    this.#resolve = resolve;
  };

  constructor(options: ParsedRuntimeOptions, actions: ActionTable, dispatcher: Dispatcher, stateful: StatefulHosts, clock: Clock) {
    const signals = new SignalHub<OwnerNode>((scope, reason) => void scope.dispose(abortReason(reason))); // never rejects
    this.node = new OwnerNode(options.name, undefined, signals);
    this.idPrefix = dispatcher.idPrefix;
    this.shared = options.ownership === 'shared';
    this.dispatcher = dispatcher;
    this.lanes = stateful.lanes;
    this.coroutines = stateful.coroutines;
    this.agents = stateful.agents;
    this.#clock = clock;
    this.#actions = actions;
    this.#options = options;
  }

  /** Takes no more work from now on. */
  close(): void {
    this.#closed = true;
  }

  /** @throws HeddleError `closed` */
  assertOpen(): void {
    if (this.#closed) throw closedError(this.node.name);
  }

  /** What is known of an action, or why it cannot be run. */
  entry(action: unknown): ActionEntry | HeddleError {
    try {
      return this.#actions.entry(action);
    } catch (error) {
      if (isHeddleError(error)) return error;
      throw error;
    }
  }

  /**
   * Starts a task. What is wrong with the action or its input becomes its outcome.
   *
   * @throws HeddleError `closed`, or `invalid_input` for options at fault
   */
  start(action: unknown, params: unknown, context: unknown, options: TaskOptions | undefined, entered: boolean): Task {
    this.assertOpen();
    const entry = this.entry(action);
    if (isHeddleError(entry)) {
      return this.dispatcher.startRefused(REFUSED_ENTRY, parseTaskOptions(options, DEFAULT_TASK_OPTIONS), entry);
    }
    return this.dispatcher.start(entry, parseTaskOptions(options, entry.options), params, context, entered);
  }

  /**
   * Starts a coroutine.
   *
   * @throws HeddleError `invalid_input` for options at fault
   */
  coroutine(action: unknown, params: unknown, context: unknown, options: unknown, started: (life: Task) => void): CoroutineRef {
    const { run, resumes } = this.coroutines.start(action, params, context, options, started);
    return this.coroutineRef(run, resumes);
  }

  /** A handle of a coroutine of this runtime. */
  coroutineRef(run: CoroutineRun, resumes: Validator | undefined): CoroutineRef {
    const guard = (callback: string, call: () => void): void => void this.dispatcher.guard(callback, run.life, call);
    return new CoroutineRef(this, run, { limits: this.coroutines.limits, resumes, guard });
  }

  /**
   * Starts an agent.
   *
   * @throws HeddleError `invalid_input` for options at fault and an id that is in use
   */
  agent(agent: unknown, state: unknown, options: unknown, started: (life: Task) => void): AgentHandle {
    const run = this.agents.start(agent, state, options);
    started(run.life);
    return this.agents.handleOf(run);
  }

  outcomeOf(task: Task): Promise<Outcome> {
    if (task.outcome !== undefined) return Promise.resolve(task.outcome);
    const promise = new Promise<Outcome>(this.#capture);
    task.addWaiter(this.#resolve);
    return promise;
  }

  awaitTask(task: Task, options: number | AwaitOptions | undefined): Promise<Outcome> {
    try {
      return waitFor(task, parseAwaitOptions(options), this.#clock, this.#waits, (late) => this.#cancelAfterWait(late));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #cancelAfterWait(task: Task): void {
    // Several waits may run out at once: together they are no second cancel, which would cut it short.
    if (task.phase !== 'compensating') this.cancel(task, 'its await timed out');
  }

  cancelTask(task: Task, reason = 'cancelled'): Promise<Outcome<undefined>> {
    if (task.outcome !== undefined) return Promise.resolve(CANCEL_DONE);
    this.cancel(task, String(reason));
    // What waits in the queue has settled by now.
    if (task.outcome !== undefined) return Promise.resolve(CANCEL_DONE);
    return new Promise((resolve) => task.addWaiter(() => resolve(CANCEL_DONE)));
  }

  cancel(task: Task, reason: string): void {
    this.dispatcher.cancel(task, reason);
  }

  /** The task of an id of ours; `'settled'` when it once was: such are not kept. */
  find(id: string): Task | 'settled' | undefined {
    const agent = this.agents.byId(id);
    if (agent !== undefined) return agent.life;
    const key = id.slice(this.idPrefix.length);
    const open = [...this.dispatcher.open()].find((task) => String(task.key) === key);
    return open ?? (this.dispatcher.hasStarted(key) ? 'settled' : undefined);
  }

  get #view(): RuntimeView {
    const { idPrefix, agents } = this;
    const { loadTimeoutMs, graceMs } = this.#options;
    const parts = { clock: this.#clock, main: this.dispatcher, stateful: this.lanes.opened };
    return { idPrefix, ...parts, loadTimeoutMs, graceMs, idOf: ({ key }) => agents.byKey(key)?.id ?? idPrefix + key };
  }

  /** Where a task stands; `undefined` when none that is open has the id. */
  explainId(id: string): TaskExplanation | undefined {
    const view = this.#view;
    const life = this.agents.byId(id)?.life;
    if (life !== undefined) return explainTask(life, view);
    if (!id.startsWith(this.idPrefix)) return undefined;
    const path = id.slice(this.idPrefix.length);
    const key = /^\d+$/.test(path) ? Number(path) : path;
    for (const task of this.dispatcher.tasks) if (task.key === key) return explainTask(task, view);
    const item = typeof key === 'number' ? this.dispatcher.packs.itemOf(key) : undefined;
    return item === undefined ? undefined : explainItem(item, view);
  }

  explain(task: Task): TaskExplanation {
    return explainTask(task, this.#view);
  }

  /** What its lanes do. */
  reportLanes(previous: readonly LaneReport[]): Promise<readonly LaneReport[]> {
    const { coroutines, agents } = this;
    const residents = { coroutinesOn: coroutines.residentsOn.bind(coroutines), agentsOn: agents.residentsOn.bind(agents) };
    return reportLanes({ view: this.#view, clock: this.#clock, isolation: this.#options.isolation, ...residents }, previous);
  }

  /**
   * How many tasks of an action keep the lanes busy: two for each lane, and for tiny ones the two milliseconds of work that may be on a
   * lane and on its way to one.
   */
  windowFor({ estimate: { us } }: ActionEntry): number {
    const ahead = us === undefined ? 0 : Math.min(1024, Math.floor(2000 / (us + 1)));
    return Math.max(1, this.dispatcher.scheduler.maxLanes * this.#options.concurrency) * (2 + ahead);
  }
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
export const CANCEL_DONE: Outcome<undefined> = ok(undefined);
