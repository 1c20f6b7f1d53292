import type { HeddleError, Outcome, Step, TaskStatus } from '@heddle/core';
import type { RuntimeEvent } from '../event.ts';
import type { AttemptTrace, TaskTrace } from '../telemetry/trace.ts';

/** What a task is: run to its end, resumed step by step, read as it yields, or an agent. */
export type TaskKind = 'plain' | 'coroutine' | 'stream' | 'agent';

/** A task that has not settled, at one moment. */
export interface InspectedTask {
  readonly id: string;
  readonly action: string;
  readonly kind: TaskKind;
  readonly tag: string | undefined;
  readonly parentId: string | undefined;
  readonly status: TaskStatus;
  /** Begun until now. */
  readonly attempts: number;
  readonly threadId: number | undefined;
  /** Milliseconds that it has run on its lane, this attempt or step; `undefined` when it does not run, or its module still loads. */
  readonly runningMs: number | undefined;
}

/** More of such a task, for whoever looks at it alone. */
export interface InspectedDetails extends InspectedTask {
  /** What it was started with, redacted; `undefined` where the runtime does not hold it. */
  readonly params: unknown;
  /** What it last told by `ctx.progress`, redacted. */
  readonly progress: unknown;
  /** Why its last attempt failed, while it waits for the next. */
  readonly lastError: HeddleError | undefined;
  /** What its present attempt started and that has not settled. */
  readonly children: readonly InspectedTask[];
  /** Of a coroutine: the schema of what resumes it, if it has one. */
  readonly resumeSchema: unknown;
}

/** Where a thread stands among its runtime's lanes: as in the reports of `runtime.lanes`. */
export interface LanePlace {
  readonly threadId: number;
  readonly index: number;
  readonly stateful: boolean;
}

/** A task that did not end well, as {@link InspectionListeners.failed} is told. */
export interface FailedTask {
  readonly id: string;
  readonly action: string;
  readonly error: HeddleError;
  readonly attempts: number;
  readonly threadId: number | undefined;
  /** Of its last attempt, as its thread measured it. */
  readonly runMs: number | undefined;
  /** Whether `ended` tells more of it. */
  readonly followed: boolean;
}

/** A record that an action has written by `ctx.log`, redacted. */
export interface InspectionRecord {
  readonly taskId: string;
  readonly action: string;
  readonly attempt: number;
  readonly level: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string | undefined;
  readonly threadId: number;
}

/**
 * What an inspection is told while it is open; each may be left out. Called on the main thread in the middle of its work: be quick. What
 * one throws goes no further, and the first of each is a process warning. Tasks that are `telemetry: 'silent'` are never told of.
 */
export interface InspectionListeners {
  /** Whether a task that is starting is to be followed, at a microsecond or two; the others are only counted. @defaultValue none is */
  readonly follows?: (action: string, kind: TaskKind) => boolean;
  /** A task has settled, followed or not; but for items of maps that travel together. */
  readonly counted?: (action: string, outcome: Outcome) => void;
  /** One of them did not end well: it failed, ran out of time, or was cancelled. */
  readonly failed?: (task: FailedTask) => void;
  /** A followed task has settled, and its waiters know. Params are those it was started with: as they are, not redacted. */
  readonly ended?: (trace: TaskTrace, params: unknown, outcome: Outcome) => void;
  /** Of a followed task: an attempt is over. */
  readonly attemptEnded?: (trace: AttemptTrace, outcome: Outcome) => void;
  /** Of a followed coroutine or stream: it has run on a thread until now, for `runMs`. */
  readonly partRan?: (trace: TaskTrace, threadId: number | undefined, runMs: number) => void;
  /** Of a followed coroutine: it has come to a step. */
  readonly stepTaken?: (trace: TaskTrace, step: Step) => void;
  /** `ctx.log`, as far as the logger's level lets it through. */
  readonly logged?: (record: InspectionRecord) => void;
  /** What `onEvent` is told. */
  readonly event?: (event: RuntimeEvent) => void;
}

/**
 * A look into one runtime, for tools such as `@heddle/dashboard`: what is open, what runs where, and what ends. Close it when done; closing
 * it, or the runtime, changes nothing of the other.
 */
export interface Inspection {
  /** Whether items of maps are told of one by one, as tasks; else they travel together, are counted by `stats()` alone, and are ten times as quick. */
  each: boolean;
  /** Where the threads of lanes stand, now and without asking them. */
  places(): readonly LanePlace[];
  /** Tasks that have not settled, at most `limit`: those that have begun first, then the queue in its order. */
  tasks(limit: number): readonly InspectedTask[];
  /** One that has not settled. */
  task(id: string): InspectedDetails | undefined;
  /**
   * Answers a suspended coroutine; its next step goes to whoever is told of its steps.
   *
   * @throws HeddleError `not_found`; `not_suspended`; `validation_error` for a value that the action's `resumeSchema` refuses
   */
  resume(id: string, value: unknown): void;
  /**
   * Ends a lane's thread: what has begun on it fails with `worker_lost`, and is retried as its action allows; what has not goes elsewhere.
   * Another lane takes its place when it is needed. Answers whether there was such a lane.
   */
  endLane(threadId: number): boolean;
  /** A value as it may be shown: plain, bounded in size, secrets replaced by the runtime's own rules. */
  redact(value: unknown): unknown;
  close(): void;
  [Symbol.dispose](): void;
}
