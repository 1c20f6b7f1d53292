export type { Carried, CarriedSpan } from './carried.ts';
export type { FinishedSpan, SpanEvent, SpanSink } from './finished-span.ts';
export { LaneContextManager } from './lane/context-manager.ts';
export { LaneSpanProcessor } from './lane/span-processor.ts';
export { createOpenTelemetry, type OpenTelemetry, type OpenTelemetryOptions } from './telemetry.ts';
