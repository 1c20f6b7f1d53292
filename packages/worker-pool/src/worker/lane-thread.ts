/** What has to know when this thread loads modules. */
interface Loads {
  begin(): void;
  end(): void;
}

// On `globalThis` and registered: a second copy of this package in the thread must see it as well, and `@heddle/core` where it loads TypeBox.
const LANE_THREAD: symbol = Symbol.for('heddle.laneThread');
const UNWATCHED: Loads = { begin: () => {}, end: () => {} };

/** Says that this thread is a lane. `loads`: of one that must not be ended while it loads. */
export function markLaneThread(loads: Loads = UNWATCHED): void {
  Object.defineProperty(globalThis, LANE_THREAD, { value: loads, configurable: true });
}

/** Whether this code runs in a lane, where no runtime may be created. Source: SEMANTICS A-10. */
export function isLaneThread(): boolean {
  return LANE_THREAD in globalThis;
}

/** Loads something, which this thread is not ended in the midst of, if that takes no longer than loading does. */
export async function whileLoading<T>(load: () => Promise<T>): Promise<T> {
  const loads = ((globalThis as Record<symbol, unknown>)[LANE_THREAD] as Loads | undefined) ?? UNWATCHED; // as `markLaneThread` set it
  loads.begin();
  try {
    return await load();
  } finally {
    loads.end();
  }
}
