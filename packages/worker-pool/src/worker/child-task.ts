import { type ActionMetadata, type ChildRef, type ChildWait, fail, type Outcome, ok } from '@heddle/core';
import { abortReason, waitAbortedError } from '../signal-hub.ts';
import { awaitTimeoutError } from '../task-error.ts';
import { parseChildWait } from './child-wait.ts';

/** What a child needs of the attempt that started it. */
export interface ChildParent {
  /** The parent waits for its children, or no longer does. */
  waits(more: 1 | -1): void;
  /** Asks the host to end it. */
  end(key: string, reason: string): void;
}

/** A child in its parent's thread: waits for what the host says of it. */
export class ChildTask implements ChildRef {
  readonly id: string;
  readonly action: ActionMetadata;
  readonly tag: string | undefined;
  readonly #key: string;
  readonly #parent: ChildParent;
  readonly #signal: AbortSignal | undefined;
  #outcome: Outcome | undefined;
  #waiters = new Set<(outcome: Outcome) => void>();
  readonly #onAbort = (): void => this.#parent.end(this.#key, abortReason(this.#signal?.reason));

  constructor(parent: ChildParent, idPrefix: string, key: string, action: ActionMetadata, tag?: string, signal?: AbortSignal) {
    this.id = idPrefix + key;
    this.action = action;
    this.tag = tag;
    this.#key = key;
    this.#parent = parent;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get settled(): boolean {
    return this.#outcome !== undefined;
  }

  /** The host, or nobody any more, says how it ended. The first word counts. */
  static settle(child: ChildTask, outcome: Outcome): void {
    if (child.#outcome !== undefined) return;
    child.#outcome = outcome;
    child.#signal?.removeEventListener('abort', child.#onAbort);
    ChildTask.release(child, outcome);
  }

  /** Ends the waits that there are, whether the child has ended or not. */
  static release(child: ChildTask, outcome: Outcome): void {
    const waiters = child.#waiters;
    child.#waiters = new Set();
    for (const waiter of waiters) waiter(outcome);
  }

  outcome(wait?: ChildWait): Promise<Outcome> {
    try {
      const { timeoutMs, signal } = parseChildWait(wait);
      return this.#wait(timeoutMs, signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async cancel(reason = 'cancelled'): Promise<Outcome<undefined>> {
    if (this.#outcome === undefined) {
      this.#parent.end(this.#key, String(reason));
      await this.#wait(Number.POSITIVE_INFINITY, undefined);
    }
    return ok(undefined);
  }

  #wait(timeoutMs: number, signal: AbortSignal | undefined): Promise<Outcome> {
    if (this.#outcome !== undefined) return Promise.resolve(this.#outcome);
    return new Promise((resolve) => {
      const done = (outcome: Outcome): void => {
        this.#waiters.delete(done);
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#parent.waits(-1);
        resolve(outcome);
      };
      const onAbort = (): void => done(fail(waitAbortedError(signal)));
      this.#waiters.add(done);
      this.#parent.waits(1);
      const timer = Number.isFinite(timeoutMs) ? setTimeout(() => done(fail(awaitTimeoutError(timeoutMs))), timeoutMs) : undefined;
      if (signal?.aborted === true) onAbort();
      else signal?.addEventListener('abort', onAbort, { once: true });
    });
  }
}
