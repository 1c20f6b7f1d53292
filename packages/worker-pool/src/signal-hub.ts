import { HeddleError } from '@heddle/core';

/**
 * Listens to callers' abort signals: one listener a signal, however many tasks share it (a listener each would make Node warn of a leak,
 * and cost a microsecond).
 */
export class SignalHub<T> {
  readonly #onAbort: (item: T, reason: unknown) => void;
  readonly #watched = new Map<AbortSignal, { readonly items: Set<T>; readonly listener: () => void }>();

  constructor(onAbort: (item: T, reason: unknown) => void) {
    this.#onAbort = onAbort;
  }

  add(signal: AbortSignal, item: T): void {
    const watched = this.#watched.get(signal);
    if (watched !== undefined) {
      watched.items.add(item);
      return;
    }
    const items = new Set([item]);
    const listener = (): void => {
      this.#watched.delete(signal);
      const { reason } = signal;
      for (const each of items) this.#onAbort(each, reason);
    };
    this.#watched.set(signal, { items, listener });
    signal.addEventListener('abort', listener, { once: true });
  }

  remove(signal: AbortSignal, item: T): void {
    const watched = this.#watched.get(signal);
    if (watched === undefined) return;
    watched.items.delete(item);
    if (watched.items.size > 0) return;
    this.#watched.delete(signal);
    signal.removeEventListener('abort', watched.listener);
  }
}

/** The error of a wait whose signal aborted; what was waited for goes on. */
export function waitAbortedError(signal: AbortSignal | undefined): HeddleError {
  return new HeddleError('cancelled', `The wait was aborted: ${abortReason(signal?.reason)}`);
}

/** What an abort's reason says, in words. */
export function abortReason(reason: unknown): string {
  if (typeof reason === 'string' && reason !== '') return reason;
  if (!(reason instanceof Error)) return 'cancelled';
  // The reason Node gives when the caller gave none.
  return reason.name === 'AbortError' && reason.message === 'This operation was aborted' ? 'cancelled' : reason.message;
}
