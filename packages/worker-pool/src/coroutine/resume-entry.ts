import type { Action } from '@heddle/core';
import type { ActionEntry } from '../action-table.ts';
import { Estimate } from '../scheduler/estimate.ts';
import { DEFAULT_TASK_OPTIONS } from '../task-options.ts';

/** Stands for an action in the steps of its coroutines after their first: the lane finds the coroutine, and needs no action for it. */
export function createResumeEntry(name: string): ActionEntry {
  return Object.freeze({
    action: Object.freeze({ name, module: '', tags: [] }) as unknown as Action, // only its metadata is ever read
    params: undefined,
    objectParams: false,
    options: DEFAULT_TASK_OPTIONS,
    estimate: new Estimate(),
    role: 'resume',
    compensation: undefined,
  });
}
