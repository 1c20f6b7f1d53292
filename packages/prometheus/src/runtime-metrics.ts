import type { LaneReport, LaneState, Runtime, RuntimeStats } from '@heddle/worker-pool';
import type { Counter, Gauge } from 'prom-client';
import type { Instruments } from './instruments.ts';

const STATES: readonly LaneState[] = ['opening', 'idle', 'busy', 'retiring', 'spare', 'ending', 'zombie'];

type Read = (stats: RuntimeStats) => number;

/** Reads a runtime at each scrape: its counts, and what its lanes do, once for all metrics of one scrape. */
export function observeRuntime(instruments: Instruments, runtime: Runtime): void {
  observeCounts(instruments, runtime);
  observeLanes(instruments, runtime);
}

function observeCounts(instruments: Instruments, runtime: Runtime): void {
  const gauge = (name: string, help: string, read: Read): void => {
    const made: Gauge = instruments.gauge(name, help, [], () => made.set(instruments.labelled(), read(runtime.stats())));
  };
  const counter = (name: string, help: string, read: Read): void => {
    const made: Counter = instruments.counter(name, help, [], () => {
      made.reset();
      made.inc(instruments.labelled(), read(runtime.stats()));
    });
  };
  gauge('tasks_queued', 'Tasks that wait for a lane.', ({ queued }) => queued);
  gauge('tasks_running', 'Tasks on lanes, begun or sent ahead.', ({ running }) => running);
  gauge('tasks_retrying', 'Tasks in their backoff.', ({ retrying }) => retrying);
  gauge('tasks_compensating', 'Failed tasks that are made good.', ({ compensating }) => compensating);
  gauge('coroutines_open', 'Coroutines that have not ended.', ({ coroutines }) => coroutines.open);
  gauge('coroutines_suspended', 'Coroutines at a yield.', ({ coroutines }) => coroutines.suspended);
  gauge('agents_open', 'Agents that have not ended.', ({ agents }) => agents);
  counter('lanes_lost_total', 'Threads that ended by themselves.', ({ lanesLost }) => lanesLost);
  counter('lanes_killed_total', 'Threads that were ended by force.', ({ lanesKilled }) => lanesKilled);
}

function observeLanes(instruments: Instruments, runtime: Runtime): void {
  const look = sharedLook(runtime);
  const byLane = (name: string, help: string, read: (lane: LaneReport) => number | undefined): void => {
    const made: Gauge = instruments.gauge(name, help, ['lane', 'stateful'], async () => {
      const reports = await look();
      // A lane that is gone has no value any more.
      made.reset();
      for (const report of reports) {
        const value = read(report);
        if (value !== undefined) made.set(instruments.labelled({ lane: report.index, stateful: String(report.stateful) }), value);
      }
    });
  };
  const states: Gauge = instruments.gauge('lanes', 'Lanes by what they do.', ['state', 'stateful'], async () => {
    const reports = await look();
    for (const stateful of [false, true])
      for (const state of STATES) {
        const count = reports.filter((report) => report.state === state && report.stateful === stateful).length;
        states.set(instruments.labelled({ state, stateful: String(stateful) }), count);
      }
  });
  byLane('lane_running', 'Tasks that have begun on a lane.', ({ running }) => running.length);
  byLane(
    'lane_event_loop_utilization',
    'The active share of a lane’s event loop since the last scrape, from 0 to 1.',
    ({ eventLoop }) => eventLoop?.utilization,
  );
  byLane('lane_heap_used_bytes', 'A lane’s heap in use.', ({ memory }) => memory?.heapUsedBytes);
  byLane('lane_heap_limit_bytes', 'What a lane’s heap may grow to.', ({ memory }) => memory?.heapLimitBytes);
  byLane('lane_external_bytes', 'What a lane holds beside its heap.', ({ memory }) => memory?.externalBytes);
}

/** The lanes, looked at once however many metrics ask in one turn of the event loop. */
function sharedLook(runtime: Runtime): () => Promise<readonly LaneReport[]> {
  let previous: readonly LaneReport[] = [];
  let looking: Promise<readonly LaneReport[]> | undefined;
  const look = async (): Promise<readonly LaneReport[]> => {
    try {
      previous = await runtime.lanes(previous);
      return previous;
    } finally {
      looking = undefined;
    }
  };
  return () => {
    looking ??= look();
    return looking;
  };
}
