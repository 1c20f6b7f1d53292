import type { MessagePort } from 'node:worker_threads';

/** One thread with a lane's port in it. */
export interface LaneThread {
  readonly threadId: number;
  /** The host's end of the lane's one port. */
  readonly port: MessagePort;
  /** The host's end of its service channel; where the runtime has services. */
  readonly services?: MessagePort | undefined;
  readonly claims: SharedArrayBuffer;
  /** Calls back once, when the thread has ended and every message it had posted has been delivered. */
  onEnd(callback: (end: ThreadEnd) => void): void;
  /** What the thread holds in bytes, heap and Buffers; absent where nobody can tell. Settles when the thread can answer. */
  memoryBytes?(): Promise<number | undefined>;
  /** Ends the thread, whatever it does; native code it is in may hold it. */
  terminate(): void;
}

/** How a thread ended. */
export interface ThreadEnd {
  readonly exitCode: number | undefined;
  /** What the thread died of, where Node told: out of memory, an error nobody could catch. */
  readonly error: unknown;
}

/** What a lane needs from whoever starts threads. The seam for other pools: a process pool, plain worker threads, in-process ports. */
export interface ThreadPool {
  /** Starts a thread and leases it. Rejects when none can be started in time. */
  open(): Promise<LaneThread>;
  /** Ends every thread. Does not wait for one that is stuck in native code. */
  close(): Promise<void>;
}
