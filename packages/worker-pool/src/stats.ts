import type { Dispatcher } from './dispatcher.ts';
import type { TaskHost } from './task-host.ts';
import type { TenantStats } from './tenant/tenants.ts';

/** A runtime at one moment. Counts are of tasks unless named otherwise. */
export interface RuntimeStats {
  readonly name: string;
  /** One entry per open lane. */
  readonly lanes: readonly LaneStats[];
  /** Waiting at the host for a lane. */
  readonly queued: number;
  /** On a lane, begun or sent ahead; on one that is being ended by force as well, until its thread has ended. */
  readonly running: number;
  /** Waiting for their backoff to pass. */
  readonly retrying: number;
  /** Failed, and being made good by their action's `onError`; each counts once more where that stands: queued, running or retrying. */
  readonly compensating: number;
  /** Coroutines that have not ended, and those of them that are suspended. */
  readonly coroutines: { readonly open: number; readonly suspended: number };
  /** Agents that have not ended. */
  readonly agents: number;
  /** The tenants that have something: a task, something open, a rate that is not filled up again. Empty without `tenants`. */
  readonly tenants: readonly TenantStats[];
  /** The lanes where coroutines, streams and agents live. */
  readonly statefulLanes: readonly LaneStats[];
  /** Settled since the runtime was created. */
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Threads lost and killed since the runtime was created. */
  readonly lanesLost: number;
  readonly lanesKilled: number;
  /** Threads told to terminate that have not ended. */
  readonly zombies: number;
}

/** One lane at one moment. */
export interface LaneStats {
  readonly threadId: number;
  /** Tasks sent to it and not settled. */
  readonly inFlight: number;
  /** Tasks it has settled. */
  readonly settled: number;
}

/** The numbers of a runtime, now. */
export function statsOf(name: string, host: TaskHost): RuntimeStats {
  const { dispatcher, lanes: stateful, coroutines, agents } = host;
  const { scheduler, keeper, retrying, compensating, completed, failed, cancelled } = dispatcher;
  const { lanes, running } = onLanes(dispatcher);
  const { lanesLost, lanesKilled, zombies } = keeper;
  const queued = scheduler.queued + dispatcher.packs.uncountedQueued;
  const statefulLanes = stateful.opened === undefined ? [] : onLanes(stateful.opened).lanes;
  const tasks = {
    queued,
    running,
    retrying,
    compensating,
    coroutines: coroutines.counts(),
    agents: agents.open,
    tenants: dispatcher.tenants,
    completed,
    failed,
    cancelled,
  };
  return { name, lanes, statefulLanes, ...tasks, lanesLost, lanesKilled, zombies };
}

/** The lanes that serve, and the tasks on these and on those that are being ended. */
function onLanes({ keeper, packs }: Dispatcher): { readonly lanes: LaneStats[]; readonly running: number } {
  const lanes: LaneStats[] = [];
  let running = 0;
  for (const { lane, condition } of keeper.kept()) {
    const inFlight = lane.inFlight + packs.uncountedOn(lane);
    running += inFlight;
    if (condition === 'serving') lanes.push({ threadId: lane.threadId, inFlight, settled: lane.settled });
  }
  return { lanes, running };
}
