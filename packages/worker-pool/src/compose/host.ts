import type { Action, HeddleError, Outcome } from '@heddle/core';
import { kindOf } from '@heddle/core/engine';
import type { Timer } from '../clock.ts';
import { definedOf, type TaskOptions } from '../task-options.ts';

/** What chains and plans need of their runtime. */
export interface ComposeHost {
  /** As `runtime.run`. */
  run(action: Action, params: unknown, context: unknown, options: TaskOptions): Promise<Outcome>;
  /** Why this is nothing that `run` could run, if so. */
  actionFault(action: unknown): HeddleError | undefined;
  /** Milliseconds since the epoch. */
  now(): number;
  after(delayMs: number, callback: () => void): Timer;
}

/** A step's own options above those of the whole; its signal beside that of the whole. */
export function stepOptions(whole: TaskOptions, own: TaskOptions | undefined): TaskOptions {
  if (own === undefined) return whole;
  const options = { ...whole, ...definedOf(own) };
  const { signal } = whole;
  if (signal === undefined || own.signal === undefined || own.signal === signal) return options;
  return { ...options, signal: AbortSignal.any([signal, own.signal]) };
}

/** What an action is called that may be none. */
export function nameOfAction(action: unknown): string {
  return typeof action === 'object' && action !== null && 'name' in action ? String(action.name) : kindOf(action);
}
