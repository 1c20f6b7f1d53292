import {
  baggageEntryMetadataFromString,
  type Context,
  createTraceState,
  isSpanContextValid,
  propagation,
  type SpanContext,
  trace,
} from '@opentelemetry/api';

/** What goes into a thread: where the caller stands in a trace, and its baggage. Plain data. */
export interface Carried {
  readonly span?: CarriedSpan;
  readonly baggage?: readonly (readonly [key: string, value: string, metadata: string | undefined])[];
  /** The host tells of attempts with ids that the lane can work out: spans of an attempt go below it, else below the task. */
  readonly attempts: boolean;
}

/** A span's context as it crosses. */
export interface CarriedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: number;
  readonly state?: string;
}

/** What is to be carried of a context; `undefined` when there is nothing. */
export function carriedOf(context: Context, attempts: boolean): Carried | undefined {
  const span = trace.getSpanContext(context);
  const baggage = propagation.getBaggage(context)?.getAllEntries() ?? [];
  const isTraced = span !== undefined && isSpanContextValid(span);
  if (!isTraced && baggage.length === 0) return undefined;
  return {
    attempts,
    ...(isTraced ? { span: encodeSpanContext(span) } : {}),
    ...(baggage.length === 0 ? {} : { baggage: baggage.map(([key, { value, metadata }]) => [key, value, metadata?.toString()] as const) }),
  };
}

/** A context in which whatever is traced goes below the span that was carried. */
export function contextOf(base: Context, { span, baggage = [] }: Carried): Context {
  const traced = span === undefined ? base : trace.setSpanContext(base, decodeSpanContext(span));
  if (baggage.length === 0) return traced;
  const entries = baggage.map(([key, value, metadata]) => [key, { value, ...metadataOf(metadata) }] as const);
  return propagation.setBaggage(traced, propagation.createBaggage(Object.fromEntries(entries)));
}

function metadataOf(metadata: string | undefined): object {
  return metadata === undefined ? {} : { metadata: baggageEntryMetadataFromString(metadata) };
}

export function encodeSpanContext({ traceId, spanId, traceFlags, traceState }: SpanContext): CarriedSpan {
  const state = traceState?.serialize() ?? '';
  return { traceId, spanId, flags: traceFlags, ...(state === '' ? {} : { state }) };
}

/** `isRemote`, as whatever comes from elsewhere. */
export function decodeSpanContext({ traceId, spanId, flags, state }: CarriedSpan, isRemote = true): SpanContext {
  const traceState = state === undefined ? {} : { traceState: createTraceState(state) };
  return { traceId, spanId, traceFlags: flags, ...(isRemote ? { isRemote } : {}), ...traceState };
}
