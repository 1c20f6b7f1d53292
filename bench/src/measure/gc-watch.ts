import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';

/** Sums up how long the main thread stands still for garbage. What V8 does beside it on threads of its own is CPU time, not this. */
export class GcWatch {
  #ms = 0;
  readonly #observer: PerformanceObserver;

  constructor() {
    this.#observer = new PerformanceObserver((list) => this.#add(list));
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  /** Milliseconds since it was asked before. */
  async take(): Promise<number> {
    // Entries arrive with a turn of the event loop.
    await turn();
    await turn();
    const ms = this.#ms;
    this.#ms = 0;
    return ms;
  }

  close(): void {
    this.#observer.disconnect();
  }

  #add(list: { getEntries(): readonly { readonly duration: number }[] }): void {
    for (const { duration } of list.getEntries()) this.#ms += duration;
  }
}
