import type { Attributes, HrTime, Link, SpanContext, SpanKind, SpanStatus } from '@opentelemetry/api';

/** A span that has ended, as processors of the OpenTelemetry SDK take it (its `ReadableSpan`). */
export interface FinishedSpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly spanContext: () => SpanContext;
  readonly parentSpanContext?: SpanContext;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly duration: HrTime;
  readonly ended: boolean;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly links: Link[];
  readonly events: SpanEvent[];
  readonly resource: unknown;
  readonly instrumentationScope: { readonly name: string; readonly version?: string; readonly schemaUrl?: string };
  readonly droppedAttributesCount: number;
  readonly droppedEventsCount: number;
  readonly droppedLinksCount: number;
}

/** Something that happened in a span. */
export interface SpanEvent {
  readonly name: string;
  readonly time: HrTime;
  readonly attributes?: Attributes;
  readonly droppedAttributesCount?: number;
}

/** Where spans go that this package ends: a span processor of the SDK, the one that the tracer provider was given. */
export interface SpanSink {
  onEnd(span: FinishedSpan): void;
}

/** Milliseconds since the epoch as the SDK has times: seconds and nanoseconds. */
export function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}

/** What of a live span of the SDK is needed to make others like it; `undefined` for a span that is not recorded. */
export function recordedOf(span: unknown): Pick<FinishedSpan, 'resource' | 'instrumentationScope'> | undefined {
  const { resource, instrumentationScope } = span as Partial<FinishedSpan>; // a span of the SDK has both, any other neither
  return resource === undefined || instrumentationScope === undefined ? undefined : { resource, instrumentationScope };
}
