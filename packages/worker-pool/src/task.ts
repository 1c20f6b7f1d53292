import type { HeddleError, Outcome, ParentDeathPolicy } from '@heddle/core';
import type { ActionEntry } from './action-table.ts';
import type { Timer } from './clock.ts';
import type { Hosted } from './explain/standing.ts';
import type { Lane } from './lane/lane.ts';
import type { OwnerNode } from './owner-node.ts';
import type { Carried } from './propagation/carrier.ts';
import type { Estimate } from './scheduler/estimate.ts';
import type { Schedulable, SchedulerLane } from './scheduler/ports.ts';
import { type Mark, Ties, Trouble } from './task-aside.ts';
import type { TaskClocks } from './task-clocks.ts';
import type { ParsedTaskOptions } from './task-options.ts';
import type { TaskPhase } from './task-phase.ts';
import type { TaskTracer } from './telemetry/task-tracer.ts';

/** Called once with the outcome. Must not throw. */
export type Waiter = (outcome: Outcome) => void;

/** What stands behind the runtime's prefix in a task's id: a number, or of a nested task the path below its parent's. */
export type TaskKey = number | string;

/** A task that another one started, and what becomes of it when that one's attempt ends. */
export interface Child {
  readonly task: Task;
  readonly policy: ParentDeathPolicy;
  /** Its parent's end has ended it already: once is enough, for a second cancel would cut its compensation short. */
  asked: boolean;
}

/** The host's record of one task. A class, because a million of them stand in a queue: one shape, no closures. */
export class Task implements Schedulable {
  readonly key: TaskKey;
  readonly entry: ActionEntry;
  readonly options: ParsedTaskOptions;
  /** By reference until the task settles; then let go. */
  params: unknown;
  context: unknown;
  /** What the runtime's propagators captured when it was started; goes with every attempt. */
  carried: Carried | undefined = undefined;
  /** Only when its start was published: then its end is. */
  trace: TaskTracer | undefined = undefined;
  phase: TaskPhase = 'queued';
  weight = 0;
  /** Attempts begun, as far as the host knows: one taken back does not count. */
  attempts = 0;
  /** While `sent` or `ending`. */
  lane: Lane | undefined = undefined;
  slot = -1;
  // Made for the few that need them: a million tasks wait in a queue with neither (`bench queue`).
  #trouble: Trouble | undefined = undefined;
  #ties: Ties | undefined = undefined;
  /** The scope that started it, if any. Kept when it has settled: it says who may ask for the outcome. */
  owner: OwnerNode | undefined = undefined;
  outcome: Outcome | undefined = undefined;
  durationUs: number | undefined = undefined;
  threadId: number | undefined = undefined;
  /** Of its params, as `sizeOf` says. */
  size = 0;
  progress: unknown = undefined;
  // One waiter is the rule; a list only where there are more.
  #waiters: Waiter | Waiter[] | undefined = undefined;

  constructor(key: TaskKey, entry: ActionEntry, options: ParsedTaskOptions, params: unknown, context: unknown) {
    this.key = key;
    this.entry = entry;
    this.options = options;
    this.params = params;
    this.context = context;
  }

  get priority(): number {
    return this.options.priority;
  }

  get estimate(): Estimate {
    return this.entry.estimate;
  }

  get tenant(): string | undefined {
    return this.options.tenant;
  }

  get alone(): boolean {
    return this.options.transfer !== undefined;
  }

  get isolate(): boolean {
    return this.options.isolate;
  }

  get nested(): boolean {
    return this.#ties !== undefined && (this.#ties.parent !== undefined || this.#ties.compensates !== undefined);
  }

  get waiting(): boolean {
    return this.phase === 'queued';
  }

  /** While `ending`: what it will have ended with. */
  get ending(): HeddleError | undefined {
    return this.#trouble === undefined ? undefined : this.#trouble.ending;
  }

  set ending(value: HeddleError | undefined) {
    if (this.#trouble !== undefined || value !== undefined) this.#ownTrouble().ending = value;
  }

  /** It was cancelled when its attempt was over or about to be: it is not tried again, whatever the outcome. */
  get lastAttempt(): boolean {
    return this.#trouble === undefined ? false : this.#trouble.lastAttempt;
  }

  set lastAttempt(value: boolean) {
    if (this.#trouble !== undefined || value !== false) this.#ownTrouble().lastAttempt = value;
  }

  /** Somebody asked for its end, not only its clocks. */
  get cancelled(): boolean {
    return this.#trouble === undefined ? false : this.#trouble.cancelled;
  }

  set cancelled(value: boolean) {
    if (this.#trouble !== undefined || value !== false) this.#ownTrouble().cancelled = value;
  }

  /** The backoff while `retrying`, the grace while `ending`. */
  get timer(): Timer | undefined {
    return this.#trouble === undefined ? undefined : this.#trouble.timer;
  }

  set timer(value: Timer | undefined) {
    if (this.#trouble !== undefined || value !== undefined) this.#ownTrouble().timer = value;
  }

  /** Of one that is tried again, parked, or asked to end: since when. */
  get mark(): Mark | undefined {
    return this.#trouble === undefined ? undefined : this.#trouble.mark;
  }

  set mark(value: Mark | undefined) {
    this.#ownTrouble().mark = value;
  }

  /** When it was started, on the process-wide clock; kept only where a clock needs it. */
  get startedMs(): number {
    return this.#trouble === undefined ? 0 : this.#trouble.startedMs;
  }

  set startedMs(value: number) {
    if (this.#trouble !== undefined || value !== 0) this.#ownTrouble().startedMs = value;
  }

  /** When it must be done, on the process-wide clock: the earlier of its total time and its deadline. */
  get deadlineMs(): number {
    return this.#trouble === undefined ? Number.POSITIVE_INFINITY : this.#trouble.deadlineMs;
  }

  set deadlineMs(value: number) {
    if (this.#trouble !== undefined || value !== Number.POSITIVE_INFINITY) this.#ownTrouble().deadlineMs = value;
  }

  /** The clocks that outlive an attempt; only for tasks that have such limits. */
  get clocks(): TaskClocks | undefined {
    return this.#trouble === undefined ? undefined : this.#trouble.clocks;
  }

  set clocks(value: TaskClocks | undefined) {
    if (this.#trouble !== undefined || value !== undefined) this.#ownTrouble().clocks = value;
  }

  /** The failure that it is retrying after. */
  get lastError(): HeddleError | undefined {
    return this.#trouble === undefined ? undefined : this.#trouble.lastError;
  }

  set lastError(value: HeddleError | undefined) {
    if (this.#trouble !== undefined || value !== undefined) this.#ownTrouble().lastError = value;
  }

  /** When the watch first saw its module still loading. */
  get loadingSinceMs(): number | undefined {
    return this.#trouble === undefined ? undefined : this.#trouble.loadingSinceMs;
  }

  set loadingSinceMs(value: number | undefined) {
    if (this.#trouble !== undefined || value !== undefined) this.#ownTrouble().loadingSinceMs = value;
  }

  /** The scheduler's note: it waits on its lane for a child. */
  get parked(): boolean {
    return this.#trouble === undefined ? false : this.#trouble.parked;
  }

  set parked(value: boolean) {
    if (this.#trouble !== undefined || value !== false) this.#ownTrouble().parked = value;
  }

  /** `run` itself had begun in one of its attempts. Kept only where the action compensates. */
  get ran(): boolean {
    return this.#trouble === undefined ? false : this.#trouble.ran;
  }

  set ran(value: boolean) {
    if (this.#trouble !== undefined || value !== false) this.#ownTrouble().ran = value;
  }

  /** Where this is no task of a caller's, but the compensation of one: that one. */
  get compensates(): Task | undefined {
    return this.#ties === undefined ? undefined : this.#ties.compensates;
  }

  set compensates(value: Task | undefined) {
    if (this.#ties !== undefined || value !== undefined) this.#ownTies().compensates = value;
  }

  /** How many tasks stand above it. */
  get depth(): number {
    return this.#ties === undefined ? 0 : this.#ties.depth;
  }

  set depth(value: number) {
    if (this.#ties !== undefined || value !== 0) this.#ownTies().depth = value;
  }

  /** The lane that it must run on: where its coroutine lives, once it does. */
  get home(): SchedulerLane<Task> | undefined {
    return this.#ties === undefined ? undefined : this.#ties.home;
  }

  set home(value: SchedulerLane<Task> | undefined) {
    if (this.#ties !== undefined || value !== undefined) this.#ownTies().home = value;
  }

  get seat(): object | undefined {
    return this.#ties === undefined ? undefined : this.#ties.seat;
  }

  set seat(value: object | undefined) {
    if (this.#ties !== undefined || value !== undefined) this.#ownTies().seat = value;
  }

  /** Of a stream: told what it yields. */
  get onValues(): ((values: readonly unknown[]) => void) | undefined {
    return this.#ties === undefined ? undefined : this.#ties.onValues;
  }

  set onValues(value: ((values: readonly unknown[]) => void) | undefined) {
    if (this.#ties !== undefined || value !== undefined) this.#ownTies().onValues = value;
  }

  /** While `hosted`: how it is ended before its time. */
  get host(): Hosted | undefined {
    return this.#ties === undefined ? undefined : this.#ties.host;
  }

  set host(value: Hosted | undefined) {
    if (this.#ties !== undefined || value !== undefined) this.#ownTies().host = value;
  }

  /** Of a nested task, since when it waits; of a step, when it last began to wait or came off its lane. On the process-wide clock. */
  get notedMs(): number | undefined {
    return this.#ties === undefined ? undefined : this.#ties.notedMs;
  }

  set notedMs(value: number | undefined) {
    this.#ownTies().notedMs = value;
  }

  /** The task whose attempt started it. */
  get parent(): Task | undefined {
    return this.#ties === undefined ? undefined : this.#ties.parent;
  }

  set parent(value: Task | undefined) {
    if (this.#ties !== undefined || value !== undefined) this.#ownTies().parent = value;
  }

  /** Those that its present attempt started and that have not settled. */
  get children(): Map<TaskKey, Child> | undefined {
    return this.#ties === undefined ? undefined : this.#ties.children;
  }

  set children(value: Map<TaskKey, Child> | undefined) {
    if (this.#ties !== undefined || value !== undefined) this.#ownTies().children = value;
  }

  #ownTrouble(): Trouble {
    this.#trouble ??= new Trouble();
    return this.#trouble;
  }

  #ownTies(): Ties {
    this.#ties ??= new Ties();
    return this.#ties;
  }

  addWaiter(waiter: Waiter): void {
    if (this.#waiters === undefined) this.#waiters = waiter;
    else if (Array.isArray(this.#waiters)) this.#waiters.push(waiter);
    else this.#waiters = [this.#waiters, waiter];
  }

  removeWaiter(waiter: Waiter): void {
    if (this.#waiters === waiter) this.#waiters = undefined;
    else if (Array.isArray(this.#waiters)) this.#waiters = this.#waiters.filter((other) => other !== waiter);
  }

  /** The one way to the end. Tells every waiter, once, and lets go of what the caller gave. */
  settle(outcome: Outcome): void {
    this.phase = 'settled';
    this.outcome = outcome;
    this.params = undefined;
    this.context = undefined;
    this.carried = undefined;
    this.lane = undefined;
    this.#ties?.cut();
    this.#trouble?.end();
    this.owner?.left(this);
    const waiters = this.#waiters;
    this.#waiters = undefined;
    if (typeof waiters === 'function') waiters(outcome);
    else for (const waiter of waiters ?? []) waiter(outcome);
  }
}
