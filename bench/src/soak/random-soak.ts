import { setTimeout as sleep } from 'node:timers/promises';
import { subscribeTelemetry } from '@heddle/worker-pool';
import { baseThreads, childCount, threadCount } from './base.ts';
import { Ledger } from './ledger.ts';
import { heldBy, openLasting, openPassing } from './place.ts';
import { Probe } from './probe.ts';
import { Random } from './random.ts';
import { planRound, type RoundPlan, runRound } from './round.ts';
import { Sampler, type SoakSample } from './sample.ts';
import type { Place } from './stage.ts';
import { watchProcess } from './watch-process.ts';

/** How a soak goes. */
export interface RandomSoakOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly everySeconds: number;
  /** At the most. */
  readonly rounds: number;
  /** What has not ended by then is lost, and ends the soak. */
  readonly stallMs: number;
  /** The names of the parts that are chosen from; empty = all. */
  readonly only: readonly string[];
  /** Told at once of what is not as it should be; of what is alike, the first few. */
  onComplaint(text: string): void;
}

const LOOK_EVERY_MS = 1000;

/** Everything at random, with faults: round by round, on one runtime that lasts and on one that is opened and closed with each round. */
export class RandomSoak {
  readonly ledger: Ledger;
  readonly samples: SoakSample[] = [];
  /** How often an operator was told what, by kind. */
  readonly events: Map<string, number> = new Map();
  rounds = 0;
  readonly #options: RandomSoakOptions;
  /** Threads that are there before anything is open. */
  readonly #base: number;
  readonly #lasting: Place;
  readonly #sampler = new Sampler();
  readonly #probe = new Probe();
  #stopping = false;
  #stalled = false;

  private constructor(options: RandomSoakOptions, base: number) {
    this.#options = options;
    this.ledger = new Ledger(() => performance.now(), options.onComplaint);
    this.#base = base;
    this.#lasting = openLasting((kind) => this.#told(kind));
  }

  static async open(options: RandomSoakOptions): Promise<RandomSoak> {
    return new RandomSoak(options, await baseThreads());
  }

  /** Ends after the round that is under way. */
  stop(): void {
    this.#stopping = true;
  }

  /** Runs to the end; `onSample` is told of each line. What has gone wrong is in the ledger. */
  async run(onSample: (sample: SoakSample) => void): Promise<void> {
    const { seconds, everySeconds, rounds } = this.#options;
    const begun = performance.now();
    const passed = (): number => (performance.now() - begun) / 1000;
    const unwatch = watchProcess((complaint) => this.ledger.complain(complaint));
    let before = 0;
    while (!this.#stopping && !this.#stalled && passed() < seconds && this.rounds < rounds) {
      await this.#orStalled(() => this.#round());
      if (this.#stalled || passed() < (this.samples.length + 1) * everySeconds) continue;
      const sample = await this.#sample(this.ledger.ended - before);
      before = this.ledger.ended;
      onSample(sample);
    }
    await this.#orStalled(() => this.#close());
    unwatch();
    this.#sampler.close();
  }

  async #round(): Promise<void> {
    const { seed, only } = this.#options;
    const plan = planRound(seed, this.rounds, only);
    const passing = openPassing(new Random(seed, plan.number, -1), (kind) => this.#told(kind));
    const unfollow = plan.followed ? this.#follow(plan) : () => {};
    await runRound(seed, plan, this.ledger, this.#lasting, passing);
    await this.#quiet(plan, passing);
    unfollow();
    this.rounds++;
  }

  /** Each task that somebody follows begins once and ends once. */
  #follow({ number }: RoundPlan): () => void {
    const open = new Set<string>();
    const subscription = subscribeTelemetry({
      taskStart: ({ taskId }) => void open.add(taskId),
      taskEnd: ({ taskId, action }) => {
        if (open.delete(taskId)) return;
        this.ledger.doubles++;
        this.ledger.complain(`round ${number}: telemetry was told twice of the end of a task of ${action}`);
      },
    });
    return () => {
      subscription();
      if (open.size > 0) this.ledger.complain(`round ${number}: telemetry was told of ${open.size} starts without an end`);
    };
  }

  /** Children that outlive their parents end by themselves; then nothing is held. */
  async #quiet({ number }: RoundPlan, passing: Place): Promise<void> {
    const entry = this.ledger.begin('quiet', `round ${number}`, () => this.#held(passing).join(', '));
    while (this.#held(passing).length > 0 && !this.#stalled) await sleep(2);
    if (this.#stalled) return;
    this.ledger.end(entry, 'quiet', ['quiet']);
  }

  #held(passing: Place): string[] {
    return [...heldBy(this.#lasting.runtime), ...heldBy(passing.runtime)];
  }

  async #sample(tasks: number): Promise<SoakSample> {
    const sample = await this.#sampler.take(tasks);
    const { us: probeUs, ratio: probeRatio } = await this.#probe.take(this.#lasting.runtime);
    this.#sampler.begin();
    const probed = { ...sample, probeUs, probeRatio };
    this.samples.push(probed);
    return probed;
  }

  /** Closes what lasts, and waits for what belonged to it to be gone. */
  async #close(): Promise<void> {
    const { ledger } = this;
    const base = this.#base;
    this.#lasting.closing = true;
    await Promise.all([this.#lasting.runtime.close({ graceMs: 1000 }), this.#probe.close()]);
    const entry = ledger.begin('threads back to base', 'at the end', () => `${threadCount()} threads, ${base} at first`);
    while (threadCount() > base && !this.#stalled) await sleep(5);
    ledger.end(entry, this.#stalled ? 'more threads' : 'base', ['base']);
    const children = childCount();
    if (children > 0) ledger.complain(`at the end: ${children} processes are left`);
  }

  /** Until it has settled, or something has been open for too long. */
  async #orStalled(step: () => Promise<void>): Promise<void> {
    const ended = new AbortController();
    await Promise.race([step(), this.#stall(ended.signal)]);
    ended.abort();
  }

  async #stall(ended: AbortSignal): Promise<void> {
    const { stallMs } = this.#options;
    while (!ended.aborted) {
      await sleep(LOOK_EVERY_MS, undefined, { signal: ended }).catch(() => {});
      const overdue = ended.aborted ? [] : this.ledger.overdue(stallMs);
      if (overdue.length === 0) continue;
      for (const complaint of overdue) this.ledger.complain(complaint);
      this.#stalled = true;
      return;
    }
  }

  #told(kind: string): void {
    this.events.set(kind, (this.events.get(kind) ?? 0) + 1);
    if (kind === 'laneFailed') this.ledger.complain('a lane could not be opened');
  }
}
