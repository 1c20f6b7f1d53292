import { type Failure, fail, type HeddleError, type Outcome } from '@heddle/core';
import type { ActionEntry, ActionTable } from './action-table.ts';
import { type Admitted, admit } from './admission.ts';
import type { Clock } from './clock.ts';
import { Compensations } from './compensation.ts';
import type { RuntimeEvent } from './event.ts';
import { Ladder } from './ladder.ts';
import type { Lane } from './lane/lane.ts';
import { LaneKeeper } from './lane/lane-keeper.ts';
import type { ThreadPool } from './lane/thread-pool.ts';
import { LaneLosses, STUCK } from './lane-losses.ts';
import { type Nested, NestHost } from './nest-host.ts';
import type { ParsedRuntimeOptions } from './options.ts';
import { Carrier } from './propagation/carrier.ts';
import type { AgentSaying } from './protocol/agent.ts';
import { decodeOutcome } from './protocol/codec.ts';
import {
  type LaneOutput,
  OUTCOME_STRIDE,
  OUTPUT_AGENT,
  OUTPUT_END_CHILD,
  OUTPUT_OUTCOMES,
  OUTPUT_PARK,
  OUTPUT_RETIRE,
  OUTPUT_START,
  OUTPUT_VALUES,
} from './protocol/output.ts';
import { QueueGate } from './queue-gate.ts';
import { createRedactor } from './redactor.ts';
import { Reporter } from './reporter.ts';
import { backoffMs, shouldRetry } from './retry.ts';
import type { LaneScheduler, SchedulerEffects } from './scheduler/ports.ts';
import { Scheduler } from './scheduler/scheduler.ts';
import { SideMessages } from './side-messages.ts';
import { abortReason, SignalHub } from './signal-hub.ts';
import { Task } from './task.ts';
import { deadlineOf, hasClocks, spentError, TaskClocks } from './task-clocks.ts';
import { cancelledError, loadTimeoutError, overloadedError, timeoutError } from './task-error.ts';
import type { ParsedTaskOptions } from './task-options.ts';
import { isTraced } from './telemetry/channel.ts';
import { Telemetry } from './telemetry/task-tracer.ts';

const TICK_MS = 2;

/** What a dispatcher may be given in the place of its own. */
export interface DispatcherParts {
  readonly random?: () => number;
  readonly createScheduler?: (effects: SchedulerEffects<Task>) => LaneScheduler<Task>;
  /** Where the tasks go that actions start on its lanes. */
  readonly nestedIn?: Dispatcher;
  /** Told of what agents on its lanes say. */
  readonly agentSaid?: (saying: AgentSaying) => void;
}

/**
 * Carries tasks from start to outcome: admission, queue, lane, retries, the cancel ladder.
 * Guarantees: exactly one outcome for each task, however cancel, completion, timeout, crash and close race (SEMANTICS E-8).
 */
export class Dispatcher {
  readonly idPrefix: string;
  readonly #options: ParsedRuntimeOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #scheduler: LaneScheduler<Task>;
  readonly #keeper: LaneKeeper;
  readonly #ladder: Ladder;
  readonly #signals: SignalHub<Task>;
  readonly #retrying = new Set<Task>();
  readonly #hosted = new Set<Task>();
  readonly #gate: QueueGate;
  readonly #reporter: Reporter;
  readonly #side: SideMessages;
  readonly #compensations: Compensations;
  readonly #nest: NestHost;
  readonly #carrier: Carrier | undefined;
  readonly #telemetry: Telemetry;
  readonly #agentSaid: ((saying: AgentSaying) => void) | undefined;
  #numbers = 0;
  // Invariant: tasks started and not settled. The close waits for it to be zero.
  #active = 0;
  #onIdle: (() => void) | undefined;
  completed = 0;
  failed = 0;
  cancelled = 0;

  constructor(
    options: ParsedRuntimeOptions,
    actions: ActionTable,
    pool: ThreadPool,
    clock: Clock,
    idPrefix: string,
    parts: DispatcherParts = {},
  ) {
    this.#random = parts.random ?? Math.random;
    this.#agentSaid = parts.agentSaid;
    this.#options = options;
    this.#clock = clock;
    this.idPrefix = idPrefix;
    const effects: SchedulerEffects<Task> = {
      // After the microtasks: what one batch of outcomes set going, promise after promise, shares a message.
      requestFlush: () => process.nextTick(() => this.#flush()),
      openLane: () => this.#keeper.open(),
      replaceLane: (lane) => this.#keeper.dispose(lane as Lane), // only its own lanes are ever the scheduler's
      requestTick: () => void clock.after(TICK_MS, () => clock.turn(() => this.#scheduler.tick()), true),
      now: () => clock.now(),
    };
    this.#scheduler = parts.createScheduler?.(effects) ?? new Scheduler<Task>(options, effects);
    this.#gate = new QueueGate(options.queueLimit, options.whenFull, this.#scheduler);
    this.#reporter = new Reporter(options.logger, options.onEvent, options.name, createRedactor(options.redact));
    this.#carrier = options.propagators === undefined ? undefined : new Carrier(options.propagators, this.#reporter);
    this.#telemetry = new Telemetry(options.name, idPrefix, clock);
    this.#compensations = new Compensations({
      submit: (task) => this.#scheduler.submit(task),
      end: (task, error) => this.end(task, error),
      settle: (task, outcome) => this.#settle(task, outcome),
    });
    const main = parts.nestedIn ?? this;
    this.#nest = new NestHost(actions, this.#scheduler, clock, this.#reporter, idPrefix, {
      start: (entry, taskOptions, params, context, nested) => main.start(entry, taskOptions, params, context, true, nested),
      end: (task, error) => main.end(task, error),
    });
    this.#side = new SideMessages(idPrefix, options.logger, this.#reporter, this.#carrier);
    const losses = new LaneLosses(idPrefix, this.#scheduler, this.#reporter, {
      attemptEnded: (task, outcome) => this.#attemptEnded(task, outcome),
      end: (task, error) => this.end(task, error),
      placeFreed: () => this.#gate.admit(),
    });
    this.#keeper = new LaneKeeper(pool, clock, { ...options, idPrefix }, this.#scheduler, {
      lane: {
        message: (lane, output) => this.#receive(lane, output),
        unsendable: (lane, task, error) => this.#unsendable(lane, task, error),
      },
      overdue: (lane, task, what) => this.#overdue(lane, task, what),
      laneGone: (lane, begun, moved, end, killed) => losses.laneGone(lane, begun, moved, end, killed),
      zombie: (lane, begun) => losses.zombie(lane, begun),
      zombieEnded: (lane) => losses.zombieEnded(lane),
      openFailed: (error) => losses.openFailed(error),
    });
    this.#ladder = new Ladder(clock, options.graceMs, this.#scheduler, this.#keeper, {
      settle: (task, outcome) => this.#settle(task, outcome),
      leftQueue: () => this.#gate.admit(),
      leftRetrying: (task) => this.#retrying.delete(task),
      cancelCompensation: (task, error) => this.#compensations.cancel(task, error),
      leftLane: (lane) => this.#progressed(lane),
    });
    this.#signals = new SignalHub((task, reason) => this.end(task, cancelledError(task.entry.action.name, abortReason(reason))));
    this.#keeper.openMinimum();
  }

  get scheduler(): Pick<LaneScheduler<Task>, 'queued' | 'lanes' | 'maxLanes'> {
    return this.#scheduler;
  }

  get keeper(): Pick<LaneKeeper, 'zombies' | 'lanesLost' | 'lanesKilled' | 'ready' | typeof Symbol.iterator> {
    return this.#keeper;
  }

  get retrying(): number {
    return this.#retrying.size;
  }

  get compensating(): number {
    return this.#compensations.size;
  }

  /**
   * Starts a task. Whatever is wrong with its input becomes its outcome. `entered`: the caller has waited for its place, and is not
   * asked for it again.
   */
  start(
    entry: ActionEntry,
    options: ParsedTaskOptions,
    params: unknown,
    context: unknown,
    entered = false,
    nested: Nested | undefined = undefined,
  ): Task {
    const admitted = admit(entry, params, context);
    const task = new Task(nested === undefined ? this.nextKey() : nested.key, entry, options, undefined, undefined);
    if (nested !== undefined) place(task, nested);
    this.#active++;
    const unfit = this.#telemetry.started(task, this.#capture);
    const refusal = 'ok' in admitted ? admitted : (this.#refusal(entry, options, entered, nested !== undefined) ?? unfit);
    if (refusal !== undefined) {
      this.#settle(task, refusal);
      return task;
    }
    const { params: sent, context: sentContext } = admitted as Admitted; // no refusal, so it was admitted
    task.params = sent;
    task.context = sentContext;
    this.#launch(task);
    return task;
  }

  /** A number that no other task of this runtime has. */
  nextKey(): number {
    return this.#numbers++;
  }

  /** Sends a task out that somebody else has made and checked: a step of a coroutine, a stream. */
  launch(task: Task): void {
    this.#active++;
    this.#launch(task);
  }

  #launch(task: Task): void {
    const { options } = task;
    if (options.signal !== undefined) this.#signals.add(options.signal, task);
    if (hasClocks(options)) this.#openClocks(task);
    this.#scheduler.submit(task);
  }

  /**
   * Takes a task in that stands for work somebody else carries out: its signal and its clocks are watched here, and its end is told here.
   * Answers what a strict propagator has against it.
   */
  host(task: Task, host: { end(error: HeddleError): void }): Failure | undefined {
    task.phase = 'hosted';
    task.host = host;
    this.#active++;
    this.#hosted.add(task);
    const unfit = this.#telemetry.started(task, this.#capture);
    const { options, entry } = task;
    if (options.signal !== undefined) this.#signals.add(options.signal, task);
    if (hasClocks(options)) this.#openClocks(task);
    const spent = spentError(entry.action.name, options, this.#clock.wall());
    if (options.signal?.aborted === true) this.end(task, cancelledError(entry.action.name, abortReason(options.signal.reason)));
    else if (spent !== undefined) this.end(task, spent);
    return unfit;
  }

  /** What a hosted task stands for has ended. */
  hostEnded(task: Task, outcome: Outcome): void {
    this.#hosted.delete(task);
    this.#settle(task, outcome);
  }

  /** In the caller's async context, as is the start of every task. Without propagators there is nothing to capture. */
  readonly #capture = (task: Task): Failure | undefined => (task.nested ? undefined : this.#carrier?.capture(task));

  /** Whether it matters in whose async context tasks are started. */
  get needsCaller(): boolean {
    return this.#carrier !== undefined || isTraced();
  }

  #openClocks(task: Task): void {
    task.startedMs = this.#clock.now();
    task.deadlineMs = deadlineOf(task.options, task.startedMs, this.#clock.wall());
    task.clocks = new TaskClocks(this.#clock, task, {
      expire: (late, error) => {
        late.lastAttempt = true;
        this.end(late, error);
      },
      leaveQueue: (late, error) => void this.#ladder.leaveQueue(late, error),
    });
    task.clocks.queued();
  }

  /** A task that ends at once: the action itself was refused. */
  startRefused(entry: ActionEntry, options: ParsedTaskOptions, error: HeddleError): Task {
    const task = new Task(this.#numbers++, entry, options, undefined, undefined);
    this.#active++;
    this.#telemetry.started(task, () => undefined);
    this.#settle(task, fail(error));
    return task;
  }

  #refusal(entry: ActionEntry, options: ParsedTaskOptions, entered: boolean, nested: boolean): Failure | undefined {
    const { name } = entry.action;
    if (options.signal?.aborted === true) return fail(cancelledError(name, abortReason(options.signal.reason)));
    const spent = spentError(name, options, this.#clock.wall());
    if (spent !== undefined) return fail(spent);
    if (this.#scheduler.stuck) return fail(overloadedError(STUCK));
    // Nested work is let in whatever waits: a place is held for it already, its parent's.
    if (nested || (entered && this.#options.whenFull === 'wait') || this.#gate.hasRoom()) return undefined;
    if (this.#options.whenFull !== 'drop-oldest')
      return fail(overloadedError(`The queue is full: ${this.#options.queueLimit} tasks wait (\`queue.limit\`)`));
    this.#dropOldest();
    return this.#gate.hasRoom() ? undefined : fail(overloadedError('The queue takes no tasks: `queue.limit` is 0'));
  }

  /** Whether whoever comes now has to wait for {@link room} first. */
  mustWait(): boolean {
    return this.#gate.mustWait();
  }

  /** Waits for a place in the queue, when that is what a full queue means here. At once otherwise. */
  room(signal?: AbortSignal): Promise<void> {
    return this.#gate.enter(signal);
  }

  #flush(): void {
    this.#scheduler.flush();
    // The queue may be shorter now, without any task having ended.
    this.#gate.admit();
  }

  #dropOldest(): void {
    const oldest = this.#scheduler.oldest();
    if (oldest !== undefined)
      this.end(oldest, overloadedError(`The queue is full: dropped as the oldest of ${this.#options.queueLimit} waiting tasks`));
  }

  /** Ends a task before its time, as gently as where it stands allows. */
  end(task: Task, error: HeddleError): void {
    this.#ladder.end(task, error);
    if (task.phase === 'ending' && task.children !== undefined) this.#nest.parentEnding(task);
  }

  /** Ends a task only if it has not begun; answers whether it did. */
  withdraw(task: Task, error: HeddleError): boolean {
    return this.#ladder.withdraw(task, error);
  }

  #overdue(_lane: Lane, task: Task, what: 'timeout' | 'loadTimeout'): void {
    const { action } = task.entry;
    if (what === 'timeout') {
      this.end(task, timeoutError(action.name, task.options.timeoutMs));
      return;
    }
    // Nothing in a module that is still loading listens to a signal.
    const error = loadTimeoutError(action.name, action.module, this.#options.loadTimeoutMs);
    this.#failLoads(task.entry, error);
    this.#ladder.endByForce(task, error);
  }

  #receive(lane: Lane, output: LaneOutput): void {
    switch (output[0]) {
      case OUTPUT_OUTCOMES:
        this.#receiveOutcomes(lane, output);
        return;
      case OUTPUT_RETIRE:
        this.#scheduler.retire(lane);
        this.#disposeIfIdle(lane);
        return;
      case OUTPUT_START:
      case OUTPUT_PARK:
      case OUTPUT_END_CHILD:
        this.#nest.receive(lane, output);
        return;
      case OUTPUT_VALUES:
        lane.at(output[1], output[2])?.onValues?.(output[3]);
        return;
      case OUTPUT_AGENT:
        this.#agentSaid?.(output[1]);
        return;
      default:
        this.#side.receive(lane, output);
    }
  }

  /** Of a lane that gets nothing new, or a spare that asked to be replaced. */
  #disposeIfIdle(lane: Lane): void {
    if (lane.inFlight === 0 && (this.#scheduler.retires(lane) || !this.#scheduler.knows(lane))) this.#keeper.dispose(lane);
  }

  #receiveOutcomes(lane: Lane, batch: readonly unknown[]): void {
    for (let offset = 1; offset < batch.length; offset += OUTCOME_STRIDE) {
      const task = lane.settle(batch[offset] as number); // written by the lane's outcome buffer
      if (task === undefined) continue;
      task.durationUs = batch[offset + 2] as number;
      task.trace?.ran(task.durationUs);
      // A module that failed to load took no time, and says nothing of the action's.
      if (task.durationUs > 0) task.entry.estimate.add(task.durationUs);
      this.#scheduler.taskLeft(lane, task);
      this.#attemptEnded(task, decodeOutcome(batch[offset + 1], batch[offset + 3]));
    }
    this.#progressed(lane);
  }

  #progressed(lane: Lane): void {
    this.#scheduler.progressed(lane);
    this.#gate.admit();
    this.#disposeIfIdle(lane);
  }

  /** One attempt is over. A task that was asked to end ends with what it was asked for; its directive is kept. */
  #attemptEnded(task: Task, ended: Outcome): void {
    if (task.children !== undefined) this.#nest.attemptEnded(task);
    const outcome = task.ending === undefined ? ended : fail(task.ending, ended.directive);
    const waitMs = outcome.ok ? 0 : backoffMs(task.attempts, task.options, this.#random);
    // A retry that could not begin in time is no retry: the failure is told now.
    if (outcome.ok || this.#clock.now() + waitMs >= task.deadlineMs || !this.#wantsRetry(task, outcome.error)) {
      task.trace?.attemptEnded(task, outcome, false);
      if (!outcome.ok && outcome.error.type === 'load_error') this.#failLoads(task.entry, outcome.error);
      this.#settle(task, outcome);
      return;
    }
    task.trace?.attemptEnded(task, outcome, true);
    task.timer?.cancel();
    task.phase = 'retrying';
    task.lastError = outcome.error;
    task.ending = undefined;
    task.loadingSinceMs = undefined;
    this.#retrying.add(task);
    task.timer = this.#clock.after(waitMs, () => this.#retry(task));
  }

  #wantsRetry(task: Task, error: HeddleError): boolean {
    if (task.lastAttempt) return false;
    const wants = this.guard('retryIf', task, () => shouldRetry(error, task.attempts, task.options)) ?? false;
    // Asked again: a `retryIf` may itself cancel.
    return wants && !task.lastAttempt;
  }

  /** Calls a callback of the user's that belongs to a task; `undefined` when it threw, which is reported. */
  guard<R>(callback: string, task: Task, call: () => R): R | undefined {
    return this.#reporter.guard(callback, this.idPrefix + task.key, call, task.options.telemetry === 'silent');
  }

  /** Tells operators what no outcome tells. */
  tell(event: RuntimeEvent, task: Task): void {
    this.#reporter.tell(event, task.options.telemetry === 'silent');
  }

  #retry(task: Task): void {
    this.#retrying.delete(task);
    task.timer = undefined;
    task.trace?.ready();
    task.phase = 'queued';
    if (this.#scheduler.stuck) {
      this.#settle(task, fail(overloadedError(STUCK)));
      return;
    }
    task.clocks?.queued();
    this.#scheduler.submit(task);
  }

  /** A module that does not load fails everything that waits for it: each would only need another thread to learn the same. */
  #failLoads(entry: ActionEntry, error: HeddleError): void {
    for (const task of [...this.#scheduler.waiting]) if (task.entry === entry) this.end(task, error);
  }

  #unsendable(lane: Lane, task: Task, error: HeddleError): void {
    this.#scheduler.taskLeft(lane, task);
    this.#settle(task, fail(error));
    // The scheduler is in the middle of sending: it looks at the lane again when it is done.
    queueMicrotask(() => this.#progressed(lane));
  }

  #settle(task: Task, outcome: Outcome): void {
    if (task.compensates !== undefined) {
      task.settle(outcome);
      return;
    }
    if (task.entry.compensation !== undefined && this.#compensations.begin(task, outcome)) return;
    if (task.options.signal !== undefined) this.#signals.remove(task.options.signal, task);
    if (outcome.ok) this.completed++;
    else if (outcome.error.type === 'cancelled') this.cancelled++;
    else this.failed++;
    task.settle(outcome);
    task.trace?.settled(task, outcome);
    this.#active--;
    if (this.#active === 0) this.#onIdle?.();
  }

  /** Whether a task of this key, or of a nested one the first above it, was ever started. */
  hasStarted(key: string): boolean {
    // Only what was given out: `Number` takes `''`, `0x0` and the like for a number as well.
    const root = /^(0|[1-9]\d*)(\/.+)?$/.exec(key)?.[1];
    return root !== undefined && Number(root) < this.#numbers;
  }

  /** Every task that has not settled, gathered where they are: rarely asked for, and tasks pay nothing for it. */
  *open(): Iterable<Task> {
    for (const task of this.#scheduler.waiting) if (task.compensates === undefined) yield task;
    for (const task of this.#retrying) if (task.compensates === undefined) yield task;
    yield* this.#compensations.tasks();
    yield* this.#hosted;
    for (const lane of this.#keeper.all()) yield* lane.tasks().filter(({ compensates }) => compensates === undefined);
  }

  /** Settles when every task has. After `graceMs`, what is left is cancelled. */
  async drain(graceMs: number): Promise<void> {
    this.#gate.open();
    if (this.#active === 0) return;
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
    const closed = (task: Task): HeddleError => cancelledError(task.entry.action.name, `runtime ${this.#options.name} was closed`);
    const endAll = (): void => {
      for (const task of [...this.open()]) this.end(task, closed(task));
      this.#compensations.cutShort(closed);
    };
    const limit = graceMs === Number.POSITIVE_INFINITY ? undefined : this.#clock.after(graceMs, endAll);
    if (graceMs === 0) endAll();
    await idle;
    limit?.cancel();
  }

  /** Opens lanes until `count` serve. */
  ready(count: number): Promise<void> {
    this.#keeper.openUpTo(count);
    return this.#keeper.ready(count);
  }

  async closeLanes(): Promise<void> {
    await this.#keeper.close();
  }
}

/** Puts a task below the one that started it. */
function place(task: Task, { parent }: Nested): void {
  task.parent = parent;
  task.owner = parent.owner;
  // What its parent was started with, whatever the parent has made of it.
  task.carried = parent.carried;
  task.depth = parent.depth + 1;
}
