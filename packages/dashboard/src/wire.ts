import type { LaneState, LaneTask, TaskKind } from '@heddle/worker-pool';

/** Where a task stands, or how it ended. */
type TaskState =
  | 'queued'
  | 'running'
  | 'suspended'
  | 'retrying'
  | 'compensating'
  | 'cancelling'
  | 'settled'
  | 'ok'
  | 'error'
  | 'timeout'
  | 'cancelled';

/** A task in few words. Times are in milliseconds, `startTime` since the epoch. */
export interface TaskRow {
  readonly id: string;
  readonly action: string;
  readonly kind: TaskKind;
  readonly tag?: string;
  readonly parentId?: string;
  readonly state: TaskState;
  readonly lane?: string;
  readonly attempts: number;
  readonly startTime?: number;
  readonly queuedMs?: number;
  readonly runMs?: number;
  readonly totalMs?: number;
  /** Its type and its message, on a line. */
  readonly error?: string;
}

/** A lane, and what runs on it. */
export interface LaneRow {
  /** Its index; of one of the stateful lanes, which are numbered by themselves, with an `s` before it. */
  readonly lane: string;
  readonly thread?: number;
  readonly state: LaneState;
  readonly settled: number;
  readonly waiting: number;
  /** Coroutines and agents that live on it. */
  readonly living: number;
  /** The active share of its event loop, lately: 0 to 1. */
  readonly busy?: number;
  readonly heapBytes?: number;
  /** The first that run; `more` are left out. */
  readonly running: readonly RunningRow[];
  readonly more: number;
}

/** What runs on a lane. */
export interface RunningRow {
  readonly id: string;
  readonly action: string;
  readonly state: LaneTask['state'];
  readonly forMs?: number;
  /** Items of a map that travel together. */
  readonly items?: number;
}

/** How a span of the time line ended: as its task did, or with another to follow. */
export type SpanEnd = 'ok' | 'error' | 'timeout' | 'cancelled' | 'retried' | 'suspended';

/** A stretch of time that a task ran on a lane. Milliseconds since the epoch. */
export interface Span {
  readonly seq: number;
  readonly task: string;
  readonly action: string;
  readonly lane: string;
  readonly from: number;
  readonly to: number;
  /** It waited for its lane before, or was suspended; since when. */
  readonly waited?: 'queued' | 'suspended';
  readonly since?: number;
  readonly end: SpanEnd;
}

/** A second of the runtime. Rates are per second, latencies in milliseconds from start to outcome; absent when nothing ended. */
export interface Point {
  readonly seq: number;
  readonly at: number;
  readonly ok: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly queued: number;
  readonly running: number;
  readonly p50?: number;
  readonly p90?: number;
  readonly p99?: number;
}

/** An action: counts are exact, latencies those of the tasks that were followed in the last minute. */
export interface ActionRow {
  readonly action: string;
  readonly ended: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly perSecond: number;
  readonly run?: Percentiles;
  readonly wait?: Percentiles;
}

/** Milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

/** The failures of one type of one action. */
export interface FailureRow {
  readonly type: string;
  readonly action: string;
  readonly count: number;
  readonly lastAt: number;
  readonly lastTask: string;
  readonly message: string;
}

/** Something that no outcome tells: a lost lane, a stray error. */
export interface EventRow {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly text: string;
  readonly task?: string;
  readonly lane?: string;
}

/** The counts of a runtime, all exact. */
export interface Totals {
  readonly queued: number;
  readonly running: number;
  readonly retrying: number;
  readonly compensating: number;
  readonly coroutines: number;
  readonly suspended: number;
  readonly agents: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly lanesLost: number;
  readonly lanesKilled: number;
  readonly zombies: number;
}

/** What changes: sent some four times a second. Lists named `new…` hold what came since the frame before. */
export interface Frame {
  readonly at: number;
  readonly totals: Totals;
  readonly lanes: readonly LaneRow[];
  /** Tasks that have not settled, those that have begun first; not all, where there are many. */
  readonly open: readonly TaskRow[];
  readonly actions: readonly ActionRow[];
  readonly failures: readonly FailureRow[];
  readonly newRecent: readonly TaskRow[];
  readonly newSpans: readonly Span[];
  readonly newPoints: readonly Point[];
  readonly newEvents: readonly EventRow[];
}

/** An action that the page may start. */
export interface StartableAction {
  readonly name: string;
  readonly kind: 'plain' | 'coroutine';
  readonly description?: string;
  /** JSON Schema. */
  readonly schema?: unknown;
}

/** The first frame of a page, and the one after some were dropped: its lists hold all there is. */
export interface Hello extends Frame {
  readonly runtime: string;
  readonly readOnly: boolean;
  /** Where it listens no more: the runtime was closed. */
  readonly startable: readonly StartableAction[];
}

/** One attempt of a task. */
export interface AttemptRow {
  readonly attempt: number;
  readonly startTime: number;
  readonly queuedMs: number;
  readonly runMs: number;
  readonly lane?: string;
  readonly state: TaskState;
  readonly retried: boolean;
  readonly error?: string;
}

/** One step of a coroutine. */
export interface StepRow {
  readonly seq: number;
  readonly kind: string;
  readonly at: number;
  readonly text: string;
}

/** One record of a task's log. */
export interface LogRow {
  readonly at: number;
  readonly level: string;
  readonly attempt: number;
  readonly message: string;
  readonly fields: string;
}

/** All that is known of one task. Texts are redacted and cut. */
export interface TaskDetails {
  readonly task: TaskRow;
  readonly open: boolean;
  /** Why it stands where it stands. */
  readonly why?: string;
  readonly params?: string;
  readonly value?: string;
  readonly error?: string;
  readonly progress?: string;
  readonly attempts: readonly AttemptRow[];
  readonly steps: readonly StepRow[];
  readonly logs: readonly LogRow[];
  readonly children: readonly TaskRow[];
  readonly resumeSchema?: unknown;
}
