import type { HeddleError, Outcome, Step } from '@heddle/core';
import type { Clock } from '../clock.ts';
import type { Followed, ObserverSlot } from '../inspect/observer.ts';
import { LOADING } from '../lane/claims.ts';
import type { Task } from '../task.ts';
import { attemptChannel, isTraced, isWatched, stepChannel, taskChannel } from './channel.ts';
import type { AttemptTrace, StepTrace, TaskTrace, TraceError, TraceOutcome } from './trace.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Opens tracers for the tasks of one runtime. */
export class Telemetry {
  readonly #runtime: string;
  readonly #idPrefix: string;
  readonly #clock: Clock;
  readonly #observed: ObserverSlot;

  constructor(runtime: string, idPrefix: string, clock: Clock, observed: ObserverSlot) {
    this.#runtime = runtime;
    this.#idPrefix = idPrefix;
    this.#clock = clock;
    this.#observed = observed;
  }

  /** Publishes a task's start, if anybody listens, and calls what is to see the stores that subscribers bound to it. */
  started<R>(task: Task, within: (task: Task) => R, params?: unknown): R {
    const observer = this.#observed.current;
    const traced = isTraced();
    if ((!traced && observer === undefined) || task.options.telemetry === 'silent') return within(task);
    const followed = observer?.follows(task) === true ? { observer, params } : undefined;
    if (!traced && followed === undefined) return within(task);
    const trace = this.#open(task);
    task.trace = new TaskTracer(this.#clock, trace, traced, followed);
    return traced ? taskChannel.start.runStores(trace, within, undefined, task) : within(task);
  }

  #open({ options, entry, key, parent }: Task): Writable<TaskTrace> {
    return {
      runtime: this.#runtime,
      action: entry.action.name,
      tag: options.tag,
      tenant: options.tenant,
      taskId: this.#idPrefix + key,
      parentId: parent === undefined ? undefined : this.#idPrefix + parent.key,
      startTime: this.#clock.wall(),
      outcome: undefined,
      error: undefined,
      attempts: undefined,
      queuedMs: undefined,
      runMs: undefined,
      totalMs: undefined,
      threadId: undefined,
    };
  }
}

/**
 * Follows one task whose start was published, or that an observer follows.
 * Guarantees: one `asyncEnd` for it, after its waiters were told; a start and one `asyncEnd` for each attempt that began, before the
 * task's own.
 */
export class TaskTracer {
  readonly #clock: Clock;
  readonly #trace: Writable<TaskTrace>;
  /** Its start was published, so its end is. */
  readonly #published: boolean;
  readonly #followed: Followed | undefined;
  readonly #startedMs: number;
  // Since when it has been waiting for a lane; `undefined` in backoff.
  #readyMs: number | undefined;
  #startedWord = LOADING;
  #ranUs: number | undefined;
  #queuedMs = 0;
  #runMs = 0;
  #steps = 0;
  #attempts: AttemptTrace[] = [];

  constructor(clock: Clock, trace: Writable<TaskTrace>, published: boolean, followed: Followed | undefined) {
    this.#clock = clock;
    this.#trace = trace;
    this.#published = published;
    this.#followed = followed;
    this.#startedMs = clock.now();
    this.#readyMs = this.#startedMs;
  }

  /** An observer follows it. */
  get followed(): boolean {
    return this.#followed !== undefined;
  }

  /** What it was started with, where an observer follows it. */
  get params(): unknown {
    return this.#followed?.params;
  }

  /** Its backoff is over: it waits for a lane again. */
  ready(): void {
    this.#readyMs = this.#clock.now();
  }

  /** It is off its lane; `startedWord` is what the lane's shared memory says of its beginning. */
  leftLane(startedWord: number): void {
    this.#startedWord = startedWord;
    this.#ranUs = undefined;
  }

  /** Its thread has said how long the attempt took. */
  ran(durationUs: number): void {
    this.#ranUs = durationUs;
  }

  /** Of a coroutine, a stream or an agent: a part of it has run for so long. The first ends its wait for a lane. */
  stepped(durationUs: number, threadId: number | undefined): void {
    const runMs = durationUs / 1000;
    this.#followed?.observer.partRan(this.#trace, threadId, runMs);
    if (this.#readyMs !== undefined) this.#queuedMs += Math.max(0, this.#clock.now() - this.#readyMs - runMs);
    this.#readyMs = undefined;
    this.#runMs += runMs;
    this.#steps++;
    if (!stepChannel.hasSubscribers) return;
    const endTime = this.#trace.startTime + (this.#clock.now() - this.#startedMs);
    const step: StepTrace = { task: this.#trace, step: this.#steps, startTime: endTime - runMs, endTime, runMs, threadId };
    queueMicrotask(() => stepChannel.publish(step));
  }

  /** Of a coroutine: it has come to a step. */
  stepTaken(step: Step): void {
    this.#followed?.observer.stepTaken(this.#trace, step);
  }

  attemptEnded(task: Task, outcome: Outcome, retried: boolean): void {
    const nowMs = this.#clock.now();
    const readyMs = this.#readyMs ?? nowMs;
    this.#readyMs = undefined;
    const beganMs = this.#beganMs(readyMs, nowMs);
    const runMs = this.#ranUs === undefined ? nowMs - beganMs : this.#ranUs / 1000;
    const queuedMs = beganMs - readyMs;
    this.#queuedMs += queuedMs;
    this.#runMs += runMs;
    // Its events come together, so whoever listens hears all of them or none.
    if (this.#followed !== undefined || isWatched(attemptChannel)) this.#keep(task, outcome, retried, beganMs, queuedMs, runMs);
    // The last one leaves with its task: nothing may come before the task's waiters.
    if (retried) this.#publishAttempts();
  }

  #keep(task: Task, outcome: Outcome, retried: boolean, beganMs: number, queuedMs: number, runMs: number): void {
    const startTime = this.#trace.startTime + (beganMs - this.#startedMs);
    const { runtime, action, tag, tenant, taskId, parentId } = this.#trace;
    const ended: AttemptTrace = {
      task: this.#trace,
      ...{ runtime, action, tag, tenant, taskId, parentId },
      attempt: task.attempts,
      startTime,
      endTime: startTime + runMs,
      outcome: outcomeOf(outcome),
      error: errorOf(outcome),
      retried,
      queuedMs,
      runMs,
      threadId: task.threadId,
    };
    this.#followed?.observer.attemptEnded(ended, outcome);
    if (this.#published) this.#attempts.push(ended);
  }

  /** When the attempt began, on the process-wide clock. The word is whole milliseconds, cut to 32 bits, so it can be a little early. */
  #beganMs(readyMs: number, nowMs: number): number {
    if (this.#startedWord === LOADING) return nowMs;
    const ageMs = ((nowMs | 0) - this.#startedWord) | 0;
    const latestMs = nowMs - (this.#ranUs ?? 0) / 1000;
    return Math.max(readyMs, Math.min(Math.floor(nowMs) - ageMs, latestMs));
  }

  #publishAttempts(): void {
    const ended = this.#attempts;
    this.#attempts = [];
    queueMicrotask(() => publishAttempts(ended));
  }

  settled(task: Task, outcome: Outcome): void {
    const nowMs = this.#clock.now();
    const trace = this.#trace;
    const waitedMs = this.#readyMs === undefined ? 0 : nowMs - this.#readyMs;
    const ended = this.#attempts;
    queueMicrotask(() => {
      trace.outcome = outcomeOf(outcome);
      trace.error = errorOf(outcome);
      trace.attempts = task.attempts;
      trace.queuedMs = this.#queuedMs + waitedMs;
      trace.runMs = this.#runMs;
      trace.totalMs = nowMs - this.#startedMs;
      trace.threadId = task.threadId;
      this.#followed?.observer.ended(trace, this.#followed.params, outcome);
      if (!this.#published) return;
      publishAttempts(ended);
      if (!outcome.ok) taskChannel.error.publish(trace);
      taskChannel.asyncEnd.publish(trace);
    });
  }
}

function publishAttempts(ended: readonly AttemptTrace[]): void {
  for (const attempt of ended) {
    attemptChannel.start.publish(attempt);
    if (attempt.error !== undefined) attemptChannel.error.publish(attempt);
    attemptChannel.asyncEnd.publish(attempt);
  }
}

function outcomeOf(outcome: Outcome): TraceOutcome {
  if (outcome.ok) return 'ok';
  const { type } = outcome.error;
  return type === 'timeout' || type === 'cancelled' ? type : 'error';
}

function errorOf(outcome: Outcome): TraceError | undefined {
  return outcome.ok ? undefined : traceError(outcome.error);
}

/** What telemetry says of an error. */
export function traceError({ type, code, retryable }: HeddleError): TraceError {
  return Object.freeze({ type, code, retryable });
}
