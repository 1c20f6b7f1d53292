/** Time and timers as a port, so that tests drive them by hand. Milliseconds throughout. */
export interface Clock {
  /** Monotonic, the same in every thread of the process; not wall time. */
  now(): number;
  /** Milliseconds since the epoch: wall time, for deadlines that came from outside. */
  wall(): number;
  /** Calls back once; the timer keeps the process alive unless `background`. */
  after(delayMs: number, callback: () => void, background?: boolean): Timer;
  /** Calls back after the event loop has delivered what is waiting: one turn of grace for messages that are already here. */
  turn(callback: () => void): void;
}

/** A timer that can be taken back. Cancelling one that has fired does nothing. */
export interface Timer {
  cancel(): void;
}

const MAX_TIMER_MS = 2 ** 31 - 1;

// `performance.now()` counts from each thread's own start; `hrtime` counts for the whole process but is slower. Their difference never changes.
const PROCESS_OFFSET_MS = Number(process.hrtime.bigint() / 1000n) / 1000 - performance.now();

/** Milliseconds on a clock that all threads of this process share. */
export function processNow(): number {
  return performance.now() + PROCESS_OFFSET_MS;
}

/** The real clock. Delays beyond what a Node timer takes (24.8 days) are waited for in parts. */
export const systemClock: Clock = Object.freeze({
  now: processNow,
  wall: Date.now,
  after(delayMs: number, callback: () => void, background = false): Timer {
    let timer = arm(delayMs);
    function arm(leftMs: number): NodeJS.Timeout {
      const next =
        leftMs > MAX_TIMER_MS ? setTimeout(() => (timer = arm(leftMs - MAX_TIMER_MS)), MAX_TIMER_MS) : setTimeout(callback, leftMs);
      return background ? next.unref() : next;
    }
    return { cancel: () => clearTimeout(timer) };
  },
  turn(callback: () => void): void {
    setImmediate(callback);
  },
});
