import type { Handle, Responder } from '@heddle/core';
import { durationFaults } from '@heddle/core/engine';
import { isHandle, type Target } from './target.ts';

/** How to ask whether a target is alive. */
export interface AliveOptions {
  /** Asks its thread as well: a thread that is stuck in a loop does not answer. */
  readonly responding: true;
  /** Milliseconds to wait for the answer. @defaultValue 1000 */
  readonly timeoutMs?: number;
}

/**
 * Whether a target is there and has not settled. Answers at once; with `responding`, when its thread has answered or time is over. What is no
 * target is not alive. A target that cannot be asked, a task, is taken at its status. Never throws, never rejects. Source: SEMANTICS W-5.
 */
export function alive(target: Target): boolean;
export function alive(target: Target, options: AliveOptions): Promise<boolean>;
export function alive(target: Target, options?: AliveOptions): boolean | Promise<boolean> {
  const there = isHandle(target) && target.status !== 'settled';
  if (options?.responding !== true) return there;
  return there ? responds(target, options.timeoutMs) : Promise.resolve(false);
}

async function responds(target: Handle, timeoutMs: number | undefined): Promise<boolean> {
  if (!isResponder(target)) return true;
  if (durationFaults('timeoutMs', timeoutMs).length > 0) return false;
  try {
    return await target.responds(timeoutMs);
  } catch {
    return false;
  }
}

function isResponder(target: Handle): target is Handle & Responder {
  return 'responds' in target && typeof target.responds === 'function';
}
