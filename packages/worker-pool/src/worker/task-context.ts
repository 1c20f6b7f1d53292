import {
  type Action,
  type ActionContext,
  type ActionMetadata,
  type ChildRef,
  HeddleError,
  type LogMethod,
  type NestedArguments,
  type Outcome,
  type RemoteServices,
  type SpawnArguments,
  type TaskLog,
} from '@heddle/core';
import { processNow } from '../clock.ts';
import type { LaneWords } from '../lane/claims.ts';
import type { TaskInput } from '../protocol/input.ts';
import { uncloneableError } from '../protocol/uncloneable.ts';
import { cancelledError } from '../task-error.ts';
import type { AgentHouse } from './agent-house.ts';
import { type ChildLane, Children } from './children.ts';
import { movable } from './movable.ts';
import { AttemptServices, type ServiceClient } from './service-client.ts';

/** What a context needs of the lane it lives on. */
export interface LaneServices extends ChildLane {
  readonly claims: LaneWords;
  readonly services: ServiceClient;
  readonly agents: AgentHouse;
  progress(task: TaskInput, details: unknown): void;
  /** The task is about to be named to the host. */
  alone(task: TaskInput): void;
  /** What a stream yielded. */
  values(task: TaskInput, values: readonly unknown[]): void;
  log(
    task: TaskInput,
    action: ActionMetadata,
    level: string,
    fields: Readonly<Record<string, unknown>> | undefined,
    message: string | undefined,
  ): void;
}

const EMPTY_CONTEXT: Readonly<Record<string, unknown>> = Object.freeze({});

/**
 * The `ctx` of one attempt. Everything that costs is made when first read: most actions read little of it.
 * Source: SEMANTICS A-9.
 */
export class TaskContext implements ActionContext {
  readonly action: ActionMetadata;
  readonly #lane: LaneServices;
  // A coroutine's changes with each of its steps.
  #task: TaskInput;
  #startedMs: number;
  #controller: AbortController | undefined;
  #log: TaskLog | undefined;
  // Set once, by the host's message; the shared flag may be up before it.
  #cancelError: HeddleError | undefined;
  #cleanups: (() => unknown)[] | undefined;
  /** What its result takes along, if anything. */
  #moved: object[] | undefined;
  #children: Children | undefined;
  #services: AttemptServices | undefined;
  #isCoroutine = false;
  /** Of a coroutine that has made some. */
  #decorations: Map<string, () => unknown> | undefined;
  /** Of a stream: what its reader allows, until somebody listens. */
  #granted = 0;
  #onCredit: ((credit: number) => void) | undefined;
  #ended = false;
  /** A coroutine that waits to be resumed. What still runs of it can start nothing: nobody would hear how it ended. */
  #suspended = false;

  constructor(lane: LaneServices, task: TaskInput, action: ActionMetadata, startedMs: number) {
    this.#lane = lane;
    this.#task = task;
    this.action = action;
    this.#startedMs = startedMs;
  }

  /** The task as it came; the lane's own business. */
  static taskOf(ctx: TaskContext): TaskInput {
    return ctx.#task;
  }

  /** The agents of its lane. */
  static agentsOf(ctx: TaskContext): AgentHouse {
    return ctx.#lane.agents;
  }

  /** What is to be moved with its result, if anything. */
  static movedBy(ctx: TaskContext): readonly object[] | undefined {
    return ctx.#moved;
  }

  static hasCleanups(ctx: TaskContext): boolean {
    return ctx.#cleanups !== undefined;
  }

  static isEnded(ctx: TaskContext): boolean {
    return ctx.#ended;
  }

  /** When the attempt began, on the process-wide clock. */
  static startedOf(ctx: TaskContext): number {
    return ctx.#startedMs;
  }

  /** The attempt has ended: what is reported from now on is nobody's outcome. */
  static end(ctx: TaskContext): void {
    ctx.#ended = true;
    ctx.#children?.end();
    ctx.#services?.end();
  }

  /** The next step of a coroutine: its own slot, limits and time. */
  static resume(ctx: TaskContext, task: TaskInput, startedMs: number): void {
    // Limits, attempt and context are those it began with. Field by field: a spread costs a fifth of a step (`bench coroutine`, at once).
    const { action, attempt, timeoutMs, deadlineMs, context } = ctx.#task;
    const { slot, generation } = task;
    ctx.#task = { action, slot, generation, task: task.task, attempt, timeoutMs, deadlineMs, params: undefined, context };
    ctx.#startedMs = startedMs;
    ctx.#isCoroutine = true;
    ctx.#suspended = false;
    ctx.#services?.resume(ctx.#task);
  }

  /** A coroutine suspends: what it has started and not awaited ends here. */
  static suspend(ctx: TaskContext): void {
    ctx.#suspended = true;
    ctx.#children?.end();
    ctx.#children = undefined;
    ctx.#services?.end();
  }

  /** Why it was asked to end, if it was. */
  static cancelErrorOf(ctx: TaskContext): HeddleError | undefined {
    const { slot, generation } = ctx.#task;
    return ctx.#cancelError ?? (ctx.#lane.claims.isCancelled(slot, generation) ? ctx.#flagError() : undefined);
  }

  static decorationsOf(ctx: TaskContext): ReadonlyMap<string, () => unknown> | undefined {
    return ctx.#decorations;
  }

  /** A stream hears here that it may yield more. */
  static onCredit(ctx: TaskContext, listener: (credit: number) => void): void {
    ctx.#onCredit = listener;
    if (ctx.#granted > 0) listener(ctx.#granted);
  }

  static credit(ctx: TaskContext, credit: number): void {
    if (ctx.#onCredit === undefined) ctx.#granted += credit;
    else ctx.#onCredit(credit);
  }

  /** Posts what a stream has yielded: values that clone. */
  static postValues(ctx: TaskContext, values: readonly unknown[]): void {
    ctx.#lane.values(ctx.#task, values);
  }

  /**
   * Posts one value of a stream.
   *
   * @throws HeddleError `uncloneable`
   */
  static postValue(ctx: TaskContext, value: unknown): void {
    try {
      ctx.#lane.values(ctx.#task, [value]);
    } catch (cause) {
      throw uncloneableError(ctx.action.name, 'yield', value, cause);
    }
  }

  /** `run` itself begins. */
  static ran(ctx: TaskContext): void {
    ctx.#lane.claims.ran(ctx.#task.slot, ctx.#task.generation);
  }

  /** The host says how a child ended. */
  static childSettled(ctx: TaskContext, key: string, outcome: Outcome): void {
    ctx.#children?.settled(key, outcome);
  }

  /** The host asks it to end. */
  static cancel(ctx: TaskContext, error: HeddleError): void {
    ctx.#cancelError = error;
    ctx.#controller?.abort(error);
    ctx.#services?.cancel(error);
    ctx.#children?.asked(error);
  }

  /** The cleanups that were deferred, last in first, or none; taken once. */
  static takeCleanups(ctx: TaskContext): (() => unknown)[] | undefined {
    const cleanups = ctx.#cleanups?.reverse();
    ctx.#cleanups = undefined;
    return cleanups;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      // By the message alone, not by the shared flag that may be up before it: whoever adds a listener now will still hear the event.
      if (this.#cancelError !== undefined) this.#controller.abort(this.#cancelError);
    }
    return this.#controller.signal;
  }

  throwIfCancelled(): void {
    if (this.#lane.claims.isCancelled(this.#task.slot, this.#task.generation)) throw this.#cancelError ?? this.#flagError();
  }

  get deadline(): number {
    const endMs = this.#endMs();
    return endMs === Number.POSITIVE_INFINITY ? endMs : Date.now() + endMs - processNow();
  }

  remainingMs(): number {
    return Math.max(0, this.#endMs() - processNow());
  }

  /** When the attempt's time is over, or the whole task's, on the process-wide clock. */
  #endMs(): number {
    return Math.min(this.#startedMs + this.#task.timeoutMs, this.#task.deadlineMs);
  }

  get attempt(): number {
    return this.#task.attempt;
  }

  get taskId(): string {
    return this.#lane.idPrefix + this.#task.task;
  }

  get context(): Readonly<Record<string, unknown>> {
    // Only a plain object is ever sent as context.
    return (this.#task.context as Readonly<Record<string, unknown>> | undefined) ?? EMPTY_CONTEXT;
  }

  get log(): TaskLog {
    this.#log ??= createLog((level, fields, message) => this.#lane.log(this.#task, this.action, level, fields, message));
    return this.#log;
  }

  progress(details: unknown): void {
    if (!this.#ended) this.#lane.progress(this.#task, details);
  }

  decorate(key: string, value: () => unknown): () => void {
    if (!this.#isCoroutine)
      throw new HeddleError('invalid_input', `\`ctx.decorate\` is for coroutines: \`run\` of action ${this.action.name} is no generator`);
    if (typeof key !== 'string' || typeof value !== 'function')
      throw new HeddleError('invalid_input', '`ctx.decorate` takes a key and a function that gives its value');
    this.#decorations ??= new Map();
    const decorations = this.#decorations;
    decorations.set(key, value);
    return () => {
      if (decorations.get(key) === value) decorations.delete(key);
    };
  }

  transfer(...objects: readonly object[]): void {
    if (this.#isCoroutine)
      throw new HeddleError(
        'invalid_input',
        `\`ctx.transfer\` is not for coroutines, as action ${this.action.name} is: what they yield is copied`,
      );
    if (this.#ended)
      throw new HeddleError('invalid_input', `\`ctx.transfer\` was called after the attempt of ${this.action.name} had ended`);
    const moved = objects.map((object, index) => movable(object, index));
    // A pack has one message for many.
    if (this.#moved === undefined) this.#lane.alone(this.#task);
    this.#moved = [...new Set([...(this.#moved ?? []), ...moved])];
  }

  defer(cleanup: () => unknown): void {
    if (typeof cleanup !== 'function') throw new HeddleError('invalid_input', '`ctx.defer` takes a function');
    if (this.#ended) throw new HeddleError('invalid_input', `\`ctx.defer\` was called after the attempt of ${this.action.name} had ended`);
    this.#cleanups ??= [];
    this.#cleanups.push(cleanup);
  }

  async run<P, V>(action: Action<P, V>, ...[params, context, options]: NestedArguments<P>): Promise<Outcome<V>> {
    // The action's own type of value; what crosses has none.
    return this.#nested.start(action, params, context, options).outcome() as Promise<Outcome<V>>;
  }

  start<P, V>(action: Action<P, V>, ...[params, context, options]: NestedArguments<P>): ChildRef<V> {
    return this.#nested.start(action, params, context, options) as ChildRef as ChildRef<V>; // as above
  }

  spawn<P, V>(tag: string, action: Action<P, V>, ...[params, options]: SpawnArguments<P>): ChildRef<V> {
    return this.#nested.spawn(tag, action, params, options) as ChildRef as ChildRef<V>; // as above
  }

  get #nested(): Children {
    if (this.#ended) throw new HeddleError('invalid_input', `Nothing can be started from an attempt of ${this.action.name} that has ended`);
    if (this.#suspended) throw new HeddleError('invalid_input', `Nothing can be started from ${this.action.name} while it is suspended`);
    if (this.#children === undefined) this.#lane.alone(this.#task);
    this.#children ??= new Children(this.#lane, this.#task, this.#endMs());
    return this.#children;
  }

  get services(): RemoteServices {
    if (this.#services === undefined) this.#lane.alone(this.#task);
    this.#services ??= new AttemptServices(this.#lane.services, this.#task, this.action.name, this.#ended || this.#suspended);
    return this.#services.remote;
  }

  // The shared flag says that, not why; the message that says why waits behind the loop that asks.
  /** Without a stack, which takes as long to write as all else between the flag and the outcome (`bench cancel`). */
  #flagError(): HeddleError {
    return cancelledError(this.action.name, 'cancelled');
  }
}

type WriteRecord = (level: string, fields: Readonly<Record<string, unknown>> | undefined, message: string | undefined) => void;

function createLog(write: WriteRecord): TaskLog {
  const method =
    (level: string): LogMethod =>
    (first: string | Readonly<Record<string, unknown>>, message?: string) =>
      typeof first === 'string' ? write(level, undefined, first) : write(level, first, message);
  return Object.freeze({
    trace: method('trace'),
    debug: method('debug'),
    info: method('info'),
    warn: method('warn'),
    error: method('error'),
    fatal: method('fatal'),
  });
}
