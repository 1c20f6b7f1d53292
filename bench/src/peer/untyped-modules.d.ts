// What is measured of threads.js 1, whose own types are not found under `nodenext`.

declare module 'threads' {
  import type { WorkerOptions } from 'node:worker_threads';

  /** A thread that exposes one function. */
  type FunctionThread = (params: unknown) => Promise<unknown>;
  interface Pool {
    queue(task: (thread: FunctionThread) => Promise<unknown>): PromiseLike<unknown>;
    terminate(force?: boolean): Promise<void>;
  }
  export class Worker {
    constructor(path: string, options?: WorkerOptions);
  }
  export function spawn(worker: Worker): Promise<FunctionThread>;
  export function Pool(start: () => Promise<FunctionThread>, size?: number): Pool;
  export function Transfer(payload: unknown, transferables: readonly ArrayBuffer[]): object;
}

declare module 'threads/worker' {
  export function expose(run: (params: unknown) => unknown): void;
  export function Transfer(payload: unknown, transferables: readonly ArrayBuffer[]): object;
}
