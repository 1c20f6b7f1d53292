import { createRuntime } from '@heddle/worker-pool';
import { SoakLoad } from './load.ts';
import { quiet } from './quiet.ts';
import { Sampler, type SoakSample } from './sample.ts';
import type { SoakCounts } from './verdict.ts';

/** The same mixed load again and again, on one runtime: whether what a task costs stays what it is. */
export class SteadySoak {
  readonly samples: SoakSample[] = [];
  readonly #runtime = createRuntime({ graceMs: 50, logger: quiet });
  readonly #load = new SoakLoad(this.#runtime);
  readonly #sampler = new Sampler();
  readonly #seconds: number;
  readonly #everySeconds: number;
  #stopping = false;

  constructor(seconds: number, everySeconds: number) {
    this.#seconds = seconds;
    this.#everySeconds = everySeconds;
  }

  get counts(): SoakCounts {
    const { started, lost, wrongs } = this.#load;
    return { started, lost, doubles: 0, wrong: wrongs };
  }

  get complaints(): readonly string[] {
    return this.#load.wrong;
  }

  /** Ends after the cycle that is under way. */
  stop(): void {
    this.#stopping = true;
  }

  /** Runs to the end; `onSample` is told of each line. */
  async run(onSample: (sample: SoakSample) => void): Promise<void> {
    const load = this.#load;
    const begun = performance.now();
    const passed = (): number => (performance.now() - begun) / 1000;
    const goesOn = (): boolean => !this.#stopping && load.lost === 0;
    while (goesOn() && passed() < this.#seconds) {
      const next = (this.samples.length + 1) * this.#everySeconds;
      const before = load.ended;
      while (goesOn() && passed() < next) await load.cycle();
      if (this.#stopping && this.samples.length > 0) break; // a short stretch says less than none
      const sample = await this.#sampler.take(load.ended - before);
      this.samples.push(sample);
      onSample(sample);
    }
    this.#sampler.close();
    await this.#runtime.close({ graceMs: 0 });
  }
}
