import type { ActionRole } from '../protocol/input.ts';
import { RowWriter } from '../protocol/row.ts';
import { Estimate } from '../scheduler/estimate.ts';
import { whileLoading } from './lane-thread.ts';
import { type LoadedAction, loadAction, RESUME } from './load-action.ts';
import { agentTurns, loadAgent } from './load-agent.ts';

/** A tiny action: its outcomes may wait a moment, and it may begin while others' outcomes wait. Microseconds. */
const TINY_US = 100;
/**
 * A slow run of an action that is otherwise tiny. Microseconds. Longer than a collection of garbage or the loss of the core takes as a rule:
 * a limit of 1 ms took those for slow runs, and cost up to a sixth of the throughput at 4 096 in flight (`bench dispatch`).
 */
const SLOW_US = 10_000;
const WARY_RUNS = 10_000;

/** An action as one lane knows it. */
export interface LaneAction {
  readonly module: string;
  readonly name: string;
  readonly role: ActionRole;
  loaded: LoadedAction | undefined;
  readonly loading: Promise<LoadedAction>;
  readonly estimate: Estimate;
  /** Finds the shapes of its results. */
  readonly rows: RowWriter;
  /** Runs to come before which finished outcomes are posted all the same: one run of it was slow not long ago. */
  wary: number;
}

/** What an action needs of its lane. */
export interface ActionPorts {
  /** Its module does not load. */
  failed(): void;
  /** Tells the host of a shape of its results; answers the shape's number. */
  announce(keys: readonly string[]): number;
}

/** An action is named because tasks of it will come: it loads at once. */
export function introduceAction(module: string, name: string, role: ActionRole, ports: ActionPorts): LaneAction {
  const action = { module, name, role, estimate: new Estimate(), rows: new RowWriter((keys) => ports.announce(keys)), wary: 0 };
  if (role === 'resume') return { ...action, loaded: RESUME, loading: Promise.resolve(RESUME) };
  if (role === 'signal') {
    const turns = agentTurns(module, name);
    return { ...action, loaded: turns, loading: Promise.resolve(turns) };
  }
  const loading = whileLoading(() => (role === 'agent' ? loadAgent(module, name) : loadAction(module, name, role)));
  // A thread caches what failed to load, so a mended file needs a new one. The action's tasks meet the same failure themselves.
  loading.catch(() => ports.failed());
  return { ...action, loaded: undefined, loading };
}

/** Whether what is finished may wait while this action runs. */
export function mayHoldBack(action: LaneAction): boolean {
  if (action.wary > 0) action.wary--;
  const { us } = action.estimate;
  return action.wary === 0 && us !== undefined && us <= TINY_US;
}

/** Learns from one run. After a slow one nothing waits behind the action for a while: what waits in a thread that is ended is lost. */
export function learnDuration(action: LaneAction, durationUs: number): void {
  action.estimate.add(durationUs);
  if (durationUs > SLOW_US) action.wary = WARY_RUNS;
}
