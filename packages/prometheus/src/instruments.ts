import { HeddleError } from '@heddle/core';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Seconds: from what a tiny task takes to what a long one does. */
const BUCKETS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60];

/** Makes metrics in one registry, with the labels that all of them have. */
export class Instruments {
  readonly #register: Registry;
  readonly #prefix: string;
  readonly #labels: Readonly<Record<string, string>>;
  readonly #names: string[] = [];

  constructor(register: Registry, prefix: string, labels: Readonly<Record<string, string>>) {
    this.#register = register;
    this.#prefix = prefix;
    this.#labels = labels;
  }

  counter(name: string, help: string, labels: readonly string[] = [], collect?: () => Promise<void> | void): Counter {
    return new Counter(this.#with(name, help, labels, collect));
  }

  gauge(name: string, help: string, labels: readonly string[] = [], collect?: () => Promise<void> | void): Gauge {
    return new Gauge(this.#with(name, help, labels, collect));
  }

  histogram(name: string, help: string, labels: readonly string[]): Histogram {
    return new Histogram({ ...this.#with(name, help, labels, undefined), buckets: BUCKETS });
  }

  /** A value's labels, those of all metrics among them. */
  labelled(labels: Readonly<Record<string, string | number>> = {}): Record<string, string | number> {
    return { ...this.#labels, ...labels };
  }

  /** @throws HeddleError `config_error` for a name that the registry has */
  #with(name: string, help: string, labels: readonly string[], collect: (() => Promise<void> | void) | undefined) {
    const full = this.#prefix + name;
    if (this.#register.getSingleMetric(full) !== undefined) {
      this.remove();
      throw new HeddleError(
        'config_error',
        `The registry has a metric \`${full}\`: give each runtime a \`register\` or a \`prefix\` of its own, or end what collects already`,
        { details: { metric: full } },
      );
    }
    this.#names.push(full);
    const labelNames = [...Object.keys(this.#labels), ...labels];
    return { name: full, help, labelNames, registers: [this.#register], ...(collect === undefined ? {} : { collect }) };
  }

  /** Takes all of them out of the registry. */
  remove(): void {
    for (const name of this.#names.splice(0)) this.#register.removeSingleMetric(name);
  }
}
