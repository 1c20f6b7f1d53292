import { createOpenTelemetry } from '@heddle/opentelemetry';
import { context, propagation, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { ConsoleSpanExporter, InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';

/** Where spans go: kept here, to be looked at; a service sends them to a collector, by a `BatchSpanProcessor`. */
export const kept = new InMemorySpanExporter();

const exporter = process.env['TRACES'] === 'console' ? new ConsoleSpanExporter() : kept;
const spanProcessors = [new SimpleSpanProcessor(exporter)];
new NodeTracerProvider({ spanProcessors }).register();

export const telemetry = createOpenTelemetry({ spanProcessors });

const tracer = trace.getTracer('server');

/**
 * A span for each request, below that of its caller; what is done for the request is done in its context. An instrumentation for HTTP does
 * that as well.
 *
 * @param {import('fastify').FastifyInstance} app
 */
export function traceRequests(app) {
  /** @type {WeakMap<object, import('@opentelemetry/api').Span>} */
  const spans = new WeakMap();
  app.addHook('onRequest', (request, _reply, done) => {
    const caller = propagation.extract(ROOT_CONTEXT, request.headers);
    const name = `${request.method} ${request.routeOptions.url}`;
    const span = tracer.startSpan(name, { kind: SpanKind.SERVER }, caller);
    spans.set(request, span);
    context.with(trace.setSpan(caller, span), done);
  });
  app.addHook('onResponse', async (request, reply) => {
    spans.get(request)?.setAttribute('http.response.status_code', reply.statusCode).end();
  });
}

/**
 * The spans of one trace as a tree in words, in the order in which they began.
 *
 * @param {string} traceId
 */
export function treeOf(traceId) {
  const spans = kept.getFinishedSpans().filter((span) => span.spanContext().traceId === traceId);
  const ids = new Set(spans.map((span) => span.spanContext().spanId));
  const startOf = (/** @type {(typeof spans)[number]} */ { startTime: [seconds, nanos] }) => seconds * 1e9 + nanos;
  /** @type {(parent: string | undefined, indent: string) => string[]} */
  const below = (parent, indent) =>
    spans
      .filter(({ parentSpanContext }) => {
        const above = parentSpanContext?.spanId ?? '';
        return parent === undefined ? !ids.has(above) : above === parent;
      })
      .sort((a, b) => startOf(a) - startOf(b))
      .flatMap((span) => [`${indent}${span.name}`, ...below(span.spanContext().spanId, `${indent}  `)]);
  return below(undefined, '').join('\n');
}
