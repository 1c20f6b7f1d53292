import type { TraceError } from '@heddle/worker-pool';
import { type Attributes, type HrTime, type SpanContext, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { type FinishedSpan, hrTime, type recordedOf, type SpanEvent } from './finished-span.ts';

/** What a span is made of whose id was known before it. */
export interface SpanFacts {
  readonly name: string;
  readonly parent: SpanContext;
  readonly spanId: string;
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  readonly error: TraceError | undefined;
  /** Of the span that it is below. */
  readonly recorded: NonNullable<ReturnType<typeof recordedOf>>;
}

/** A span with an id of our own choosing, which a tracer does not let one choose. */
export function finishedSpan({ name, parent, spanId, startMs, endMs, attributes, error, recorded }: SpanFacts): FinishedSpan {
  const own: SpanContext = { traceId: parent.traceId, spanId, traceFlags: parent.traceFlags, ...stateOf(parent) };
  const endTime = hrTime(endMs);
  return {
    ...{ name, kind: SpanKind.INTERNAL, attributes, links: [], ended: true },
    spanContext: () => own,
    parentSpanContext: parent,
    startTime: hrTime(startMs),
    endTime,
    duration: hrTime(endMs - startMs),
    status: statusOf(error),
    events: error === undefined ? [] : [exceptionOf(error, endTime)],
    ...recorded,
    ...{ droppedAttributesCount: 0, droppedEventsCount: 0, droppedLinksCount: 0 },
  };
}

function stateOf({ traceState }: SpanContext): Pick<SpanContext, 'traceState'> {
  return traceState === undefined ? {} : { traceState };
}

/** As `Span.setStatus` takes it. Telemetry has no messages of errors: the code stands for one. */
export function statusOf(error: TraceError | undefined): FinishedSpan['status'] {
  return error === undefined ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR, message: error.code };
}

function exceptionOf({ type, code }: TraceError, time: HrTime): SpanEvent {
  return { name: 'exception', time, attributes: { 'exception.type': type, 'exception.message': code }, droppedAttributesCount: 0 };
}
