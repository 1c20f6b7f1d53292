import { AsyncLocalStorage } from 'node:async_hooks';
import { tracingChannel } from 'node:diagnostics_channel';
import { HeddleError, type Propagator } from '@heddle/core';
import { kindOf } from '@heddle/core/engine';
import { type Runtime, subscribeTelemetry, type TaskTrace } from '@heddle/worker-pool';
import { type Context, context, type Meter, type MeterProvider, metrics, type TracerProvider, trace } from '@opentelemetry/api';
import { SCOPE } from './attributes.ts';
import { type Carried, carriedOf } from './carried.ts';
import type { SpanSink } from './finished-span.ts';
import { meterTasks } from './metrics.ts';
import { createPropagator } from './propagator.ts';
import { gaugeRuntime } from './runtime-gauges.ts';
import { TaskSpans } from './task-spans.ts';

/** What telemetry is made with. */
export interface OpenTelemetryOptions {
  /** Makes the spans of tasks. @defaultValue the one that is registered */
  readonly tracerProvider?: TracerProvider;
  /** Makes the instruments. @defaultValue the one that is registered */
  readonly meterProvider?: MeterProvider;
  /**
   * The span processors of the tracer provider, the same objects: they are given the spans of attempts, whose ids the threads have to know
   * before them, and what ended in the threads. Without them, attempts are spans like others, what actions trace stands beside them below the
   * task, and threads have to send it themselves.
   */
  readonly spanProcessors?: readonly SpanSink[];
  /** Waits for a lane that are shorter have no span of their own. Milliseconds; `Infinity` = none has. @defaultValue 1 */
  readonly queueSpanMs?: number;
}

/** OpenTelemetry of the runtimes of this thread, as long as it is open. */
export interface OpenTelemetry extends Disposable {
  /** For `createRuntime({ propagators })`: takes the caller's context and baggage into the threads, and brings spans back. */
  readonly propagator: Propagator<Carried>;
  /** Observes a runtime whenever metrics are collected: queue, lanes, event loops, memory. Answers how to end that; closing ends it as well. */
  observe(runtime: Runtime): Disposable;
  /** Tells of nothing any more, and ends the spans that are open. */
  close(): void;
}

/**
 * Spans and metrics of every runtime of this thread: a span for each task, below the span that was active where it was started; below it its
 * attempts, its waits, its compensation; what its action traces in its thread below the attempt. Subscribes, and patches nothing.
 *
 * @throws HeddleError `config_error` for options at fault, every one at once
 * @example
 * ```ts
 * const spanProcessors = [new BatchSpanProcessor(exporter)]
 * new NodeTracerProvider({ spanProcessors }).register()
 * const telemetry = createOpenTelemetry({ spanProcessors })
 * const runtime = createRuntime({ propagators: [telemetry.propagator] })
 * telemetry.observe(runtime)
 * ```
 */
export function createOpenTelemetry(options: OpenTelemetryOptions = {}): OpenTelemetry {
  const faults = optionFaults(options);
  if (faults.length > 0)
    throw new HeddleError('config_error', `Invalid OpenTelemetry options: ${faults.join('; ')}`, { details: { faults } });
  return new ChannelTelemetry(options);
}

const KEYS = ['tracerProvider', 'meterProvider', 'spanProcessors', 'queueSpanMs'];

function optionFaults(options: unknown): string[] {
  if (typeof options !== 'object' || options === null) return [`expected an object, got ${kindOf(options)}`];
  const { tracerProvider, meterProvider, spanProcessors, queueSpanMs } = options as Readonly<Record<string, unknown>>;
  const faults = Object.keys(options).flatMap((key) =>
    KEYS.includes(key) ? [] : [`\`${key}\` is not an option: they are ${KEYS.join(', ')}`],
  );
  if (tracerProvider !== undefined && !has(tracerProvider, 'getTracer'))
    faults.push(`\`tracerProvider\` must have \`getTracer\`; got ${kindOf(tracerProvider)}`);
  if (meterProvider !== undefined && !has(meterProvider, 'getMeter'))
    faults.push(`\`meterProvider\` must have \`getMeter\`; got ${kindOf(meterProvider)}`);
  if (spanProcessors !== undefined && !(Array.isArray(spanProcessors) && spanProcessors.every((each: unknown) => has(each, 'onEnd'))))
    faults.push('`spanProcessors` must be an array of span processors');
  if (queueSpanMs !== undefined && !(typeof queueSpanMs === 'number' && queueSpanMs >= 0))
    faults.push(`\`queueSpanMs\` must be a number of milliseconds, 0 or more; got ${kindOf(queueSpanMs)}`);
  return faults;
}

function has(value: unknown, method: string): boolean {
  return typeof value === 'object' && value !== null && typeof (value as Readonly<Record<string, unknown>>)[method] === 'function';
}

/** A task's context while its start is published. */
interface Starting {
  readonly context: Context;
  readonly attempts: boolean;
}

class ChannelTelemetry implements OpenTelemetry {
  readonly propagator: Propagator<Carried>;
  readonly #meter: Meter;
  readonly #spans: TaskSpans;
  /** What is captured for a task sees its span here: nobody but the channel sets it. */
  readonly #starting = new AsyncLocalStorage<Starting | undefined>();
  readonly #ends: (() => void)[] = [];

  constructor({ tracerProvider, meterProvider, spanProcessors = [], queueSpanMs = 1 }: OpenTelemetryOptions) {
    this.#meter = (meterProvider ?? metrics).getMeter(SCOPE);
    const spans = new TaskSpans({ tracer: (tracerProvider ?? trace).getTracer(SCOPE), sinks: [...spanProcessors], queueSpanMs });
    this.#spans = spans;
    this.propagator = createPropagator({ capture: () => this.#capture(), receive: (told) => spans.told(told) });
    const { start } = tracingChannel<Starting | undefined, TaskTrace>('heddle.task');
    start.bindStore(this.#starting, (task: TaskTrace) => this.#started(task));
    this.#ends.push(
      () => start.unbindStore(this.#starting),
      subscribeTelemetry({
        // Attempts, steps and ends alone: the start is the channel's store.
        taskEnd: (task) => spans.ended(task),
        attemptEnd: (attempt) => spans.attemptEnded(attempt),
        step: (step) => spans.stepped(step),
      }),
      meterTasks(this.#meter),
      () => spans.close(),
    );
  }

  /** What it throws would end the process: a task whose span cannot be made has none. */
  #started(task: TaskTrace): Starting | undefined {
    try {
      return { context: this.#spans.started(task), attempts: this.#spans.hasAttempts(task.taskId) };
    } catch (thrown) {
      process.emitWarning(`A span of OpenTelemetry could not be made: ${String(thrown)}`, 'HeddleWarning');
      return undefined;
    }
  }

  #capture(): Carried | undefined {
    const starting = this.#starting.getStore();
    return carriedOf(starting?.context ?? context.active(), starting?.attempts ?? false);
  }

  observe(runtime: Runtime): Disposable {
    const end = gaugeRuntime(this.#meter, runtime);
    this.#ends.push(end);
    return { [Symbol.dispose]: end };
  }

  close(): void {
    for (const end of this.#ends.splice(0)) end();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
