import { type Context, TraceFlags } from '@opentelemetry/api';
import type { FinishedSpan } from '../finished-span.ts';
import { encodeSpan } from '../span-record.ts';
import { OUTBOX, Outbox } from './outbox.ts';

/**
 * A span processor for tracer providers in lanes: hands what ends there to the host, whose exporter sends it on. Spans of no attempt, those
 * of a module while it loads, go nowhere. Lanes that register no provider of their own have one with this processor.
 *
 * @example
 * ```ts
 * // In a file that the action's file imports.
 * const provider = new NodeTracerProvider({ sampler, spanProcessors: [new LaneSpanProcessor()] })
 * provider.register({ contextManager: new LaneContextManager() })
 * ```
 */
export class LaneSpanProcessor {
  readonly #outboxes = new WeakMap<object, Outbox>();

  onStart(span: object, parentContext: Context): void {
    const outbox = parentContext.getValue(OUTBOX);
    if (outbox instanceof Outbox) this.#outboxes.set(span, outbox);
  }

  onEnd(span: FinishedSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    this.#outboxes.get(span)?.push(encodeSpan(span));
  }

  /** Nothing to wait for: spans leave with their attempt. */
  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}
