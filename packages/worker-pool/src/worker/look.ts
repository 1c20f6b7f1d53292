import { performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { memoryOf } from '../lane/lane-memory.ts';
import type { LaneLook } from '../protocol/output.ts';

/** What a lane says of the thread or the process it is in. */
export function lookInside(): LaneLook {
  const { active, idle } = performance.eventLoopUtilization();
  return { eventLoop: { activeMs: active, idleMs: idle }, memory: memoryOf(getHeapStatistics()) };
}
