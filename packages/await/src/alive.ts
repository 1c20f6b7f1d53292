import { isHandle, type Target } from './target.ts';

/** Whether a target is there and has not settled. Answers at once; what is no target is not alive. Source: SEMANTICS W-5. */
export function alive(target: Target): boolean {
  return isHandle(target) && target.status !== 'settled';
}
