import { type AwaitOptions, fail, type Handle, HeddleError, type Outcome, ok, type TaskStatus } from '@heddle/core';
import type { FakeClock } from './fake-clock.ts';

/** A task without a thread: it ends when the test says so. Keeps every promise that `Handle` makes. */
export class FakeTask<V = unknown> implements Handle<V> {
  readonly id: string;
  readonly #clock: FakeClock;
  readonly #waiters = new Set<(outcome: Outcome<V>) => void>();
  #status: TaskStatus = 'running';
  #outcome: Outcome<V> | undefined;
  /** Every wait that was asked for, as it was asked. */
  readonly asked: AwaitOptions[] = [];
  readonly cancels: (string | undefined)[] = [];

  constructor(id: string, clock: FakeClock) {
    this.id = id;
    this.#clock = clock;
  }

  get status(): TaskStatus {
    return this.#status;
  }

  /** Waits that have not ended. */
  get waiting(): number {
    return this.#waiters.size;
  }

  settle(outcome: Outcome<V>): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    this.#status = 'settled';
    for (const waiter of [...this.#waiters]) waiter(outcome);
  }

  // Not async: an async function that returns a promise adds a turn, and then the order of two ends in one turn is lost.
  outcome(options: AwaitOptions = {}): Promise<Outcome<V>> {
    this.asked.push(options);
    const { timeoutMs = 5000, onTimeout = 'cancel', signal } = options;
    if (this.#outcome !== undefined) return Promise.resolve(this.#outcome);
    if (signal?.aborted) return Promise.resolve(fail(new HeddleError('cancelled', 'The wait was given up')));
    const late = (): Outcome<V> => fail(new HeddleError('timeout', `Async action timed out after ${timeoutMs}ms`));
    if (timeoutMs === 0) return Promise.resolve(late());
    return new Promise((resolve) => {
      const end = (outcome: Outcome<V>): void => {
        this.#waiters.delete(end);
        stopTimer();
        signal?.removeEventListener('abort', onAbort);
        resolve(outcome);
      };
      const onAbort = (): void => end(fail(new HeddleError('cancelled', 'The wait was given up')));
      const onLate = (): void => {
        end(late());
        if (onTimeout === 'cancel') void this.cancel('timeout'); // never rejects
      };
      const stopTimer = timeoutMs === Number.POSITIVE_INFINITY ? () => {} : this.#clock.after(timeoutMs, onLate);
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(end);
    });
  }

  async cancel(reason?: string): Promise<Outcome<undefined>> {
    this.cancels.push(reason);
    this.settle(fail(new HeddleError('cancelled', `Action ${this.id} was cancelled: ${reason}`)));
    return ok(undefined);
  }
}
