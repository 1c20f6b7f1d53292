import type { LaneReport, LaneState, Runtime, RuntimeStats } from '@heddle/worker-pool';
import type { Attributes, BatchObservableCallback, BatchObservableResult, Meter, Observable } from '@opentelemetry/api';

const STATES: readonly LaneState[] = ['opening', 'idle', 'busy', 'retiring', 'spare', 'ending', 'zombie'];

type Read = (stats: RuntimeStats) => number;

const COUNTS: readonly (readonly [name: string, description: string, read: Read])[] = [
  ['heddle.queue.depth', 'Tasks that wait for a lane.', ({ queued }) => queued],
  ['heddle.tasks.running', 'Tasks on lanes, begun or sent ahead.', ({ running }) => running],
  ['heddle.tasks.retrying', 'Tasks in their backoff.', ({ retrying }) => retrying],
  ['heddle.tasks.compensating', 'Failed tasks that are made good.', ({ compensating }) => compensating],
  ['heddle.coroutines.open', 'Coroutines that have not ended.', ({ coroutines }) => coroutines.open],
  ['heddle.coroutines.suspended', 'Coroutines at a yield.', ({ coroutines }) => coroutines.suspended],
  ['heddle.agents.open', 'Agents that have not ended.', ({ agents }) => agents],
];

const TOTALS: readonly (readonly [name: string, description: string, read: Read])[] = [
  ['heddle.lanes.lost', 'Threads that ended by themselves.', ({ lanesLost }) => lanesLost],
  ['heddle.lanes.killed', 'Threads that were ended by force.', ({ lanesKilled }) => lanesKilled],
];

/** Observes one runtime whenever metrics are collected: its counts, its lanes, their event loops and memory. Answers how to end that. */
export function gaugeRuntime(meter: Meter, runtime: Runtime): () => void {
  const own: Attributes = { 'heddle.runtime': runtime.name };
  const counts = COUNTS.map(([name, description, read]) => [meter.createObservableGauge(name, { description }), read] as const);
  const totals = TOTALS.map(([name, description, read]) => [meter.createObservableCounter(name, { description }), read] as const);
  const lanes = meter.createObservableGauge('heddle.lanes', { description: 'Lanes by what they do.' });
  const busy = meter.createObservableGauge('heddle.lane.event_loop.utilization', {
    description: 'The active share of a lane’s event loop, since the last look.',
  });
  const used = meter.createObservableGauge('heddle.lane.heap.used', { description: 'A lane’s heap in use.', unit: 'By' });
  const limit = meter.createObservableGauge('heddle.lane.heap.limit', { description: 'What a lane’s heap may grow to.', unit: 'By' });
  const external = meter.createObservableGauge('heddle.lane.memory.external', {
    description: 'What a lane holds beside its heap.',
    unit: 'By',
  });
  let previous: readonly LaneReport[] = [];
  const observe: BatchObservableCallback = async (result: BatchObservableResult) => {
    const stats = runtime.stats();
    for (const [gauge, read] of [...counts, ...totals]) result.observe(gauge, read(stats), own);
    previous = await runtime.lanes(previous);
    for (const state of STATES)
      result.observe(lanes, previous.filter((lane) => lane.state === state).length, { ...own, 'heddle.lane.state': state });
    for (const { index, stateful, eventLoop, memory } of previous) {
      const labels: Attributes = { ...own, 'heddle.lane': index, 'heddle.lane.stateful': stateful };
      if (eventLoop !== undefined) result.observe(busy, eventLoop.utilization, labels);
      if (memory === undefined) continue;
      result.observe(used, memory.heapUsedBytes, labels);
      result.observe(limit, memory.heapLimitBytes, labels);
      result.observe(external, memory.externalBytes, labels);
    }
  };
  const observed: Observable[] = [...[...counts, ...totals].map(([gauge]) => gauge), lanes, busy, used, limit, external];
  meter.addBatchObservableCallback(observe, observed);
  return () => meter.removeBatchObservableCallback(observe, observed);
}
