import type { Action } from '@heddle/core';
import type { ActionEntry } from '../action-table.ts';
import { Estimate } from '../scheduler/estimate.ts';
import { DEFAULT_TASK_OPTIONS } from '../task-options.ts';

/** Stands for the action in the steps of a coroutine after its first, and for what was no action at all. */
export const RESUME_ENTRY: ActionEntry = Object.freeze({
  action: Object.freeze({ name: 'coroutine', module: '', tags: [] }) as unknown as Action, // only its metadata is ever read
  params: undefined,
  objectParams: false,
  options: DEFAULT_TASK_OPTIONS,
  estimate: new Estimate(),
  role: 'resume',
  compensation: undefined,
});
