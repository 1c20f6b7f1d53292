import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { definePropagator } from 'heddle';

/**
 * Where this code stands in a distributed trace: https://www.w3.org/TR/trace-context/
 *
 * @typedef {{ traceId: string, spanId: string, parentId?: string, flags: string, tracestate?: string }} Trace
 */

/** The trace of whatever runs now. Each thread has a store of its own; the propagator below connects them. */
export const trace = /** @type {AsyncLocalStorage<Trace>} */ (new AsyncLocalStorage());

const TRACEPARENT = /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(-.*)?$/;

/**
 * Reads the two headers; `undefined` when they are none.
 *
 * @param {string | undefined} traceparent
 * @param {string} [tracestate]
 * @returns {Trace | undefined}
 */
export function parseTrace(traceparent, tracestate) {
  const [, version, traceId, spanId, flags, more] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  // Later versions may add fields; version 00 has none.
  if (traceId === undefined || spanId === undefined || flags === undefined || (version === '00' && more !== undefined)) return undefined;
  return { traceId, spanId, flags, ...(tracestate === undefined ? {} : { tracestate }) };
}

/**
 * The header to send on.
 *
 * @param {Trace} trace
 */
export const traceparentOf = ({ traceId, spanId, flags }) => `00-${traceId}-${spanId}-${flags}`;

export const traceContext = definePropagator({
  module: import.meta.url,
  name: 'traceContext',

  // On the host, in the caller's context. Nothing to carry outside of a trace.
  capture() {
    const current = trace.getStore();
    return current && { traceparent: traceparentOf(current), tracestate: current.tracestate };
  },

  // In the thread, before each attempt: a span of its own, so that a retry is told apart. It ends with the attempt.
  attach({ traceparent, tracestate }) {
    const parent = parseTrace(traceparent, tracestate);
    if (parent === undefined) return;
    trace.enterWith({ ...parent, spanId: randomBytes(8).toString('hex'), parentId: parent.spanId });
  },
});
