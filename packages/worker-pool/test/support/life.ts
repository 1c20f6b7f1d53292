import { fail, HeddleError, type Outcome, ok } from '@heddle/core';
import type { AsyncRef } from '../../src/async-ref.ts';
import type { TaskInput } from '../../src/protocol/input.ts';
import type { TaskOptions } from '../../src/task-options.ts';
import type { SimThread } from './sim-pool.ts';

/** What the world knows of a task from outside. */
export interface Life {
  readonly number: number;
  /** None for one that was given to `run`. */
  readonly ref: AsyncRef | undefined;
  readonly given: LifeOptions;
  readonly outcomes: Outcome[];
  /** Its `run` was rejected: the runtime was closed while it waited for room. */
  refused: boolean;
  /** Attempts that threads began. */
  begun: number;
  /** The threads it runs on. */
  readonly running: Set<SimThread>;
  /** Somebody asked for its end before it had settled. */
  ended: boolean;
  /** When its total time or its deadline is over. */
  readonly dueMs: number;
}

/** What a task is started with. */
export interface LifeOptions {
  readonly action: number;
  readonly options: TaskOptions;
  /** From now on. */
  readonly deadlineInMs: number;
  readonly signal: number | undefined;
  readonly payload: 'plain' | 'moved' | 'faulty';
  readonly by: 'start' | 'run';
}

/** How an attempt ends. */
export type Ending = 'ok' | 'error' | 'final' | 'asked';

/** A life in words, for what does not hold. */
export function describeLife({ number, ref, outcomes, given }: Life): string {
  return `${number} by ${given.by} ${ref?.status ?? ''} ${JSON.stringify(outcomes)}`;
}

/** The outcome of an attempt, which says whose it is. */
export function outcomeOf(ending: Ending, life: Life, task: TaskInput): Outcome {
  switch (ending) {
    case 'ok':
      return ok({ life: life.number, attempt: task.attempt });
    case 'error':
      return fail(new HeddleError('execution_error', 'it failed'));
    case 'final':
      return fail(new HeddleError('execution_error', 'it failed for good', { retryable: false }));
    case 'asked':
      return fail(new HeddleError('cancelled', 'it was told to end'));
  }
}
