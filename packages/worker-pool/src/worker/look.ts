import { performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { memoryOf } from '../lane/lane-memory.ts';
import type { EventLoopTimes, LaneMemory } from '../lane/thread-pool.ts';
import type { LaneLook } from '../protocol/output.ts';

/** What a lane says of the thread or the process it is in. */
export function lookInside(): LaneLook {
  return { eventLoop: ownEventLoop(), memory: ownMemory() };
}

/** How busy this thread's event loop is. */
export function ownEventLoop(): EventLoopTimes {
  const { active, idle } = performance.eventLoopUtilization();
  return { activeMs: active, idleMs: idle };
}

/** What is in this thread's memory. */
export function ownMemory(): LaneMemory {
  return memoryOf(getHeapStatistics());
}
