import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { Percentiles } from '../wire.ts';

/** Microseconds: an hour. What takes longer counts as that. */
const LONGEST_US = 3_600_000_000;

/** Durations of one window, as percentiles: Node's own HDR histogram, exact to a hundredth. */
export class Latency {
  readonly #histogram: RecordableHistogram = createHistogram({ lowest: 1, highest: LONGEST_US, figures: 2 });

  get count(): number {
    return this.#histogram.count;
  }

  record(ms: number): void {
    this.#histogram.record(Math.min(LONGEST_US, Math.max(1, Math.round(ms * 1000))));
  }

  percentiles(): Percentiles | undefined {
    if (this.#histogram.count === 0) return undefined;
    const ms = (percentile: number): number => this.#histogram.percentile(percentile) / 1000;
    return { p50: ms(50), p90: ms(90), p99: ms(99) };
  }

  add(other: Latency): void {
    this.#histogram.add(other.#histogram);
  }

  reset(): void {
    this.#histogram.reset();
  }
}

/** The durations of the last one to two windows. */
export class RecentLatency {
  #now: Latency | undefined;
  #before: Latency | undefined;

  record(ms: number): void {
    this.#now ??= new Latency();
    this.#now.record(ms);
  }

  percentiles(): Percentiles | undefined {
    const [one, other] = [this.#now, this.#before];
    if (one === undefined || other === undefined) return (one ?? other)?.percentiles();
    const both = new Latency();
    both.add(one);
    both.add(other);
    return both.percentiles();
  }

  /** A window is over. */
  turn(): void {
    const spare = this.#before;
    this.#before = this.#now;
    spare?.reset();
    this.#now = spare;
  }
}
