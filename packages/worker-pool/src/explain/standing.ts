import type { HeddleError } from '@heddle/core';
import type { Task } from '../task.ts';
import type { ExplainedKind } from './explanation.ts';

/** Where something stands that lives on a lane, as its own record says. Made when somebody asks. */
export interface Standing {
  readonly kind: Exclude<ExplainedKind, 'task'>;
  readonly state: 'active' | 'suspended' | 'cancelling';
  /** While it computes, the task that it computes in. */
  readonly step: Task | undefined;
  /** Why it rests, or what it does. */
  readonly reason: string;
  /** When what it last computed was over, on the process-wide clock. */
  readonly stoppedMs: number | undefined;
  /** How long it may rest, in milliseconds. */
  readonly restLimitMs: number;
  /** Why it is to end. */
  readonly ending: HeddleError | undefined;
  /** Who started it, and whom it started; of an agent. */
  readonly parent: string | undefined;
  readonly children: readonly string[];
}

/** What a task stands for that somebody else carries out. */
export interface Hosted {
  /** Ends it before its time. */
  end(error: HeddleError): void;
  standing(): Standing;
}
