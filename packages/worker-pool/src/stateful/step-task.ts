import type { ActionEntry } from '../action-table.ts';
import { Task } from '../task.ts';
import type { ParsedTaskOptions } from '../task-options.ts';

/** What a step runs with. */
export interface StepInput {
  readonly entry: ActionEntry;
  readonly options: ParsedTaskOptions;
  readonly params: unknown;
  readonly context: unknown;
}

/**
 * A step of something that lives on a stateful lane: a task of its own with the key of the life, so that claims, limits and the ladder of
 * a cancel mean for it what they mean for tasks. What it starts is its child, and belongs to whom the life belongs to. Source: SEMANTICS E-5.
 */
export function stepTask(life: Task, { entry, options, params, context }: StepInput): Task {
  const step = new Task(life.key, entry, options, params, context);
  step.deadlineMs = life.deadlineMs;
  step.owner = life.owner;
  step.carried = life.carried;
  return step;
}
