import type { Outcome } from '@heddle/core';
import type { AsyncRef, Runtime } from '@heddle/worker-pool';
import { exits, spin, throwsInTimer, throwsValue } from '../fixtures/faulty.ts';
import { add, echo, flaky, loops, waits } from '../fixtures/plain.ts';

/** How a load is made up; every number is of tasks. */
export interface LoadSize {
  /** Rounds of a hundred tiny tasks: good, failed, tried again, with signals and progress. */
  readonly rounds: number;
  readonly timeouts: number;
  readonly cancels: number;
  /** Exits, errors nobody caught, loops that have to be killed. */
  readonly crashes: number;
}

/** A mixed load on one runtime: every way for a task to begin, to end and to be waited for. */
export class Load {
  readonly #runtime: Runtime;
  readonly shared: AbortController = new AbortController();
  /** A few params, refs and outcomes of each kind: who holds them when all is over? */
  readonly samples: WeakRef<object>[] = [];
  readonly #unexpected: string[] = [];
  started = 0;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Tasks that ended otherwise than their kind does. */
  get unexpected(): readonly string[] {
    return this.#unexpected;
  }

  /** Runs it, and settles when every task of it has ended. */
  async run({ rounds, timeouts, cancels, crashes }: LoadSize): Promise<void> {
    for (let round = 0; round < rounds; round++) await this.#tiny(round);
    for (let from = 0; from < timeouts; from += 20) await this.#timeouts(Math.min(20, timeouts - from));
    for (let count = 0; count < cancels; count++) await this.#cancel(count);
    for (let count = 0; count < crashes; count++) await this.#crash(count);
    // Those that nobody waits for end as well.
    while (this.#open() > 0) await new Promise((resolve) => setImmediate(resolve));
  }

  #open(): number {
    const { queued, running, retrying } = this.#runtime.stats();
    return queued + running + retrying;
  }

  async #tiny(round: number): Promise<void> {
    const refs: AsyncRef[] = [];
    const runs: Promise<unknown>[] = [];
    const { signal } = this.shared;
    const own = new AbortController();
    for (let index = 0; index < 100; index++) {
      const params = { a: index, b: round };
      if (index % 50 === 0) this.#sample(params);
      this.started++;
      if (index % 10 === 0) {
        const outcome = this.#runtime.run(throwsValue, { what: 'zero' }, {}, { maxRetries: 0 });
        runs.push(this.#expect('execution_error', outcome));
      } else if (index % 10 === 1) {
        const outcome = this.#runtime.run(flaky, { succeedsAt: 2 }, {}, { backoffMs: index % 2, signal });
        runs.push(this.#expect('ok', outcome));
      } else if (index % 10 === 2) runs.push(this.#expect('ok', this.#runtime.run(add, params, {}, { signal: own.signal, tag: 'own' })));
      else if (index % 10 === 3) runs.push(this.#expect('ok', this.#runtime.run(add, params, { round }, { signal, onProgress: () => {} })));
      else if (index % 10 === 4) this.#runtime.start(add, params, {}, { priority: 1 });
      else if (index % 10 === 5) refs.push(this.#runtime.start(echo, params, {}, { totalTimeoutMs: 60_000, queueTimeoutMs: 60_000 }));
      else runs.push(this.#expect('ok', this.#runtime.run(add, params)));
    }
    for (const ref of refs) {
      this.#sample(ref);
      runs.push(this.#expect('ok', ref.outcome()), this.#expect('ok', this.#runtime.await(ref, { timeoutMs: 60_000, signal: own.signal })));
    }
    await Promise.all(runs);
    for (const ref of refs) await this.#expect('ok', ref.outcome({ timeoutMs: 0 }));
  }

  async #timeouts(count: number): Promise<void> {
    const runs: Promise<unknown>[] = [];
    for (let index = 0; index < count; index++) {
      this.started++;
      if (index % 2 === 0) {
        runs.push(
          this.#expect('timeout', this.#runtime.run(waits, {}, {}, { timeoutMs: 1, maxRetries: index % 4 === 0 ? 1 : 0, backoffMs: 0 })),
        );
        continue;
      }
      const ref = this.#runtime.start(waits, {}, {}, { timeoutMs: 60_000 });
      this.#sample(ref);
      const first = ref.outcome({ timeoutMs: 0, onTimeout: 'leave' });
      runs.push(this.#expect('timeout', first), this.#expect('timeout', ref.outcome({ timeoutMs: 1 })));
    }
    await Promise.all(runs);
  }

  /** Cancels a task that runs, by each way there is. */
  async #cancel(index: number): Promise<void> {
    this.started++;
    const own = new AbortController();
    let onProgress = (): void => {};
    const begun = new Promise<void>((resolve) => {
      onProgress = resolve;
    });
    const signal = index % 3 === 0 ? own.signal : this.shared.signal;
    const ref = this.#runtime.start(index % 2 === 0 ? loops : waits, {}, {}, { onProgress, signal, timeoutMs: 60_000 });
    this.#sample(ref);
    await begun;
    if (index % 3 === 0) own.abort();
    else if (index % 3 === 1) await this.#runtime.cancel(ref.id);
    else await ref.cancel('enough');
    await this.#expect('cancelled', ref.outcome());
  }

  async #crash(index: number): Promise<void> {
    this.started++;
    const { signal } = this.shared;
    if (index % 3 === 0) await this.#expect('worker_lost', this.#runtime.run(exits, {}, {}, { maxRetries: 0, signal }));
    else if (index % 3 === 1) await this.#expect('execution_error', this.#runtime.run(throwsInTimer, {}, {}, { maxRetries: 0 }));
    else await this.#expect('timeout', this.#runtime.run(spin, {}, {}, { timeoutMs: 5, signal, onProgress: () => {} }));
  }

  #sample(object: object): void {
    if (this.samples.length < 2000) this.samples.push(new WeakRef(object));
  }

  async #expect(kind: string, outcome: Promise<Outcome>): Promise<void> {
    const ended = await outcome;
    const type = ended.ok ? 'ok' : ended.error.type;
    if (type !== kind) this.#unexpected.push(`${kind} expected: ${ended.ok ? 'ok' : ended.error}`);
  }
}
