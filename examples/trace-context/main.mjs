import { createRuntime, subscribeTelemetry, unwrap } from 'heddle';
import { price } from './price.mjs';
import { parseTrace, trace, traceContext } from './trace-context.mjs';

const print = (/** @type {object} */ fields, /** @type {string | undefined} */ message) => console.log(message, JSON.stringify(fields));
const logger = { level: 'info', trace: print, debug: print, info: print, warn: print, error: print, fatal: print };
const runtime = createRuntime({ threads: { max: 1 }, logger, propagators: [traceContext] });

// On the host the trace is at hand where a task starts; the message is the same object at its end.
const traceIds = new WeakMap();
const unsubscribe = subscribeTelemetry({
  taskStart: (task) => void traceIds.set(task, trace.getStore()?.traceId),
  taskEnd: (task) => console.log('ended', task.action, task.outcome, traceIds.get(task)),
});

// As a server would with each request's headers.
const incoming = parseTrace('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', 'vendor=1');
if (incoming === undefined) throw new Error('no trace context');
const { headers } = unwrap(await trace.run(incoming, () => runtime.run(price, { sku: 'tea' })));
console.log('sent on', headers?.traceparent, headers?.tracestate);

// Outside of a trace there is none, on the same thread too.
const outside = unwrap(await runtime.run(price, { sku: 'cup' }));
console.log('sent on', outside.headers);

await runtime.close();
unsubscribe();
