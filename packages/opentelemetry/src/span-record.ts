import type { Attributes, HrTime, SpanKind, SpanStatus } from '@opentelemetry/api';
import { type CarriedSpan, decodeSpanContext, encodeSpanContext } from './carried.ts';
import type { FinishedSpan, SpanEvent } from './finished-span.ts';

/** A span that ended in a thread, as it comes to the host. Plain data. */
export interface SpanRecord {
  readonly name: string;
  readonly kind: SpanKind;
  readonly context: CarriedSpan;
  readonly parent: CarriedSpan | undefined;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly duration: HrTime;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly links: readonly { readonly context: CarriedSpan; readonly attributes?: Attributes; readonly droppedAttributesCount?: number }[];
  readonly events: readonly SpanEvent[];
  readonly scope: FinishedSpan['instrumentationScope'];
  readonly dropped: readonly [attributes: number, events: number, links: number];
}

/** In a thread. */
export function encodeSpan(span: FinishedSpan): SpanRecord {
  const { name, kind, parentSpanContext, startTime, endTime, duration, status, attributes, links, events, instrumentationScope } = span;
  const { name: scope, version, schemaUrl } = instrumentationScope;
  return {
    ...{ name, kind, startTime, endTime, duration, status, attributes, events },
    context: encodeSpanContext(span.spanContext()),
    parent: parentSpanContext === undefined ? undefined : encodeSpanContext(parentSpanContext),
    links: links.map(({ context, ...rest }) => ({ ...rest, context: encodeSpanContext(context) })),
    scope: { name: scope, ...(version === undefined ? {} : { version }), ...(schemaUrl === undefined ? {} : { schemaUrl }) },
    dropped: [span.droppedAttributesCount, span.droppedEventsCount, span.droppedLinksCount],
  };
}

/** On the host. `resource` is the host's: a thread is no service of its own. */
export function decodeSpan(record: SpanRecord, resource: unknown): FinishedSpan {
  const { context, parent, links, events, scope, dropped, ...rest } = record;
  const own = decodeSpanContext(context, false);
  const [droppedAttributesCount, droppedEventsCount, droppedLinksCount] = dropped;
  return {
    ...rest,
    spanContext: () => own,
    ...(parent === undefined ? {} : { parentSpanContext: decodeSpanContext(parent) }),
    links: links.map((link) => ({ ...link, context: decodeSpanContext(link.context) })),
    events: [...events],
    ended: true,
    instrumentationScope: scope,
    resource,
    ...{ droppedAttributesCount, droppedEventsCount, droppedLinksCount },
  };
}
