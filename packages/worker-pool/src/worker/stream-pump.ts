import { isOutcome } from '@heddle/core';
import { TaskContext } from './task-context.ts';

/** Values a message: past that the gain is small, and what waits here is late. */
const MAX_BATCH = 128;
/** Milliseconds of work before a generator that never waits lets others have a turn of the loop. */
const TURN_MS = 2;

type Stopped = IteratorResult<unknown, unknown>;
type Source = Generator<unknown, unknown> | AsyncGenerator<unknown, unknown>;

/**
 * Reads a generator as far as the consumer has given credit, and posts what it yields in batches.
 * Guarantees: never yields more than there is credit for; posts everything before it settles; a cancel ends the generator by `return`, so
 * that its cleanup runs. Source: SEMANTICS C-9; credit-based flow control as in reactive streams.
 */
export class StreamPump {
  readonly #source: Source;
  readonly #ctx: TaskContext;
  #batch: unknown[] = [];
  #flushing = false;
  #credit = 0;
  #onCredit: (() => void) | undefined;

  constructor(source: Source, ctx: TaskContext) {
    this.#source = source;
    this.#ctx = ctx;
    TaskContext.onCredit(ctx, (more) => {
      this.#credit += more;
      this.#onCredit?.();
    });
  }

  /** Settles with what the generator returned, once everything it yielded is posted. */
  async run(): Promise<unknown> {
    try {
      return await this.#read();
    } finally {
      this.#flush();
    }
  }

  async #read(): Promise<unknown> {
    let turnAt = performance.now() + TURN_MS;
    for (;;) {
      if (this.#credit === 0) {
        this.#flush();
        await this.#moreCredit();
      } else if (performance.now() > turnAt) {
        await new Promise(setImmediate);
        turnAt = performance.now() + TURN_MS;
      }
      const asked = TaskContext.cancelErrorOf(this.#ctx);
      if (asked !== undefined) {
        await this.#source.return(undefined);
        throw asked;
      }
      const next = this.#source.next();
      const { done, value }: Stopped = next instanceof Promise ? await next : next;
      if (done === true) return isOutcome(value) && value.ok ? value.value : value;
      this.#push(value);
    }
  }

  #push(value: unknown): void {
    this.#credit--;
    this.#batch.push(value);
    if (this.#batch.length >= MAX_BATCH) this.#flush();
    else if (!this.#flushing) {
      this.#flushing = true;
      // What comes slowly is not kept for company.
      setImmediate(() => {
        this.#flushing = false;
        this.#flush();
      });
    }
  }

  #flush(): void {
    if (this.#batch.length === 0) return;
    const batch = this.#batch;
    this.#batch = [];
    TaskContext.postValues(this.#ctx, batch);
  }

  /** Settles when there is credit, or when the stream is to end. */
  #moreCredit(): Promise<void> {
    const { signal } = this.#ctx;
    return new Promise((resolve) => {
      const done = (): void => {
        signal.removeEventListener('abort', done);
        this.#onCredit = undefined;
        resolve();
      };
      this.#onCredit = done;
      if (signal.aborted) done();
      else signal.addEventListener('abort', done, { once: true });
    });
  }
}
