import type { WhenFull } from './options.ts';
import { SignalHub } from './signal-hub.ts';

/** What the gate looks at. */
interface Waiting {
  readonly queued: number;
  readonly idle: number;
  readonly canGrow: boolean;
}

/** The door of a bounded queue: who may come in, and who waits outside, first come first. Source: SEMANTICS E-13. */
export class QueueGate {
  readonly #limit: number;
  readonly #whenFull: WhenFull;
  readonly #queue: Waiting;
  readonly #outside: (() => void)[] = [];
  readonly #signals = new SignalHub<() => void>((leave) => leave());
  #open = false;

  constructor(limit: number, whenFull: WhenFull, queue: Waiting) {
    this.#limit = limit;
    this.#whenFull = whenFull;
    this.#queue = queue;
  }

  /** Whether one more task may come: there is a lane for it, or a place in the queue. */
  hasRoom(): boolean {
    const { queued, idle, canGrow } = this.#queue;
    // Lanes are opened for what waits: with no place to wait at all, the first task gets one until its lane is open.
    return this.#limit === Number.POSITIVE_INFINITY || queued < this.#limit + idle || (queued === 0 && canGrow);
  }

  /** Whether whoever comes now has to wait outside: there is no room, or others stand there already. */
  mustWait(): boolean {
    return this.#whenFull === 'wait' && !this.#open && (this.#outside.length > 0 || !this.hasRoom());
  }

  /** Waits for room, when that is what a full queue means here. At once otherwise, and when the signal aborts. */
  async enter(signal?: AbortSignal): Promise<void> {
    if (!this.mustWait()) return;
    await this.#wait(signal, 'push');
    // Somebody who did not wait may have been quicker: first in line again.
    while (!this.#open && signal?.aborted !== true && !this.hasRoom()) await this.#wait(signal, 'unshift');
    // Whoever came in may take no place after all, refused for its params or its time: the next is asked once it has had its turn.
    queueMicrotask(() => queueMicrotask(() => this.admit()));
  }

  /** Stands outside until let in, or until the caller gives up. */
  async #wait(signal: AbortSignal | undefined, place: 'push' | 'unshift'): Promise<void> {
    if (signal?.aborted === true) return;
    let leave = (): void => {};
    await new Promise<void>((resolve) => {
      leave = () => {
        const index = this.#outside.indexOf(resolve);
        if (index >= 0) this.#outside.splice(index, 1);
        resolve();
      };
      this.#outside[place](resolve);
      if (signal !== undefined) this.#signals.add(signal, leave);
    });
    if (signal !== undefined) this.#signals.remove(signal, leave);
  }

  /** Something has left the queue. */
  admit(): void {
    if (this.#outside.length === 0 || !this.hasRoom()) return;
    const places = Math.max(1, this.#limit + this.#queue.idle - this.#queue.queued);
    for (const enter of this.#outside.splice(0, places)) enter();
  }

  /** Lets everybody through for good: what comes now is refused elsewhere. */
  open(): void {
    this.#open = true;
    for (const enter of this.#outside.splice(0)) enter();
  }
}
