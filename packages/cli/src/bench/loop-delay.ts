import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How late the timers of the main thread were while something ran. Milliseconds. */
export interface LoopDelay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Nanoseconds in a millisecond. */
const NS = 1e6;
const RESOLUTION_MS = 1;

/** Samples the event loop once a millisecond while `work` runs. */
export async function measureLoopDelay<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly delay: LoopDelay }> {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  try {
    // A first tick, that the monitor has something to count from.
    await new Promise((resolve) => setTimeout(resolve, RESOLUTION_MS));
    histogram.reset();
    const result = await work();
    await new Promise((resolve) => setTimeout(resolve, RESOLUTION_MS));
    const lateness = (ns: number): number => Math.max(0, ns / NS - RESOLUTION_MS);
    const [p50, p99] = [histogram.percentile(50), histogram.percentile(99)];
    return { result, delay: { p50: lateness(p50), p99: lateness(p99), max: lateness(histogram.max) } };
  } finally {
    histogram.disable();
  }
}
