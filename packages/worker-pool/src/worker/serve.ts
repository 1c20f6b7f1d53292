import { AsyncLocalStorage } from 'node:async_hooks';
import { MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { fail, HeddleError, type Outcome } from '@heddle/core';
import { runAttempt, toHeddleError } from '@heddle/core/engine';
import { processNow } from '../clock.ts';
import { LaneClaims, type LaneWords } from '../lane/claims.ts';
import type { LanePace } from '../lane/pace.ts';
import { decodeOutcome, encodeError } from '../protocol/codec.ts';
import {
  type ChildInput,
  type CreditInput,
  INPUT_ACTION,
  INPUT_AGENT,
  INPUT_CANCEL,
  INPUT_CHILD,
  INPUT_CREDIT,
  INPUT_LOOK,
  INPUT_PACK,
  INPUT_SHAPE,
  INPUT_STEPS,
  INPUT_TASKS,
  type LaneInput,
  type LaneSettings,
  STEP_ACTION,
  type TaskInput,
} from '../protocol/input.ts';
import { OUTPUT_LOOK, OUTPUT_PARK, OUTPUT_PROPAGATOR, OUTPUT_SHAPE, OUTPUT_UNREAD, OUTPUT_VALUES } from '../protocol/output.ts';
import { PackItems } from '../protocol/pack.ts';
import { NO_SHAPE, RowReader, type RowWriter } from '../protocol/row.ts';
import { STEP_RETURN, type StepInput, type StreamParams } from '../protocol/step.ts';
import { AgentHouse } from './agent-house.ts';
import { Ambient, withoutCarried } from './ambient.ts';
import { runCleanups } from './cleanup.ts';
import { Flow } from './flow.ts';
import { type ActionPorts, introduceAction, type LaneAction, learnDuration, mayHoldBack } from './lane-action.ts';
import { LaneReports } from './lane-reports.ts';
import type { LoadedAction } from './load-action.ts';
import { lookInside } from './look.ts';
import { type PackLane, PackRun } from './pack-run.ts';
import { RunningTasks } from './running-tasks.ts';
import { ServiceClient } from './service-client.ts';
import { type LaneServices, TaskContext } from './task-context.ts';
import { TaskInbox } from './task-inbox.ts';

/** One lane at work; what the thread's entry needs to hand errors and text to. */
export interface ServedLane {
  /** An error nobody caught, in a thread. Tells the task it belongs to where Node can tell. */
  uncaught(thrown: unknown): void;
  /** Text of `console`. */
  print(stream: 'stdout' | 'stderr', text: string): void;
  /** The thread is about to end: post what is finished. */
  flush(): void;
}

/**
 * Serves one lane: takes batches, begins what it can claim, posts outcomes early.
 * Guarantees: one outcome for each task begun; none for a task taken back; nothing an action does ends the loop, short of ending the thread.
 * Runs in a worker thread, or in-process over any pair of ports.
 */
export function serve(settings: LaneSettings, pace?: LanePace): ServedLane {
  const lane = new LaneServer(settings, pace);
  settings.port.on('message', (message) => lane.receive(message as LaneInput)); // only the host writes to this port
  if (settings.port instanceof MessagePort) settings.port.on('messageerror', () => lane.post([OUTPUT_UNREAD]));
  return lane;
}

class LaneServer implements ServedLane, LaneServices {
  readonly claims: LaneWords;
  readonly idPrefix: string;
  readonly services: ServiceClient;
  readonly agents: AgentHouse;
  readonly #settings: LaneSettings;
  /** Where what has come can be taken before it is delivered. */
  readonly #mail: MessagePort | undefined;
  readonly #reports: LaneReports;
  readonly #owner = new AsyncLocalStorage<TaskContext>();
  /** Only where the runtime has propagators. */
  readonly #ambient: Ambient | undefined;
  readonly #actions: (LaneAction | undefined)[] = [];
  readonly #actionPorts: ActionPorts = {
    failed: () => this.#reports.retire(),
    announce: (keys) => {
      this.post([OUTPUT_SHAPE, this.#shapes, keys]);
      return this.#shapes++;
    },
  };
  readonly #resume: LaneAction = introduceAction('', 'coroutine', 'resume', { failed: () => {}, announce: () => NO_SHAPE });
  /** Coroutines that live here, by the key of their tasks. */
  readonly #flows = new Map<number | string, Flow>();
  readonly #rows = new RowReader();
  readonly #inbox: TaskInbox;
  #shapes = 0;
  // Invariant: one entry for each task that has begun and has no outcome yet; never more than `concurrency` that are not parked, but for those that were.
  readonly #running = new RunningTasks();
  // Invariant: the number of those that wait for children; they count in no limit.
  #parked = 0;
  /** By slot: cancels of tasks whose module is still loading. */
  readonly #early = new Map<number, HeddleError>();
  #pumping = false;
  // When the last attempt ended, if nothing but a few steps lies behind it: the next one begins then, and saves a look at the clock.
  #endedMs: number | undefined;
  /** The pack whose items run now. */
  #pack: PackRun | undefined;
  readonly #packLane: PackLane = {
    services: this,
    enter: (ctx) => this.#owner.enterWith(ctx),
    running: (ctx) => this.#running.run(TaskContext.taskOf(ctx).slot, ctx),
    goOn: (ctx, action, startedMs, result) => this.#goOn(ctx, action, startedMs, result),
    post: (message, transfer) => this.#reports.postPack(message, transfer),
  };

  constructor(settings: LaneSettings, pace: LanePace | undefined) {
    const { claims, port } = settings;
    this.#settings = settings;
    this.#mail = port instanceof MessagePort ? port : undefined;
    this.claims = claims instanceof SharedArrayBuffer ? new LaneClaims(claims) : claims;
    this.#inbox = new TaskInbox(this.claims, this.#rows);
    this.idPrefix = settings.idPrefix;
    this.services = new ServiceClient(settings.services);
    this.#reports = new LaneReports(settings, pace);
    this.agents = new AgentHouse((message) => this.post(message));
    if (settings.propagators !== undefined)
      this.#ambient = new Ambient(settings.propagators, this.#owner, {
        failed: (name, place, error) => this.post([OUTPUT_PROPAGATOR, name, place, encodeError(error)]),
        told: (propagator, message) => this.#reports.told(propagator, message),
      });
  }

  receive(message: LaneInput): void {
    this.#accept(message);
    this.#pump();
  }

  #accept(message: LaneInput): void {
    switch (message[0]) {
      case INPUT_TASKS:
      case INPUT_STEPS:
      case INPUT_PACK:
        this.#inbox.add(message);
        return;
      case INPUT_ACTION:
        this.#actions[message[1]] = introduceAction(message[2], message[3], message[4], this.#actionPorts);
        return;
      case INPUT_SHAPE:
        this.#rows.learn(message[1], message[2]);
        return;
      case INPUT_CHILD:
        this.#childSettled(message);
        return;
      case INPUT_CREDIT:
        this.#credited(message);
        return;
      case INPUT_LOOK:
        this.post([OUTPUT_LOOK, lookInside()]);
        return;
      case INPUT_AGENT:
        this.agents.receive(message[1]);
        return;
      case INPUT_CANCEL:
        this.#cancel(message[1], message[2], message[3], message[4]);
        return;
    }
  }

  #cancel(slot: number, generation: number, type: 'cancelled' | 'timeout', message: string): void {
    const ctx = this.#running.get(slot);
    const error = new HeddleError(type, message);
    if (ctx === undefined) {
      if (this.#running.isLoading(slot) && this.claims.isCancelled(slot, generation)) this.#early.set(slot, error);
      return;
    }
    // A cancel that crossed the outcome on the way is for a task that is gone.
    if (TaskContext.taskOf(ctx).generation === generation) this.#within(ctx, () => TaskContext.cancel(ctx, error));
  }

  #childSettled([, slot, generation, child, form, payload]: ChildInput): void {
    const ctx = this.#running.get(slot);
    if (ctx === undefined || TaskContext.taskOf(ctx).generation !== generation) return;
    TaskContext.childSettled(ctx, String(child), decodeOutcome(form, payload));
  }

  #credited([, slot, generation, credit]: CreditInput): void {
    const ctx = this.#running.get(slot);
    if (ctx !== undefined && TaskContext.taskOf(ctx).generation === generation) TaskContext.credit(ctx, credit);
  }

  /** A task waits for its children, and gives its place here up; or it takes it again, beside whatever has begun meanwhile. */
  park({ slot, generation }: TaskInput, parked: boolean): void {
    this.#parked += parked ? 1 : -1;
    this.post([OUTPUT_PARK, slot, generation, parked]);
    // After whoever asked has come to its `await`.
    if (parked) queueMicrotask(() => this.#pump());
  }

  compensates({ action }: TaskInput): boolean {
    return this.#actions[action]?.role === 'compensate';
  }

  /** Begins tasks while there is room; posts what is finished when there is no more to do at once. */
  #pump(): void {
    // An action that ends synchronously comes back here from inside; the loop outside goes on.
    if (this.#pumping) return;
    this.#pumping = true;
    this.#endedMs = undefined;
    while (this.#running.size - this.#parked < this.#settings.concurrency) {
      const task = this.#inbox.next();
      if (task === undefined) break;
      if (task instanceof PackItems) this.#beginPack(task);
      else this.#begin(task);
    }
    this.#pumping = false;
    this.#reports.flush();
  }

  #hasNext(): boolean {
    for (;;) {
      if (this.#inbox.more) return true;
      // What has come meanwhile counts: outcomes that need not be posted alone.
      const more = this.#mail === undefined ? undefined : receiveMessageOnPort(this.#mail);
      if (more === undefined) return false;
      this.#accept(more.message as LaneInput); // only the host writes to this port
      this.#endedMs = undefined;
    }
  }

  /** When the attempt at hand begins. */
  #beginMs(): number {
    const endedMs = this.#endedMs ?? processNow();
    this.#endedMs = undefined;
    return endedMs;
  }

  #begin(task: TaskInput): void {
    const action = task.action === STEP_ACTION ? this.#resume : this.#actions[task.action];
    // Something that may run long must not hold finished outcomes back.
    if (action === undefined || !mayHoldBack(action)) {
      this.#reports.flush();
      this.#endedMs = undefined;
    }
    if (action === undefined) {
      this.#settle(
        task,
        '?',
        fail(new HeddleError('internal_error', `A lane was sent a task of action ${task.action}, which it does not know`)),
        0,
      );
    } else if (action.loaded === undefined || this.#ambient?.isLoaded === false) {
      this.#running.load(task.slot);
      void this.#loadAndRun(task, action); // never rejects: it settles the task either way
    } else {
      this.#run(task, action, action.loaded);
    }
  }

  #beginPack(items: PackItems): void {
    // The pack is not told of by the lane's buffer, and may take its while.
    this.#reports.flush();
    this.#endedMs = undefined;
    const action = this.#actions[items.action];
    const loaded = action?.loaded;
    if (action === undefined || loaded === undefined || this.#ambient !== undefined) {
      const unknown = action ?? this.#resume;
      const first = new PackRun(items, unknown, this.#packLane).firstAlone();
      if (first !== undefined) this.#begin(first);
      return;
    }
    const pack = new PackRun(items, action, this.#packLane);
    this.#pack = pack;
    this.#reports.pack = pack;
    this.#owner.run(undefined as never, () => pack.run(loaded)); // so that nothing of the last item's stays behind
    this.#pack = undefined;
    this.#reports.pack = undefined;
  }

  /** An item that has left its pack. */
  #goOn(ctx: TaskContext, action: LaneAction, startedMs: number, result: Outcome | Promise<Outcome>): void {
    if (result instanceof Promise)
      void this.#finishLater(ctx, action, startedMs, result); // never rejects
    else this.#finishNow(ctx, action, startedMs, result);
  }

  alone(task: TaskInput): void {
    this.#pack?.alone(task);
  }

  async #loadAndRun(task: TaskInput, action: LaneAction): Promise<void> {
    try {
      const loaded = await action.loading;
      if (this.#ambient !== undefined) await this.#ambient.load();
      action.loaded = loaded;
      const cancelled = this.#early.get(task.slot);
      // Nothing of it has run: it need not begin.
      if (cancelled === undefined) this.#run(task, action, loaded);
      else this.#settle(task, action.name, fail(cancelled), 0);
    } catch (thrown) {
      this.#settle(task, action.name, fail(toHeddleError(thrown)), 0);
    }
    this.#pump();
  }

  #run(task: TaskInput, action: LaneAction, loaded: LoadedAction): void {
    const startedMs = this.#beginMs();
    this.claims.started(task.slot, startedMs);
    if (action.role === 'coroutine' || action.role === 'resume') {
      this.#step(task, action, loaded, startedMs);
      return;
    }
    const ambient = this.#ambient;
    const ctx = new TaskContext(this, ambient === undefined ? task : withoutCarried(task), loaded.metadata, startedMs);
    this.#running.run(task.slot, ctx);
    const params = paramsOf(action, task, ctx);
    const result =
      ambient === undefined
        ? this.#owner.run(ctx, runAttempt, loaded.plan, params, ctx)
        : ambient.begin(ctx, action.role, task.context, () => runAttempt(loaded.plan, params, ctx));
    if (result instanceof Promise)
      void this.#finishLater(ctx, action, startedMs, result); // never rejects
    else this.#finishNow(ctx, action, startedMs, result);
  }

  /** Runs something that belongs to an attempt beside its own call. */
  #within<R>(ctx: TaskContext, run: () => R): R {
    return this.#ambient === undefined ? this.#owner.run(ctx, run) : this.#ambient.within(ctx, run);
  }

  /** A step of a coroutine: the first makes it, the others find it by the task's key. */
  #step(task: TaskInput, action: LaneAction, loaded: LoadedAction, startedMs: number): void {
    const first = action.role === 'coroutine';
    if (first) this.#flows.set(task.task, new Flow(loaded.plan, new TaskContext(this, withoutCarried(task), loaded.metadata, startedMs)));
    const flow = this.#flows.get(task.task);
    if (flow === undefined) {
      this.#settle(task, action.name, fail(new HeddleError('not_suspended', 'The coroutine is not here any more')), 0);
      return;
    }
    const { ctx } = flow;
    TaskContext.resume(ctx, task, startedMs);
    this.#running.run(task.slot, ctx);
    const step = (): Outcome | Promise<Outcome> => stepOf(flow, task.params, first);
    const result =
      first && this.#ambient !== undefined ? this.#ambient.begin(ctx, action.role, task.context, step) : this.#within(ctx, step);
    if (!(result instanceof Promise)) {
      this.#stepDone(flow, task, action, startedMs, result);
      return;
    }
    void result.then((outcome) => {
      this.#stepDone(flow, task, action, startedMs, outcome);
      this.#pump();
    }); // never rejects
  }

  #stepDone(flow: Flow, task: TaskInput, action: LaneAction, startedMs: number, outcome: Outcome): void {
    const { ctx } = flow;
    // It was failed already, by an error nobody caught. What it has opened is closed all the same.
    if (TaskContext.isEnded(ctx)) {
      if (!flow.done) void this.#within(ctx, () => flow.step([STEP_RETURN, 'cancelled', 'it has failed'])); // never rejects
      return;
    }
    // Without a generator, refused by a propagator, it fails and has no end of its own.
    if (flow.done || !outcome.ok) {
      this.#flows.delete(task.task);
      TaskContext.end(ctx);
      this.#ambient?.end(ctx);
    } else TaskContext.suspend(ctx);
    const durationUs = (processNow() - startedMs) * 1000;
    learnDuration(action, durationUs);
    this.#settle(task, ctx.action.name, outcome, durationUs);
  }

  #finishNow(ctx: TaskContext, action: LaneAction, startedMs: number, outcome: Outcome): void {
    const cleanups = TaskContext.takeCleanups(ctx);
    if (cleanups === undefined) this.#finish(ctx, action, startedMs, outcome);
    else void this.#finishLater(ctx, action, startedMs, Promise.resolve(outcome), cleanups); // never rejects
  }

  async #finishLater(
    ctx: TaskContext,
    action: LaneAction,
    startedMs: number,
    result: Promise<Outcome>,
    taken?: (() => unknown)[],
  ): Promise<void> {
    let outcome = await result;
    const cleanups = taken ?? TaskContext.takeCleanups(ctx);
    if (cleanups !== undefined) {
      const ended = outcome;
      outcome = await this.#within(ctx, () => runCleanups(cleanups, ended));
    }
    this.#finish(ctx, action, startedMs, outcome, true);
    this.#pump();
  }

  #finish(ctx: TaskContext, action: LaneAction, startedMs: number, outcome: Outcome, awaited = false): void {
    // It was failed already, by an error nobody caught.
    if (TaskContext.isEnded(ctx)) return;
    TaskContext.end(ctx);
    this.#ambient?.end(ctx);
    const endedMs = processNow();
    const tookUs = (endedMs - startedMs) * 1000;
    learnDuration(action, tookUs);
    const durationUs = awaited ? -tookUs : tookUs;
    this.#endedMs = endedMs;
    const moved = TaskContext.movedBy(ctx);
    if (moved === undefined) this.#settle(TaskContext.taskOf(ctx), action.name, outcome, durationUs, action.rows);
    else this.#settleMoved(TaskContext.taskOf(ctx), action.name, outcome, durationUs, moved);
  }

  #settleMoved(task: TaskInput, action: string, outcome: Outcome, durationUs: number, moved: readonly object[]): void {
    this.#ended(task);
    this.#reports.outcomeMoved(task.slot, action, outcome, durationUs, moved);
    this.#endedMs = undefined;
  }

  #ended({ slot, generation }: TaskInput): void {
    this.#running.end(slot);
    if (this.#early.size > 0) this.#early.delete(slot);
    this.claims.finish(slot, generation);
  }

  #settle(task: TaskInput, action: string, outcome: Outcome, durationUs: number, rows?: RowWriter): void {
    this.#ended(task);
    const posted = this.#reports.outcome(task.slot, action, outcome, durationUs, !this.#hasNext(), rows);
    if (posted) this.#endedMs = undefined;
  }

  uncaught(thrown: unknown): void {
    const ctx = this.#owner.getStore();
    this.#reports.flush();
    // A coroutine that is suspended runs nothing: what its timers throw is a stray of its.
    if (ctx !== undefined && this.#running.get(TaskContext.taskOf(ctx).slot) === ctx) this.#failRunning(ctx, thrown);
    else this.#reports.stray(ctx === undefined ? undefined : TaskContext.taskOf(ctx), ctx?.action.name, thrown);
    this.#reports.retire();
    this.#pump();
  }

  /** The running task's own timer or promise threw: its outcome, since nothing else will ever end it. */
  #failRunning(ctx: TaskContext, thrown: unknown): void {
    TaskContext.end(ctx);
    this.#ambient?.end(ctx);
    const task = TaskContext.taskOf(ctx);
    this.#flows.delete(task.task);
    const cause = toHeddleError(thrown);
    const message = `Action ${ctx.action.name} threw outside its own call, in a timer, an event or a promise nobody awaited: ${cause.message}`;
    const error = new HeddleError('execution_error', message, { cause: thrown, details: { uncaught: true }, retryable: cause.retryable });
    this.#settle(task, ctx.action.name, fail(error), (processNow() - TaskContext.startedOf(ctx)) * 1000);
  }

  print(stream: 'stdout' | 'stderr', text: string): void {
    this.#reports.print(stream, text);
  }

  flush(): void {
    this.#reports.flush();
  }

  progress(task: TaskInput, details: unknown): void {
    this.alone(task);
    this.#reports.progress(task, this.#actions[task.action]?.name ?? '?', details);
  }

  values(task: TaskInput, values: readonly unknown[]): void {
    this.post([OUTPUT_VALUES, task.slot, task.generation, values]);
  }

  log(...record: Parameters<LaneReports['log']>): void {
    this.#reports.log(...record);
  }

  post(message: readonly unknown[]): void {
    this.#reports.post(message);
  }
}

function stepOf(flow: Flow, params: unknown, first: boolean): Outcome | Promise<Outcome> {
  return first ? flow.open(params) : flow.step(params as StepInput); // the host sends nothing else
}

/** A stream's params come with how much it may yield at first. */
function paramsOf({ role }: LaneAction, { params }: TaskInput, ctx: TaskContext): unknown {
  if (role !== 'stream') return params;
  const stream = params as StreamParams; // the host sends nothing else
  TaskContext.credit(ctx, stream.window);
  return stream.params;
}
