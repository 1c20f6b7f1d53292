import type { Coroutine, Step } from '@heddle/core';
import { isTerminal } from './step-of.ts';

type Read = IteratorResult<Step, undefined>;

const END: Read = Object.freeze({ done: true, value: undefined });

/**
 * The steps of a coroutine, one after the other; it is resumed with nothing in between. Guarantees: the last step is the last; leaving, also
 * while a step is awaited, cancels the coroutine and settles when it has ended. Source: SEMANTICS C-10.
 */
export class StepIterator implements AsyncIterableIterator<Step, undefined> {
  readonly #coroutine: Pick<Coroutine, 'next' | 'cancel'>;
  // Reads wait for those before them.
  #tail: Promise<unknown> = Promise.resolve();
  #done = false;

  constructor(coroutine: Pick<Coroutine, 'next' | 'cancel'>) {
    this.#coroutine = coroutine;
  }

  next(): Promise<Read> {
    const read = this.#tail.then(() => this.#next());
    this.#tail = read.catch(() => {}); // whoever asked for it is told
    return read;
  }

  async #next(): Promise<Read> {
    if (this.#done) return END;
    try {
      const step = await this.#coroutine.next(undefined, { timeoutMs: Number.POSITIVE_INFINITY });
      if (isTerminal(step)) this.#done = true;
      return { done: false, value: step };
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  async return(): Promise<Read> {
    this.#done = true;
    await this.#coroutine.cancel('its reader has left');
    return END;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
