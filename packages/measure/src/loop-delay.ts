import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

const RESOLUTION_MS = 1;
/** The first timer that fires is no sample: it begins the next one. */
const SETTLE_MS = 4 * RESOLUTION_MS;

/**
 * How late a timer of this thread fires while `work` is under way, at the 99th percentile. Milliseconds.
 * Work that never lets the loop turn counts as one delay of its whole length.
 */
export async function measureLoopDelay(work: () => Promise<void>): Promise<number> {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  try {
    await sleep(SETTLE_MS);
    await work();
    // The last delay is known only when the loop has turned once more.
    await sleep(SETTLE_MS);
  } finally {
    histogram.disable();
  }
  return Math.max(0, histogram.percentile(99) / 1e6 - RESOLUTION_MS);
}
