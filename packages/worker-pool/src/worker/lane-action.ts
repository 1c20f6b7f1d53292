import type { ActionMetadata } from '@heddle/core';
import { Estimate } from '../scheduler/estimate.ts';
import { type LoadedAction, loadAction } from './load-action.ts';

/** A tiny action: its outcomes may wait a moment, and it may begin while others' outcomes wait. Microseconds. */
const TINY_US = 100;

/** An action as one lane knows it. */
export interface LaneAction {
  readonly module: string;
  readonly name: string;
  loaded: LoadedAction | undefined;
  readonly loading: Promise<LoadedAction>;
  metadata: ActionMetadata | undefined;
  readonly estimate: Estimate;
}

/** An action is named because tasks of it will come: it loads at once. */
export function introduceAction(module: string, name: string, onFailure: () => void): LaneAction {
  const loading = loadAction(module, name);
  // A thread caches what failed to load, so a mended file needs a new one. The action's tasks meet the same failure themselves.
  loading.catch(onFailure);
  return { module, name, loaded: undefined, loading, metadata: undefined, estimate: new Estimate() };
}

export function isTiny({ estimate: { us } }: LaneAction): boolean {
  return us !== undefined && us <= TINY_US;
}
