import { type Failure, fail, type HeddleError, type Outcome } from '@heddle/core';
import type { Admitted } from '../admission.ts';
import type { Hosted, Standing } from '../explain/standing.ts';
import type { StreamParams } from '../protocol/step.ts';
import type { Task } from '../task.ts';
import { cancelledError } from '../task-error.ts';
import type { ParsedStreamOptions } from './stream-options.ts';

/** What a stream asks of those who carry it. */
export interface StreamPorts {
  /** It is being read: it starts. */
  open(run: StreamRun): { readonly life: Task; readonly admitted: Admitted | Failure };
  /** The task that reads the generator in a thread. */
  step(life: Task, params: StreamParams): Task;
  launch(step: Task): void;
  end(step: Task, error: HeddleError): void;
  ended(life: Task, step: Task | undefined, outcome: Outcome): void;
}

type Read = IteratorResult<unknown, unknown>;

interface Reader {
  readonly resolve: (read: Read) => void;
  readonly reject: (error: HeddleError) => void;
}

/**
 * What a generator yields in its thread, read here. Guarantees: in order, the end after all values; never more than `window` values ahead of
 * the reader; leaving early cancels the generator and waits for its cleanup. Source: SEMANTICS C-9.
 */
export class StreamRun implements AsyncIterableIterator<unknown, unknown>, Hosted {
  readonly #ports: StreamPorts;
  readonly #options: ParsedStreamOptions;
  #life: Task | undefined;
  #step: Task | undefined;
  // Values that came and were not read, from `#head` on.
  #values: unknown[] = [];
  #head = 0;
  /** Read since credit was last given. */
  #taken = 0;
  // In the order they asked. Only there while no value is.
  readonly #readers: Reader[] = [];
  #outcome: Outcome | undefined;
  /** Its failure was thrown, or nobody reads any more: nothing but the end is left. */
  #told = false;
  #onEnd: (() => void)[] = [];

  constructor(options: ParsedStreamOptions, ports: StreamPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  next(): Promise<Read> {
    if (this.#life === undefined && this.#outcome === undefined) {
      try {
        this.#start();
      } catch (error) {
        this.#told = true;
        this.#outcome = fail(error);
        return Promise.reject(error);
      }
    }
    if (this.#head < this.#values.length) return Promise.resolve({ done: false, value: this.#take() });
    if (this.#outcome !== undefined) return this.#last(this.#outcome);
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  #start(): void {
    const { life, admitted } = this.#ports.open(this);
    this.#life = life;
    // The signal was aborted, or the time was over, before it began.
    if (this.#outcome !== undefined) return;
    if ('ok' in admitted) {
      this.#finish(admitted);
      return;
    }
    const step = this.#ports.step(life, { params: admitted.params, window: this.#options.window });
    step.context = admitted.context;
    step.onValues = (values) => this.#receive(values);
    step.addWaiter((outcome) => this.#finish(outcome));
    this.#step = step;
    this.#ports.launch(step);
  }

  #receive(values: readonly unknown[]): void {
    if (this.#told) return;
    if (this.#head === this.#values.length) {
      this.#values = [];
      this.#head = 0;
    }
    for (const value of values) this.#values.push(value);
    while (this.#readers.length > 0 && this.#head < this.#values.length)
      this.#readers.shift()?.resolve({ done: false, value: this.#take() });
  }

  #take(): unknown {
    const value = this.#values[this.#head];
    this.#values[this.#head++] = undefined;
    this.#taken++;
    // Half a window at once: credit for each value would cost a message each.
    if (this.#taken * 2 >= this.#options.window) {
      const step = this.#step;
      if (step !== undefined) step.lane?.credit(step, this.#taken);
      this.#taken = 0;
    }
    return value;
  }

  #last(outcome: Outcome): Promise<Read> {
    if (outcome.ok) return Promise.resolve({ done: true, value: this.#told ? undefined : outcome.value });
    if (this.#told) return Promise.resolve({ done: true, value: undefined });
    this.#told = true;
    return Promise.reject(outcome.error);
  }

  #finish(outcome: Outcome): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    const life = this.#life;
    if (life !== undefined) {
      life.attempts = Math.min(1, this.#step?.attempts ?? 0);
      life.threadId = this.#step?.threadId;
      life.trace?.stepped(this.#step?.durationUs ?? 0, this.#step?.threadId);
      this.#ports.ended(life, this.#step, outcome);
    }
    for (const { resolve, reject } of this.#readers.splice(0)) this.#last(outcome).then(resolve, reject);
    for (const tell of this.#onEnd.splice(0)) tell();
  }

  standing(): Standing {
    const unread = this.#values.length - this.#head;
    const full = unread >= this.#options.window / 2 ? ', and its reader has not taken them: it may wait for that' : '';
    return {
      kind: 'stream',
      state: 'active',
      step: this.#step,
      reason: `it is being read; ${unread} of its values wait for the reader${full}`,
      stoppedMs: undefined,
      restLimitMs: Number.POSITIVE_INFINITY,
      ending: undefined,
      parent: undefined,
      children: [],
    };
  }

  /** Asks it to end: cancelled, out of time, its scope disposed. What was read into memory can still be read; then the error comes. */
  end(error: HeddleError): void {
    if (this.#step === undefined) {
      // Ended within `open`, before its life is known here.
      this.#outcome ??= fail(error);
      queueMicrotask(() => {
        if (this.#life !== undefined) this.#ports.ended(this.#life, undefined, fail(error));
      });
      return;
    }
    this.#ports.end(this.#step, error);
  }

  /** Leaves early: what is not read is dropped, the generator ends by its `return`. Settles when its cleanup is done. */
  async return(value?: unknown): Promise<Read> {
    this.#told = true;
    this.#values = [];
    this.#head = 0;
    const { entry } = this.#life ?? {};
    if (this.#life === undefined) this.#outcome ??= fail(cancelledError('stream', 'it was never read'));
    else if (this.#outcome === undefined) {
      const ended = new Promise<void>((resolve) => this.#onEnd.push(resolve));
      this.end(cancelledError(entry?.action.name ?? 'stream', 'its reader has left'));
      await ended;
    }
    return { done: true, value };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
