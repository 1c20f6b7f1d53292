import { HeddleError } from '@heddle/core';
import type { LaneThread, ThreadPool } from './thread-pool.ts';

/**
 * Starts at most `limit` threads at a time, the others in the order they were asked for. To start a thread is work: all of sixty-four at
 * once on two cores are up together, seconds later, and each has spent the others' time out of its own deadline.
 */
export function fewStarts(pool: ThreadPool, limit: number): ThreadPool {
  return new FewStarts(pool, limit);
}

class FewStarts implements ThreadPool {
  readonly #pool: ThreadPool;
  readonly #limit: number;
  // Invariant: nobody waits while fewer than `#limit` are starting.
  readonly #waiting: { readonly start: () => void; readonly refuse: (error: HeddleError) => void }[] = [];
  #starting = 0;

  constructor(pool: ThreadPool, limit: number) {
    this.#pool = pool;
    this.#limit = limit;
  }

  open(): Promise<LaneThread> {
    if (this.#starting < this.#limit) return this.#start();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ start: () => this.#start().then(resolve, reject), refuse: reject });
    });
  }

  #start(): Promise<LaneThread> {
    this.#starting++;
    const opened = this.#pool.open();
    opened.then(this.#next, this.#next);
    return opened;
  }

  readonly #next = (): void => {
    this.#starting--;
    this.#waiting.shift()?.start();
  };

  close(): Promise<void> {
    for (const { refuse } of this.#waiting.splice(0)) refuse(new HeddleError('closed', 'The pool of threads is closed'));
    return this.#pool.close();
  }
}
