import { type Clock, processNow } from '../clock.ts';
import type { Dispatcher } from '../dispatcher.ts';
import type { Lane } from '../lane/lane.ts';
import { MemoryGovernor } from './governor.ts';

/** Watches the memory of a runtime's lanes, and its instances', where it was given a limit. `parts`: what carries their tasks, at that moment. */
export function governMemory(
  maxRssMb: number | undefined,
  clock: Clock,
  parts: () => readonly Dispatcher[],
): MemoryGovernor<Lane> | undefined {
  if (maxRssMb === undefined) return undefined;
  const carrierOf = (lane: Lane): Dispatcher | undefined => parts().find(({ keeper }) => [...keeper].includes(lane));
  return new MemoryGovernor<Lane>(maxRssMb, {
    clock,
    rssBytes: () => process.memoryUsage.rss(),
    lanes: () => parts().flatMap(({ keeper }) => [...keeper]),
    bytesOf: (lane) => lane.memoryBytes(),
    runningMs,
    stop: (lane, error) => carrierOf(lane)?.stopLane(lane, error),
    tell: (event) => parts()[0]?.report(event),
  });
}

/** How long the newest of what has begun on a lane has run. */
function runningMs(lane: Lane): number | undefined {
  const now = processNow() | 0;
  // Cut to 32 bits, both: right across the wrap.
  const running = lane.tasks().flatMap((task) => (lane.state(task) === 'begun' ? [(now - lane.startedMs(task)) | 0] : []));
  return running.length === 0 ? undefined : Math.min(...running);
}
