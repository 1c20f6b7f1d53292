import type { HeddleError } from '@heddle/core';
import type { Timer } from './clock.ts';
import type { Hosted } from './explain/standing.ts';
import type { SchedulerLane } from './scheduler/ports.ts';
import type { Child, Task, TaskKey } from './task.ts';
import type { TaskClocks } from './task-clocks.ts';

/** Since when a task has been where it is, and until when it may be; for whoever asks. On the process-wide clock. */
export interface Mark {
  readonly sinceMs: number;
  readonly dueMs: number | undefined;
}

/** What is kept of a task that has limits, is tried again, waits for a child or is ended before its time. What each means: see `Task`. */
export class Trouble {
  ending: HeddleError | undefined = undefined;
  lastAttempt: boolean = false;
  cancelled: boolean = false;
  timer: Timer | undefined = undefined;
  mark: Mark | undefined = undefined;
  startedMs: number = 0;
  deadlineMs: number = Number.POSITIVE_INFINITY;
  clocks: TaskClocks | undefined = undefined;
  lastError: HeddleError | undefined = undefined;
  loadingSinceMs: number | undefined = undefined;
  parked: boolean = false;
  ran: boolean = false;

  /** The task has settled. */
  end(): void {
    this.ending = undefined;
    this.lastError = undefined;
    this.timer?.cancel();
    this.timer = undefined;
    this.clocks?.stop();
    this.clocks = undefined;
  }
}

/** What ties a task to others: those above and below it, and what it stands for. What each means: see `Task`. */
export class Ties {
  compensates: Task | undefined = undefined;
  depth: number = 0;
  home: SchedulerLane<Task> | undefined = undefined;
  seat: object | undefined = undefined;
  onValues: ((values: readonly unknown[]) => void) | undefined = undefined;
  host: Hosted | undefined = undefined;
  notedMs: number | undefined = undefined;
  parent: Task | undefined = undefined;
  children: Map<TaskKey, Child> | undefined = undefined;

  /** The task has settled. */
  cut(): void {
    this.parent = undefined;
    this.host = undefined;
    this.onValues = undefined;
  }
}
