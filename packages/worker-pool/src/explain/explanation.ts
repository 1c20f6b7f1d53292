import type { HeddleError, Outcome } from '@heddle/core';

/** What `explain` can tell of: a task, or what lives on a lane. */
export type ExplainedKind = 'task' | 'coroutine' | 'stream' | 'agent';

/** A limit of time that holds now, and what is left of it. Milliseconds; below 0 = it is over, and is about to be acted upon. */
export interface TimeLimit {
  /** The option that sets it; `graceMs` is the runtime's, and so is the limit on loading a module. */
  readonly option:
    | 'timeoutMs'
    | 'totalTimeoutMs'
    | 'queueTimeoutMs'
    | 'deadline'
    | 'loadTimeoutMs'
    | 'backoffMs'
    | 'graceMs'
    | 'suspendTimeoutMs';
  readonly limitMs: number;
  readonly leftMs: number;
}

/** What every explanation holds. */
interface Explained {
  readonly kind: ExplainedKind;
  readonly id: string;
  /** The name of the action, or of the agent's definition. */
  readonly action: string;
  readonly tag: string | undefined;
  /** The id of the task or agent that started it. */
  readonly parent: string | undefined;
  /** The ids of those that it started and that have not settled. */
  readonly children: readonly string[];
  /** Attempts that began, and how many there may be. */
  readonly attempts: number;
  readonly maxAttempts: number;
  /** Why it stands where it stands, in words for a person. Not for programs: the words may change. */
  readonly reason: string;
  /** For how long it has been in this state, in milliseconds; `undefined` where nobody noted it. */
  readonly sinceMs: number | undefined;
  /** When it came to this state, in milliseconds since the epoch. */
  readonly since: number | undefined;
  /** The limits that hold now, the one that ends soonest first. */
  readonly limits: readonly TimeLimit[];
}

/** What stands on a lane, in few words. */
export interface LaneTask {
  readonly id: string;
  readonly action: string;
  /** `parked`: it waits for children, and its place is free. `ended`: its outcome is on its way. */
  readonly state: 'loading' | 'running' | 'parked' | 'cancelling' | 'ended';
  /** For how long it has run, in milliseconds; `undefined` while its module loads. */
  readonly sinceMs: number | undefined;
  /** Where several items of a `map` travel together, the one that runs stands for all: so many are left, itself included. */
  readonly items?: number;
}

/** It waits for a lane, or on one. */
export interface QueuedExplanation extends Explained {
  readonly state: 'queued';
  /** At the host, where it goes to the lane that has room first; or on a lane it was sent to, from where it can be taken back. */
  readonly place: 'host' | 'lane';
  /** The thread of that lane. */
  readonly lane: number | undefined;
  /** How many go before it. On a lane: of those that were sent there before it, and have not begun. */
  readonly ahead: number;
  /** What runs now where it waits: on its lane, or on all of them. */
  readonly behind: readonly LaneTask[];
}

/** It has begun on a lane, whose thread is loading the action's module; its own time has not begun. */
export interface LoadingExplanation extends Explained {
  readonly state: 'loading';
  readonly lane: number;
  readonly module: string;
}

/** It runs. */
export interface RunningExplanation extends Explained {
  readonly state: 'running';
  readonly lane: number;
}

/** It has begun, and waits for `children`. Its place on the lane is free for others meanwhile. */
export interface ParkedExplanation extends Explained {
  readonly state: 'parked';
  readonly lane: number;
}

/** It failed, and is tried again when its backoff is over. */
export interface RetryingExplanation extends Explained {
  readonly state: 'retrying';
  readonly lastError: HeddleError;
  /** When, in milliseconds since the epoch. */
  readonly nextAt: number;
}

/** It failed for good, and its action's `onError` makes it good. */
export interface CompensatingExplanation extends Explained {
  readonly state: 'compensating';
  /** Where the compensation stands, which is a task of its own with the same id. */
  readonly compensation: TaskExplanation | undefined;
}

/** A coroutine at a `yield`, or an agent with nothing to do. It holds memory of its lane and no time. */
export interface SuspendedExplanation extends Explained {
  readonly state: 'suspended';
  readonly lane: number | undefined;
}

/** Somebody or something has asked for its end, and it has not ended yet. */
export interface CancellingExplanation extends Explained {
  readonly state: 'cancelling';
  readonly lane: number | undefined;
  /** What it will have ended with, unless it ends otherwise first. */
  readonly error: HeddleError | undefined;
}

/** It has ended. Only of a ref: a runtime does not keep what has settled. */
export interface SettledExplanation extends Explained {
  readonly state: 'settled';
  readonly outcome: Outcome;
}

/**
 * Where a task, a coroutine, a stream or an agent stands at one moment, since when, and what stands in its way. Plain data but for errors.
 * Source: SEMANTICS R-13.
 */
export type TaskExplanation =
  | QueuedExplanation
  | LoadingExplanation
  | RunningExplanation
  | ParkedExplanation
  | RetryingExplanation
  | CompensatingExplanation
  | SuspendedExplanation
  | CancellingExplanation
  | SettledExplanation;
