import { createOpenTelemetry, type OpenTelemetry, type OpenTelemetryOptions } from '@heddle/opentelemetry';
import { createRuntime, type Runtime, type RuntimeEvent, type RuntimeOptions } from '@heddle/worker-pool';
import { type Context, type ContextManager, context, propagation, type SpanContext, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { afterEach } from 'vitest';

const ends: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

export interface Host {
  readonly runtime: Runtime;
  readonly telemetry: OpenTelemetry;
  readonly exporter: InMemorySpanExporter;
  readonly events: RuntimeEvent[];
}

/** A host with the SDK registered, whose spans are kept in memory. All of it is undone after the test. */
export function openHost(
  options: RuntimeOptions = {},
  given: OpenTelemetryOptions | 'own processors' = 'own processors',
  contextManager?: ContextManager,
): Host {
  const exporter = new InMemorySpanExporter();
  const spanProcessors = [new SimpleSpanProcessor(exporter)];
  const provider = new NodeTracerProvider({ spanProcessors });
  provider.register(contextManager === undefined ? {} : { contextManager });
  const telemetry = createOpenTelemetry(given === 'own processors' ? { spanProcessors, queueSpanMs: Number.POSITIVE_INFINITY } : given);
  const events: RuntimeEvent[] = [];
  const quiet = { level: 'silent', trace() {}, debug() {}, info() {}, warn() {}, error() {}, fatal() {} };
  const runtime = createRuntime({
    threads: { max: 1 },
    propagators: [telemetry.propagator],
    onEvent: (event) => events.push(event),
    logger: quiet,
    ...options,
  });
  ends.push(
    async () => {
      await provider.shutdown();
      trace.disable();
      context.disable();
      propagation.disable();
    },
    () => telemetry.close(),
    () => runtime.close({ graceMs: 0 }),
  );
  return { runtime, telemetry, exporter, events };
}

/** Runs something below a span of a request. */
export async function inRequest<R>(run: (span: SpanContext) => R | Promise<R>, within: Context = context.active()): Promise<R> {
  return trace.getTracer('test').startActiveSpan('GET /price', {}, within, async (span) => {
    try {
      return await run(span.spanContext());
    } finally {
      span.end();
    }
  });
}

/** Spans as a tree in words, those below one in the order in which they began, and of one time in the order they are named in. */
export function treeOf(spans: readonly ReadableSpan[]): string[] {
  const ids = new Set(spans.map((span) => span.spanContext().spanId));
  const startOf = ({ startTime: [seconds, nanos] }: ReadableSpan): number => seconds * 1e9 + nanos;
  const below = (parent: string | undefined): ReadableSpan[] =>
    spans
      .filter(({ parentSpanContext }) =>
        parent === undefined ? !ids.has(parentSpanContext?.spanId ?? '') : parentSpanContext?.spanId === parent,
      )
      .sort((a, b) => startOf(a) - startOf(b));
  const lines = (parent: string | undefined, depth: number): string[] =>
    below(parent).flatMap((span) => [`${'  '.repeat(depth)}${span.name}`, ...lines(span.spanContext().spanId, depth + 1)]);
  return lines(undefined, 0);
}
