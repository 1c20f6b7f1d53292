import type { Outcome, Step } from '@heddle/core';
import type { RuntimeEvent } from '../event.ts';
import type { LogOutput } from '../protocol/output.ts';
import type { Task } from '../task.ts';
import type { AttemptTrace, TaskTrace } from '../telemetry/trace.ts';

/** Who looks into one runtime. Called on the main thread, in the middle of its work: none of these may throw. */
export interface TaskObserver {
  /** Whether the items of maps are to be tasks of their own, and not to share packs. */
  readonly each: boolean;
  /** Asked as a task starts: whether it is to be followed. Those that are not are only counted. */
  follows(task: Task): boolean;
  /** Any task has settled, followed or not. */
  counted(task: Task, outcome: Outcome): void;
  /** Of a followed task: it has settled, and its waiters were told. */
  ended(trace: TaskTrace, params: unknown, outcome: Outcome): void;
  /** Of a followed task: an attempt is over. */
  attemptEnded(trace: AttemptTrace, outcome: Outcome): void;
  /** Of a followed coroutine or stream: a part of it has run until now. */
  partRan(trace: TaskTrace, threadId: number | undefined, runMs: number): void;
  /** Of a followed coroutine: it has come to a step. */
  stepTaken(trace: TaskTrace, step: Step): void;
  logged(record: LogOutput, threadId: number): void;
  told(event: RuntimeEvent): void;
}

/** Where a runtime keeps its observer: one check a task where there is none. */
export class ObserverSlot {
  current: TaskObserver | undefined = undefined;
}

/** A task as its observer follows it. */
export interface Followed {
  readonly observer: TaskObserver;
  readonly params: unknown;
}
