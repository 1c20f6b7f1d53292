import { setMaxListeners } from 'node:events';

/**
 * Targets that share a signal. Each may add a listener of its own, and adding or removing one looks at all those before it: one signal for
 * all would make a wait for many cost the square of their number, one signal each 3 µs a target.
 */
const SHARED_BY = 64;

/** Ends many waits at once. */
export class GiveUp {
  readonly #controllers: readonly AbortController[];

  constructor(waits: number) {
    this.#controllers = Array.from({ length: Math.ceil(waits / SHARED_BY) }, () => new AbortController());
    // More than ten listeners are no leak here.
    if (waits > 0) setMaxListeners(0, ...this.#controllers.map(({ signal }) => signal));
  }

  /** The signal that ends the wait of this number, from 0. */
  signalOf(nth: number): AbortSignal {
    const controller = this.#controllers[Math.floor(nth / SHARED_BY)];
    if (controller === undefined) throw new RangeError(`There is no wait ${nth}`);
    return controller.signal;
  }

  abort(reason?: unknown): void {
    for (const controller of this.#controllers) controller.abort(reason);
  }
}
