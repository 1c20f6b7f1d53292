import type { LanePort } from '../protocol/port.ts';
import type { Crossing } from '../protocol/uncloneable.ts';
import type { HostWords } from './claims.ts';

/** One thread with a lane's port in it, or what stands for a thread. */
export interface LaneThread {
  /** Of a process its own id. */
  readonly threadId: number;
  /** The host's end of the lane's one port. */
  readonly port: LanePort;
  /** The host's end of its service channel; where the runtime has services. */
  readonly services?: LanePort | undefined;
  /** The claim words, or the memory they are in. */
  readonly claims: SharedArrayBuffer | HostWords;
  /** How values get there. @defaultValue as to a thread */
  readonly crossing?: Crossing;
  /** Calls back once, when the thread has ended and every message it had posted has been delivered. */
  onEnd(callback: (end: ThreadEnd) => void): void;
  /** What the thread holds in bytes, heap and Buffers; absent where nobody can tell. Settles when the thread can answer. */
  memoryBytes?(): Promise<number | undefined>;
  /** How busy its event loop has been since it started; absent where nobody can tell. At once, whatever the thread does. */
  eventLoop?(): EventLoopTimes | undefined;
  /** What is in its memory; absent where nobody can tell. Settles when the thread can answer. */
  memory?(): Promise<LaneMemory | undefined>;
  /** Ends the thread, whatever it does; native code it is in may hold it. */
  terminate(): void;
}

/** The time that a thread's event loop has spent since it started, in milliseconds. */
export interface EventLoopTimes {
  readonly activeMs: number;
  readonly idleMs: number;
}

/** What is in a thread's memory, in bytes. */
export interface LaneMemory {
  readonly heapUsedBytes: number;
  readonly heapTotalBytes: number;
  readonly heapLimitBytes: number;
  /** Outside the heap and held by it: the bytes of Buffers and of other typed arrays among them. */
  readonly externalBytes: number;
}

/** How a thread ended. */
export interface ThreadEnd {
  readonly exitCode: number | undefined;
  /** Where the lane was a process: its id, and the signal it was ended by, if any. */
  readonly process?: { readonly pid: number; readonly signal: string | undefined };
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
