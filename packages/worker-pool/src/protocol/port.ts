/**
 * One end of the way between a host and a lane: a `MessagePort`, or what stands for one where there is none.
 * Guarantees of every kind: what was posted arrives once and in order; `postMessage` throws what does not clone, and then sends nothing;
 * `close` is emitted after the last message.
 */
export interface LanePort {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  off(event: 'message', listener: (message: unknown) => void): unknown;
  once(event: 'close', listener: () => void): unknown;
  /** Has the process stay for what may come. */
  ref(): void;
  unref(): void;
  close(): void;
}
