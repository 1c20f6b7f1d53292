import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { threadCount } from './base.ts';

/** One line of a soak: what a stretch of it cost, and what was held at its end. */
export interface SoakSample {
  /** Since the soak began. */
  readonly seconds: number;
  readonly tasks: number;
  /** CPU time of the whole process, all threads. Microseconds. */
  readonly cpuUsPerTask: number;
  /** The same, of a row of calls that is alike each time, made alone; where the load itself is not alike. */
  readonly probeUs?: number;
  /** The same by what a message to a bare thread and back costs in the same moment. */
  readonly probeRatio?: number;
  /** Of the main thread, after a full collection. Bytes. */
  readonly heapBytes: number;
  readonly residentBytes: number;
  /** Of the process, V8's and Node's own included; `NaN` where the system does not tell. */
  readonly threads: number;
  readonly handles: number;
  /** On `process`, of all events. */
  readonly listeners: number;
  readonly loopDelayP99Ms: number;
  /** The longest that the main thread, or the machine, stood still. */
  readonly loopDelayMaxMs: number;
}

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
    const loopDelayMaxMs = this.#delay.max / 1e6;
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
      threads: threadCount(),
      handles: process.getActiveResourcesInfo().length,
      listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
      loopDelayP99Ms,
      loopDelayMaxMs,
    };
    this.begin();
    return sample;
  }

  /** Begins a stretch: what was done since the last does not count. */
  begin(): void {
    this.#delay.reset();
    this.#cpu = process.cpuUsage();
  }

  close(): void {
    this.#delay.disable();
  }
}
