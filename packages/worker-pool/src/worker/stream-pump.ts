import { NOT_SMALL, snapshot } from '../protocol/snapshot.ts';
import { TaskContext } from './task-context.ts';

/** Values a message: past that the gain is small, and what waits here is late. */
const MAX_BATCH = 128;
/** Milliseconds of work before a generator that never waits lets others have a turn of the loop. */
const TURN_MS = 2;
/** How often a generator that yields while it is cleaned up is told to end, before it is left. */
const MAX_RETURNS = 100;

type Stopped = IteratorResult<unknown, unknown>;
type Source = Generator<unknown, unknown> | AsyncGenerator<unknown, unknown>;

/**
 * Reads a generator as far as the consumer has given credit, and posts what it yields in batches.
 * Guarantees: never yields more than there is credit for; what arrives is what was yielded, even when the generator changes the object
 * later; one that does not clone is thrown where it was yielded, after all before it are posted; posts everything before it settles; a
 * cancel ends the generator by `return`, so that its cleanup runs. Source: SEMANTICS C-9; credit-based flow control as in reactive streams.
 */
export class StreamPump {
  readonly #source: Source;
  readonly #ctx: TaskContext;
  #batch: unknown[] = [];
  #flushing = false;
  #credit = 0;
  #onCredit: (() => void) | undefined;
  /** Why the last value could not be posted; the generator has yet to be told. */
  #fault: { readonly error: unknown } | undefined;

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
        await this.#close();
        throw asked;
      }
      const fault = this.#fault;
      this.#fault = undefined;
      const next = fault === undefined ? this.#source.next() : this.#source.throw(fault.error);
      const { done, value }: Stopped = next instanceof Promise ? await next : next;
      if (done === true) return value;
      this.#push(value);
    }
  }

  async #close(): Promise<void> {
    for (let times = 0; times < MAX_RETURNS; times++) if ((await this.#source.return(undefined)).done === true) return;
  }

  #push(value: unknown): void {
    const kept = snapshot(value);
    if (kept === NOT_SMALL) {
      this.#postAlone(value);
      return;
    }
    this.#credit--;
    this.#batch.push(kept);
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

  /** What is not small plain data is posted before the generator goes on; it alone can fail to clone. */
  #postAlone(value: unknown): void {
    this.#flush();
    try {
      TaskContext.postValue(this.#ctx, value);
      this.#credit--;
    } catch (error) {
      this.#fault = { error };
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
