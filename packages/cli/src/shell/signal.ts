import type { Signal } from './exit-code.ts';

const SIGNALS: readonly Signal[] = ['SIGINT', 'SIGTERM'];

/** A signal that follows another this close is the same one: npm and npx pass on a Ctrl-C that the terminal has sent to the whole group already. */
const ECHO_MS = 100;

/**
 * Calls `handler` at every Ctrl-C and SIGTERM; answers how to stop.
 *
 * Plain listeners, because what the command needs is what shutdown libraries take away: its own exit codes, a second signal of its own
 * meaning, no deadline of theirs on the draining, and the process ending by itself once all is closed.
 */
export function watchSignals(handler: (signal: Signal) => void, now: () => number): () => void {
  let last = Number.NEGATIVE_INFINITY;
  const listen = (signal: Signal): void => {
    if (now() - last < ECHO_MS) return;
    last = now();
    handler(signal);
  };
  for (const signal of SIGNALS) process.on(signal, listen);
  return () => {
    for (const signal of SIGNALS) process.off(signal, listen);
  };
}
