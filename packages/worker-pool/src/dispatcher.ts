import { type Failure, fail, type HeddleError, type Outcome } from '@heddle/core';
import type { ActionEntry, ActionTable } from './action-table.ts';
import { type Admitted, admit } from './admission.ts';
import { CancelledErrors } from './cancelled-errors.ts';
import type { Clock } from './clock.ts';
import { Compensations } from './compensation.ts';
import { Entrance } from './entrance.ts';
import type { RuntimeEvent } from './event.ts';
import type { Hosted } from './explain/standing.ts';
import { StartLog } from './explain/start-log.ts';
import { ObserverSlot } from './inspect/observer.ts';
import { Ladder } from './ladder.ts';
import type { Lane } from './lane/lane.ts';
import { LaneKeeper } from './lane/lane-keeper.ts';
import type { ThreadPool } from './lane/thread-pool.ts';
import { LaneLosses, STUCK } from './lane-losses.ts';
import { type Nested, NestHost } from './nest-host.ts';
import { OpenTasks } from './open-tasks.ts';
import type { ParsedRuntimeOptions } from './options.ts';
import { packOf } from './pack/pack.ts';
import { PackHost } from './pack/pack-host.ts';
import { Carrier } from './propagation/carrier.ts';
import type { AgentSaying } from './protocol/agent.ts';
import { nextOutcome, outcomeAt } from './protocol/outcome-batch.ts';
import {
  type LaneOutput,
  OUTPUT_AGENT,
  OUTPUT_END_CHILD,
  OUTPUT_LOOK,
  OUTPUT_OUTCOMES,
  OUTPUT_PACK,
  OUTPUT_PARK,
  OUTPUT_RETIRE,
  OUTPUT_SHAPE,
  OUTPUT_START,
  OUTPUT_UNREAD,
  OUTPUT_VALUES,
} from './protocol/output.ts';
import { QueueGate } from './queue-gate.ts';
import { createRedactor } from './redactor.ts';
import { Reporter } from './reporter.ts';
import { Retries } from './retries.ts';
import type { LaneScheduler, SchedulerEffects } from './scheduler/ports.ts';
import { Scheduler } from './scheduler/scheduler.ts';
import { sizeOf } from './scheduler/size.ts';
import { SideMessages } from './side-messages.ts';
import { abortReason, SignalHub } from './signal-hub.ts';
import { Task } from './task.ts';
import { deadlineOf, hasClocks, spentError, TaskClocks } from './task-clocks.ts';
import { cancelledError, overloadedError } from './task-error.ts';
import type { ParsedTaskOptions } from './task-options.ts';
import { isTraced } from './telemetry/channel.ts';
import { Telemetry } from './telemetry/task-tracer.ts';
import { type TenantStats, Tenants, type TenantTurn } from './tenant/tenants.ts';

const TICK_MS = 2;

/** What a dispatcher may be given in the place of its own. */
export interface DispatcherParts {
  readonly random?: () => number;
  readonly createScheduler?: (effects: SchedulerEffects<Task>) => LaneScheduler<Task>;
  /** Where the tasks go that actions start on its lanes. */
  readonly nestedIn?: Dispatcher;
  /** Told of what agents on its lanes say. */
  readonly agentSaid?: (saying: AgentSaying) => void;
  /** Whoever looks into the runtime, whichever of its dispatchers it is. */
  readonly observed?: ObserverSlot;
}

/**
 * Carries tasks from start to outcome: admission, queue, lane, retries, the cancel ladder.
 * Guarantees: exactly one outcome for each task, however cancel, completion, timeout, crash and close race (SEMANTICS E-8).
 */
export class Dispatcher {
  readonly idPrefix: string;
  readonly #options: ParsedRuntimeOptions;
  readonly #clock: Clock;
  /** Only where the runtime has any. */
  readonly #tenants: Tenants<Task> | undefined;
  readonly #scheduler: LaneScheduler<Task>;
  readonly #keeper: LaneKeeper;
  readonly #ladder: Ladder;
  readonly #signals: SignalHub<Task>;
  readonly #retries: Retries;
  readonly #entrance: Entrance;
  readonly #gate: QueueGate;
  readonly #reporter: Reporter;
  readonly #side: SideMessages;
  readonly #compensations: Compensations;
  readonly #nest: NestHost;
  readonly #carrier: Carrier | undefined;
  readonly #telemetry: Telemetry;
  readonly #losses: LaneLosses;
  readonly #open: OpenTasks;
  readonly #agentSaid: ((saying: AgentSaying) => void) | undefined;
  /** What maps send many items by. */
  readonly packs: PackHost;
  readonly #cancelledErrors = new CancelledErrors();
  readonly #starts = new StartLog();
  readonly observed: ObserverSlot;
  /** Told of what settles here; nobody is where only steps do, of what is counted as a whole. */
  readonly #counting: ObserverSlot;
  #numbers = 0;
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
    this.#agentSaid = parts.agentSaid;
    this.observed = parts.observed ?? new ObserverSlot();
    this.#counting = parts.nestedIn === undefined ? this.observed : new ObserverSlot();
    this.#options = options;
    this.#clock = clock;
    this.idPrefix = idPrefix;
    this.#tenants = options.tenants === undefined ? undefined : new Tenants<Task>(options.tenants, clock);
    this.#scheduler = this.#createScheduler(parts);
    this.#gate = new QueueGate(options.queueLimit, options.whenFull, this.#scheduler);
    const end = (task: Task, error: HeddleError): void => this.end(task, error);
    this.#entrance = new Entrance(options, clock, this.#scheduler, this.#gate, this.#tenants, end);
    this.#reporter = new Reporter(options.logger, options.onEvent, options.name, createRedactor(options.redact), this.observed);
    this.#carrier = options.propagators === undefined ? undefined : new Carrier(options.propagators, this.#reporter);
    this.#telemetry = new Telemetry(options.name, idPrefix, clock, this.observed);
    this.#retries = new Retries(clock, parts.random ?? Math.random, {
      again: (task) => this.#retry(task),
      guard: (callback, task, call) => this.guard(callback, task, call),
    });
    this.#compensations = new Compensations({
      submit: (task) => this.#submit(task),
      end: (task, error) => this.end(task, error),
      settle: (task, outcome) => this.#settle(task, outcome),
    });
    const main = parts.nestedIn ?? this;
    this.#nest = new NestHost(actions, this.#scheduler, clock, this.#reporter, idPrefix, {
      start: (entry, taskOptions, params, context, nested) => main.start(entry, taskOptions, params, context, true, nested),
      end: (task, error) => main.end(task, error),
    });
    this.#side = new SideMessages(
      idPrefix,
      options.logger,
      this.#reporter,
      this.#carrier,
      this.observed,
      options.given.tenants !== undefined,
    );
    this.#losses = new LaneLosses(options, idPrefix, this.#scheduler, this.#reporter, {
      attemptEnded: (task, outcome) => this.#attemptEnded(task, outcome),
      end: (task, error) => this.end(task, error),
      endByForce: (task, error) => this.#ladder.endByForce(task, error),
      placeFreed: () => this.#admit(),
      packOverdue: (task, lane) => this.packs.overdue(task, lane),
      lostOf: (lane, begun) => this.packs.lost(lane, begun),
    });
    this.packs = this.#createPacks();
    this.#keeper = new LaneKeeper(pool, clock, { ...options, idPrefix }, this.#scheduler, {
      lane: {
        message: (lane, output) => this.#receive(lane, output),
        unsendable: (lane, task, error) => this.#unsendable(lane, task, error),
        runnerAt: (pack, generation) => this.packs.runnerAt(pack, generation),
      },
      lost: this.#losses,
    });
    this.#open = new OpenTasks(this.#scheduler, this.#retries, this.#compensations, this.#keeper);
    this.#ladder = new Ladder(clock, options.graceMs, this.#scheduler, this.#keeper, {
      settle: (task, outcome) => this.#settle(task, outcome),
      end: (task, error) => this.end(task, error),
      leftQueue: () => this.#admit(),
      leftRetrying: (task) => this.#retries.left(task),
      cancelCompensation: (task, error) => this.#compensations.cancel(task, error),
      leftLane: (lane) => this.#progressed(lane),
    });
    this.#signals = new SignalHub((task, reason) => this.cancel(task, abortReason(reason)));
    this.#keeper.openMinimum();
  }

  #createScheduler(parts: DispatcherParts): LaneScheduler<Task> {
    const clock = this.#clock;
    const effects: SchedulerEffects<Task> = {
      // After the microtasks: what one batch of outcomes set going, promise after promise, shares a message.
      requestFlush: () => process.nextTick(() => this.#flush()),
      openLane: () => {
        this.#starts.note(this.#numbers, clock.now());
        this.#keeper.open();
      },
      replaceLane: (lane) => this.#keeper.dispose(lane as Lane), // only its own lanes are ever the scheduler's
      requestTick: () => void clock.after(TICK_MS, () => clock.turn(() => this.#scheduler.tick()), true),
      now: () => clock.now(),
    };
    return parts.createScheduler?.(effects) ?? new Scheduler<Task>(this.#options, effects, this.#tenants);
  }

  #createPacks(): PackHost {
    const { queueLimit, concurrency, isolation } = this.#options;
    const unbounded = queueLimit === Number.POSITIVE_INFINITY && this.#tenants === undefined;
    const plain = unbounded && concurrency === 1 && this.#carrier === undefined;
    // The items of a pack share memory between host and lane, which processes cannot.
    const allowed = plain && isolation !== 'process';
    return new PackHost(this.#clock, this.#scheduler, allowed, {
      reserveKeys: (count) => this.#reserveKeys(count),
      started: (count) => this.#open.started(count),
      completed: (count) => this.#completed(count),
      single: (task) => this.#watchSignal(task),
      attemptEnded: (task, outcome) => this.#attemptEnded(task, outcome),
      end: (task, error) => this.end(task, error),
      progressed: (lane) => this.#progressed(lane),
      each: () => this.observed.current?.each === true,
    });
  }

  #reserveKeys(count: number): number {
    this.#numbers += count;
    return this.#numbers - count;
  }

  #completed(count: number): void {
    this.completed += count;
    this.#open.settled(count);
  }

  #watchSignal(task: Task): void {
    const { signal } = task.options;
    if (signal !== undefined && !signal.aborted) this.#signals.add(signal, task);
  }

  get scheduler(): Pick<LaneScheduler<Task>, 'queued' | 'waiting' | 'lanes' | 'opening' | 'idle' | 'maxLanes' | 'stuck' | 'retires'> {
    return this.#scheduler;
  }

  get keeper(): Pick<LaneKeeper, 'zombies' | 'lanesLost' | 'lanesKilled' | 'ready' | 'kept' | typeof Symbol.iterator> {
    return this.#keeper;
  }

  /** What there is to say of tenants; empty where the runtime has none. */
  get tenants(): readonly TenantStats[] {
    return this.#tenants?.stats() ?? [];
  }

  /** Why it is not a task's turn, where the runtime has tenants. */
  turnOf(task: Task): TenantTurn | undefined {
    return this.#tenants?.turnOf(task);
  }

  get retrying(): number {
    return this.#retries.size;
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
    if (nested !== undefined) {
      place(task, nested);
      task.notedMs = this.#clock.now();
    }
    this.#open.started();
    const unfit = this.#telemetry.started(task, this.#capture, params);
    const refusal = 'ok' in admitted ? admitted : (this.#entrance.refusal(entry, options, entered, nested !== undefined) ?? unfit);
    if (refusal !== undefined) {
      this.#settle(task, refusal);
      return task;
    }
    const { params: sent, context: sentContext } = admitted as Admitted; // no refusal, so it was admitted
    task.params = sent;
    task.size = sizeOf(sent);
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
    this.#open.started();
    this.#launch(task);
    // Not at once: whoever launches is in the middle of it.
    if (this.#scheduler.stuck) queueMicrotask(() => this.end(task, overloadedError(STUCK)));
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
  host(task: Task, host: Hosted, params: unknown): Failure | undefined {
    task.phase = 'hosted';
    task.host = host;
    this.#open.hosted(task);
    const limited = this.#tenants?.host(task);
    const unfit = this.#telemetry.started(task, this.#capture, params);
    const { options, entry } = task;
    if (options.signal !== undefined) this.#signals.add(options.signal, task);
    if (hasClocks(options)) this.#openClocks(task);
    const spent = spentError(entry.action.name, options, this.#clock);
    if (options.signal?.aborted === true) this.end(task, cancelledError(entry.action.name, abortReason(options.signal.reason)));
    else if (spent !== undefined) this.end(task, spent);
    return limited === undefined ? unfit : fail(limited);
  }

  /** What a hosted task stands for has ended. */
  hostEnded(task: Task, outcome: Outcome): void {
    this.#open.hostEnded(task);
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
    task.clocks = new TaskClocks(this.#clock, task, this.#ladder);
    task.clocks.queued();
  }

  /** A task that ends at once: the action itself was refused. */
  startRefused(entry: ActionEntry, options: ParsedTaskOptions, error: HeddleError): Task {
    const task = new Task(this.#numbers++, entry, options, undefined, undefined);
    this.#open.started();
    this.#telemetry.started(task, () => undefined);
    this.#settle(task, fail(error));
    return task;
  }

  /**
   * Whether whoever comes now has to wait for {@link room} first. `paced`: it waits for its tenant, too, whatever a full queue means here.
   */
  mustWait(tenant?: unknown, paced: boolean = this.#options.whenFull === 'wait'): boolean {
    if (this.#gate.mustWait()) return true;
    return this.#tenants !== undefined && paced && isTenant(tenant) && this.#tenants.mustWait(tenant);
  }

  /** Whether somebody of the same tenant was quicker than whoever has waited for {@link room}. */
  lacksRoom(tenant: unknown): boolean {
    return this.#tenants !== undefined && isTenant(tenant) && !this.#tenants.hasRoom(tenant);
  }

  /** Waits for a place in the queue, when that is what a full queue means here, and for its tenant's limits. At once otherwise. */
  async room(signal?: AbortSignal, tenant?: unknown): Promise<void> {
    // Whoever waits for its own tenant stands in nobody's way.
    if (this.#tenants !== undefined && isTenant(tenant)) await this.#tenants.enter(tenant, signal);
    await this.#gate.enter(signal);
  }

  #flush(): void {
    this.#scheduler.flush();
    if (this.#scheduler.queued === 0) this.#starts.clear();
    else this.#starts.note(this.#numbers, this.#clock.now());
    // The queue may be shorter now, without any task having ended.
    this.#admit();
  }

  /** Something has left the queue or a lane: whoever waits outside may come in. */
  #admit(): void {
    this.#gate.admit();
    this.#tenants?.admit();
  }

  /** Ends a task before its time, as gently as where it stands allows. */
  end(task: Task, error: HeddleError): void {
    const pack = packOf(task);
    if (pack !== undefined) {
      this.packs.end(pack, error);
      return;
    }
    this.#ladder.end(task, error);
    if (task.phase === 'ending' && task.children !== undefined) this.#nest.parentEnding(task);
  }

  /** Ends a task because somebody asks for it. */
  cancel(task: Task, reason: string): void {
    this.end(task, this.#cancelledErrors.of(task.entry.action.name, reason));
  }

  /** Ends a task only if it has not begun; answers whether it did. */
  withdraw(task: Task, error: HeddleError): boolean {
    return this.#ladder.withdraw(task, error);
  }

  #receive(lane: Lane, output: LaneOutput): void {
    switch (output[0]) {
      case OUTPUT_OUTCOMES:
        this.#receiveOutcomes(lane, output);
        return;
      case OUTPUT_SHAPE:
        lane.rows.learn(output[1], output[2]);
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
      case OUTPUT_LOOK:
        lane.looked(output[1]);
        return;
      case OUTPUT_PACK:
        this.packs.receive(lane, output);
        return;
      case OUTPUT_UNREAD:
        lane.unread();
        // What shared the message with it waits there for nothing.
        this.#scheduler.retire(lane);
        this.#disposeIfIdle(lane);
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
    const { rows } = lane;
    for (let offset = 1; offset < batch.length; offset = nextOutcome(batch, offset, rows)) {
      const task = lane.settle(batch[offset] as number); // written by the lane's outcome buffer
      if (task === undefined) continue;
      // Below 0, it waited for a promise.
      const took = batch[offset + 2] as number;
      task.durationUs = Math.abs(took);
      task.trace?.ran(task.durationUs);
      // A module that failed to load took no time, and says nothing of the action's.
      if (took !== 0) task.entry.estimate.add(task.durationUs, took < 0);
      this.#tenants?.ran(task, task.durationUs);
      this.#scheduler.taskLeft(lane, task);
      this.#attemptEnded(task, outcomeAt(batch, offset, rows));
    }
    this.#progressed(lane);
  }

  #progressed(lane: Lane): void {
    this.#scheduler.progressed(lane);
    this.#admit();
    this.#disposeIfIdle(lane);
  }

  /** One attempt is over. A task that was asked to end ends with what it was asked for; its directive is kept. */
  #attemptEnded(task: Task, ended: Outcome): void {
    this.#tenants?.over(task);
    if (task.children !== undefined) this.#nest.attemptEnded(task);
    const outcome = task.ending === undefined ? ended : fail(task.ending, ended.directive);
    const retried = !outcome.ok && this.#retries.begin(task, outcome.error);
    task.trace?.attemptEnded(task, outcome, retried);
    if (retried) return;
    if (!outcome.ok && outcome.error.type === 'load_error') this.#losses.loadFailed(task.entry, outcome.error);
    this.#settle(task, outcome);
  }

  /** Calls a callback of the user's that belongs to a task; `undefined` when it threw, which is reported. */
  guard<R>(callback: string, task: Pick<Task, 'key' | 'options'>, call: () => R): R | undefined {
    return this.#reporter.guard(callback, this.idPrefix + task.key, call, task.options.telemetry === 'silent');
  }

  /** Ends a lane for what it holds: what has begun on it fails with the error, what has not goes elsewhere. */
  stopLane(lane: Lane, error: HeddleError): void {
    const begun = lane.tasks().filter((task) => lane.state(task) === 'begun');
    for (const task of begun) this.#ladder.endByForce(task, error);
    if (begun.length === 0) this.#keeper.dispose(lane);
  }

  /** Tells operators of what belongs to no task. */
  report(event: RuntimeEvent): void {
    this.#reporter.tell(event);
  }

  /** Tells operators what no outcome tells. */
  tell(event: RuntimeEvent, task: Task): void {
    this.#reporter.tell(event, task.options.telemetry === 'silent');
  }

  #retry(task: Task): void {
    task.clocks?.queued();
    this.#submit(task);
  }

  #submit(task: Task): void {
    if (this.#scheduler.stuck) this.#settle(task, fail(overloadedError(STUCK)));
    else this.#scheduler.submit(task);
  }

  #unsendable(lane: Lane, task: Task, error: HeddleError): void {
    this.#scheduler.taskLeft(lane, task);
    if (packOf(task) === undefined) this.#settle(task, fail(error));
    else this.packs.unsendable(task);
    // The scheduler is in the middle of sending: it looks at the lane again when it is done.
    queueMicrotask(() => this.#progressed(lane));
  }

  #settle(task: Task, outcome: Outcome): void {
    this.#tenants?.settled(task);
    if (task.compensates !== undefined) {
      task.settle(outcome);
      return;
    }
    if (task.entry.compensation !== undefined && this.#compensations.begin(task, outcome)) {
      task.mark = { sinceMs: this.#clock.now(), dueMs: undefined };
      return;
    }
    if (task.options.signal !== undefined) this.#signals.remove(task.options.signal, task);
    if (outcome.ok) this.completed++;
    else if (outcome.error.type === 'cancelled') this.cancelled++;
    else this.failed++;
    task.settle(outcome);
    task.trace?.settled(task, outcome);
    this.#counting.current?.counted(task, outcome);
    this.#open.settled();
  }

  /** Whether a task of this key, or of a nested one the first above it, was ever started. */
  hasStarted(key: string): boolean {
    // Only what was given out: `Number` takes `''`, `0x0` and the like for a number as well.
    const root = /^(0|[1-9]\d*)(\/.+)?$/.exec(key)?.[1];
    return root !== undefined && Number(root) < this.#numbers;
  }

  /** Every task that has not settled, but for the items of packs, which are left alone. */
  get tasks(): OpenTasks {
    return this.#open;
  }

  /** Since when a task waits at the host, on the process-wide clock, or a little before. */
  waitsSinceMs({ mark, notedMs, key }: Task): number | undefined {
    return mark?.sinceMs ?? notedMs ?? (typeof key === 'number' ? this.#starts.since(key) : undefined);
  }

  /** The task that makes one good. */
  compensationOf(task: Task): Task | undefined {
    return this.#compensations.of(task);
  }

  /** Every task that has not settled. */
  open(): Iterable<Task> {
    this.packs.dissolve();
    return this.#open;
  }

  /** Settles when every task has. After `graceMs`, what is left is cancelled. */
  async drain(graceMs: number): Promise<void> {
    this.#gate.open();
    this.#tenants?.open();
    const closed = (action: string): HeddleError => this.#cancelledErrors.of(action, `runtime ${this.#options.name} was closed`);
    const closedTask = (task: Task): HeddleError => closed(task.entry.action.name);
    await this.#open.drain(graceMs, this.#clock, () => {
      this.#nest.close(closed);
      for (const task of [...this.open()]) this.end(task, closedTask(task));
      this.#compensations.cutShort(closedTask);
    });
    this.#nest.close(closed);
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

/** What is no name is left to the check of all options. */
function isTenant(tenant: unknown): tenant is string {
  return typeof tenant === 'string' && tenant !== '';
}

/** Puts a task below the one that started it. */
function place(task: Task, { parent }: Nested): void {
  task.parent = parent;
  task.owner = parent.owner;
  // What its parent was started with, whatever the parent has made of it.
  task.carried = parent.carried;
  task.depth = parent.depth + 1;
}
