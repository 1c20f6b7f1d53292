import type { HeddleError, Outcome, ParentDeathPolicy } from '@heddle/core';
import type { Clock } from '../clock.ts';
import type { RuntimeEvent } from '../event.ts';
import type { SchedulerLane } from '../scheduler/ports.ts';
import type { Task } from '../task.ts';
import type { AgentRun } from './agent-run.ts';

/** What an agent asks of those who carry it. */
export interface AgentPorts {
  readonly clock: Clock;
  /** Sends a turn out. */
  launch(step: Task): void;
  /** Ends a turn before its time. */
  end(step: Task, error: HeddleError): void;
  /** It lives on this lane from now on. */
  moved(run: AgentRun, from: SchedulerLane<Task> | undefined, to: SchedulerLane<Task> | undefined): void;
  /** It has ended. */
  ended(run: AgentRun, outcome: Outcome): void;
  /** Why nothing may rest any more, if so. */
  closing(run: AgentRun): HeddleError | undefined;
  tell(event: RuntimeEvent, life: Task): void;
  guard(callback: string, task: Task, call: () => void): void;
}

/** Whose child it is, and what becomes of it then. */
export interface Parentage {
  readonly run: AgentRun;
  readonly tag: string;
  readonly policy: ParentDeathPolicy;
}
