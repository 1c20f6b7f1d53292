import { existsSync, readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** One line of a soak: what a stretch of it cost, and what was held at its end. */
export interface SoakSample {
  /** Since the soak began. */
  readonly seconds: number;
  readonly tasks: number;
  /** CPU time of the whole process, all threads. Microseconds. */
  readonly cpuUsPerTask: number;
  /** Of the main thread, after a full collection. Bytes. */
  readonly heapBytes: number;
  readonly residentBytes: number;
  /** Of the process, V8's and Node's own included; `NaN` where the system does not tell. */
  readonly threads: number;
  readonly handles: number;
  readonly loopDelayP99Ms: number;
}

const THREADS = '/proc/self/task';

/** Measures from one sample to the next. */
export class Sampler {
  readonly #begun = performance.now();
  readonly #delay = monitorEventLoopDelay({ resolution: 5 });
  readonly #collect: () => void;
  #cpu = process.cpuUsage();

  constructor() {
    setFlagsFromString('--expose-gc');
    this.#collect = runInNewContext('gc') as () => void; // what the flag exposes
    this.#delay.enable();
  }

  /** Ends a stretch in which `tasks` have ended, and begins the next. Expects that nothing is under way. */
  async take(tasks: number): Promise<SoakSample> {
    const { user, system } = process.cpuUsage(this.#cpu);
    const loopDelayP99Ms = this.#delay.percentile(99) / 1e6;
    // Finalizers and closing ports take turns of the loop.
    for (let turns = 0; turns < 4; turns++) await turn();
    this.#collect();
    await turn();
    this.#collect();
    const { heapUsed, external, rss } = process.memoryUsage();
    const sample = {
      seconds: (performance.now() - this.#begun) / 1000,
      tasks,
      cpuUsPerTask: (user + system) / tasks,
      heapBytes: heapUsed + external,
      residentBytes: rss,
      threads: existsSync(THREADS) ? readdirSync(THREADS).length : Number.NaN,
      handles: process.getActiveResourcesInfo().length,
      loopDelayP99Ms,
    };
    this.#delay.reset();
    this.#cpu = process.cpuUsage();
    return sample;
  }

  close(): void {
    this.#delay.disable();
  }
}
