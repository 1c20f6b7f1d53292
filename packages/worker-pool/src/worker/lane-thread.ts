// On `globalThis` and registered: a second copy of this package in the thread must see it as well.
const LANE_THREAD: symbol = Symbol.for('heddle.laneThread');

/** Says that this thread is a lane. */
export function markLaneThread(): void {
  Object.defineProperty(globalThis, LANE_THREAD, { value: true, configurable: true });
}

/** Whether this code runs in a lane, where no runtime may be created. Source: SEMANTICS A-10. */
export function isLaneThread(): boolean {
  return LANE_THREAD in globalThis;
}
