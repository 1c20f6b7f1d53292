import { HeddleError, type Step } from '@heddle/core';
import { waitAbortedError } from '../signal-hub.ts';
import type { Asker, CoroutineRun } from './coroutine-run.ts';
import type { LimitedWait, WaitLimits } from './wait-limits.ts';

/** What a wait for a step is made with. */
export interface StepWaitParts {
  readonly run: CoroutineRun;
  /** Of the coroutine, for the message of a wait that took too long. */
  readonly id: string;
  readonly limits: WaitLimits;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * One `next` that waits for its step. An object with methods, not a promise's worth of closures: a hundred thousand may wait at once.
 * Settles once; leaves no limit and no listener behind.
 */
export class StepWait implements Asker, LimitedWait {
  dueMs = 0;
  earlier: LimitedWait | undefined = undefined;
  later: LimitedWait | undefined = undefined;
  readonly #parts: StepWaitParts;
  readonly #resolve: (step: Step) => void;
  readonly #reject: (error: HeddleError) => void;

  constructor(parts: StepWaitParts, resolve: (step: Step) => void, reject: (error: HeddleError) => void) {
    this.#parts = parts;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Asks for the step, and begins to wait. */
  begin(): void {
    const { run, limits, timeoutMs, signal } = this.#parts;
    run.ask(this);
    if (timeoutMs !== Number.POSITIVE_INFINITY) limits.add(this, timeoutMs);
    if (signal?.aborted === true) this.handleEvent();
    else signal?.addEventListener('abort', this, { once: true });
  }

  give(step: Step): void {
    this.#done();
    this.#resolve(step);
  }

  expire(): void {
    const { id, timeoutMs } = this.#parts;
    this.#giveUp(new HeddleError('timeout', `Coroutine ${id} gave no step within ${timeoutMs}ms`, { details: { timeoutMs } }));
  }

  /** The signal was aborted. */
  handleEvent(): void {
    this.#giveUp(waitAbortedError(this.#parts.signal));
  }

  #giveUp(error: HeddleError): void {
    this.#done();
    this.#parts.run.withdraw(this);
    this.#reject(error);
  }

  #done(): void {
    const { limits, timeoutMs, signal } = this.#parts;
    if (timeoutMs !== Number.POSITIVE_INFINITY) limits.remove(this, timeoutMs);
    signal?.removeEventListener('abort', this);
  }
}
