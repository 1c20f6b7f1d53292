import type { TaskInput } from '../protocol/input.ts';
import { NOT_SMALL, snapshot } from '../protocol/snapshot.ts';

/**
 * Gives a task of a batch params and context of its own. A message is cloned as one, so an object that several of its tasks were given,
 * a shared configuration for example, arrives as one object in all of them: what one action changes, the next would see.
 * Params that came as a row are its own already.
 */
export function isolate(task: TaskInput, ownsParams: boolean): TaskInput {
  const params = ownsParams ? task.params : own(task.params);
  const context = own(task.context);
  return params === task.params && context === task.context ? task : { ...task, params, context };
}

/** A copy, of whatever is not primitive. */
export function own(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const copy = snapshot(value);
  // It has been cloned once, so it clones again; what was transferred does not, and never shares a message.
  return copy === NOT_SMALL ? structuredClone(value) : copy;
}
