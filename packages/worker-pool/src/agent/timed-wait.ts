import type { HeddleError } from '@heddle/core';
import type { Clock } from '../clock.ts';
import { waitAbortedError } from '../signal-hub.ts';
import type { ParsedWait } from './agent-options.ts';

/**
 * Watches a wait: calls `giveUp` when its time is over or its signal aborts; whatever has come by then is given its turn first.
 * The function that is given back ends the watch, and leaves neither timer nor listener.
 */
export function watchWait(
  clock: Clock,
  { timeoutMs, signal }: ParsedWait,
  late: () => HeddleError,
  giveUp: (error: HeddleError) => void,
): () => void {
  let over = false;
  const done = (): void => {
    over = true;
    timer?.cancel();
    signal?.removeEventListener('abort', onAbort);
  };
  const end = (error: HeddleError): void => {
    if (over) return;
    done();
    giveUp(error);
  };
  const onAbort = (): void => end(waitAbortedError(signal));
  const timer =
    timeoutMs === Number.POSITIVE_INFINITY
      ? undefined
      : clock.after(timeoutMs, () =>
          clock.turn(() => {
            if (!over) end(late());
          }),
        );
  signal?.addEventListener('abort', onAbort, { once: true });
  // Not at once: the caller has nothing yet by which to end the watch.
  if (signal?.aborted === true) queueMicrotask(onAbort);
  return done;
}
