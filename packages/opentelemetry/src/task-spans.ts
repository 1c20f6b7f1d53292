import type { AttemptTrace, StepTrace, TaskTrace, TraceError } from '@heddle/worker-pool';
import { type Context, context, ROOT_CONTEXT, type Span, TraceFlags, type Tracer, trace } from '@opentelemetry/api';
import { finishedSpan, statusOf } from './attempt-span.ts';
import { attemptAttributes, endAttributes, nameAttributes, stepAttributes } from './attributes.ts';
import { recordedOf, type SpanSink } from './finished-span.ts';
import type { ToldSpans } from './propagator.ts';
import { attemptSpanId } from './span-id.ts';
import { decodeSpan } from './span-record.ts';

/** A task whose span is open. */
interface OpenTask {
  readonly span: Span;
  readonly context: Context;
  /** What it needs of its tracer's provider to make spans with ids of our own; `undefined` where nobody takes those, or it is not sampled. */
  readonly recorded: ReturnType<typeof recordedOf>;
  /** Attempts that have ended, and the end of the last one. */
  ended: number;
  lastEndMs: number;
  /** What was traced in attempts that have not been told of yet: from when to when. */
  readonly traced: Map<number | 'onError', readonly [startMs: number, endMs: number]>;
}

/** How spans are made. */
export interface TaskSpanOptions {
  readonly tracer: Tracer;
  readonly sinks: readonly SpanSink[];
  /** Waits for a lane that are shorter have no span. Milliseconds. */
  readonly queueSpanMs: number;
}

/** Something below a task's span, over when it is told. */
interface Part {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: ReturnType<typeof nameAttributes>;
  readonly error?: TraceError | undefined;
  /** Where a lane has worked its id out as well. */
  readonly spanId?: string;
}

/** The spans of tasks and of what they consist of. Source: SEMANTICS R-13. */
export class TaskSpans {
  readonly #options: TaskSpanOptions;
  // Invariant: every task whose span is open.
  readonly #open = new Map<string, OpenTask>();
  /** The provider's, as its spans have it: for what ends in a lane when its task is over. */
  #resource: unknown;

  constructor(options: TaskSpanOptions) {
    this.#options = options;
  }

  /** In the caller's context: opens the task's span. Answers the context in which its attempts run. */
  started(task: TaskTrace): Context {
    const { tracer, sinks } = this.#options;
    const parent = this.#parentOf(task);
    const span = tracer.startSpan(`task ${task.action}`, { startTime: task.startTime, attributes: nameAttributes(task) }, parent);
    const own = trace.setSpan(parent, span);
    const sampled = (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
    const recorded = sinks.length > 0 && sampled ? recordedOf(span) : undefined;
    this.#resource ??= recorded?.resource;
    this.#open.set(task.taskId, { span, context: own, recorded, ended: 0, lastEndMs: task.startTime, traced: new Map() });
    return own;
  }

  /** What was started from within an action belongs to the attempt that started it. */
  #parentOf({ parentId }: TaskTrace): Context {
    const above = parentId === undefined ? undefined : this.#open.get(parentId);
    if (above === undefined || parentId === undefined) return parentId === undefined ? context.active() : ROOT_CONTEXT;
    if (above.recorded === undefined) return above.context;
    const { traceId, traceFlags } = above.span.spanContext();
    return trace.setSpanContext(above.context, { traceId, spanId: attemptSpanId(traceId, parentId, above.ended + 1), traceFlags });
  }

  /** Whether spans of a task's attempts have ids that lanes can work out. */
  hasAttempts(taskId: string): boolean {
    return this.#open.get(taskId)?.recorded !== undefined;
  }

  /** Spans that ended in a lane. */
  told({ taskId, attempt, spans }: ToldSpans): void {
    const { sinks } = this.#options;
    const open = this.#open.get(taskId);
    for (const record of spans) {
      const span = decodeSpan(record, this.#resource);
      for (const sink of sinks) sink.onEnd(span);
    }
    if (open === undefined) return;
    const [startMs, endMs] = open.traced.get(attempt) ?? [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const startsMs = spans.map(({ startTime: [seconds, nanos] }) => seconds * 1000 + nanos / 1e6);
    const endsMs = spans.map(({ endTime: [seconds, nanos] }) => seconds * 1000 + nanos / 1e6);
    open.traced.set(attempt, [Math.min(startMs, ...startsMs), Math.max(endMs, ...endsMs)]);
  }

  attemptEnded(attempt: AttemptTrace): void {
    const open = this.#open.get(attempt.taskId);
    if (open === undefined) return;
    const { taskId, action, startTime, endTime, queuedMs, error } = attempt;
    open.ended = attempt.attempt;
    // What a clock of whole milliseconds says of the beginning may be later than what was traced.
    const [tracedMs, endMs] = open.traced.get(attempt.attempt) ?? [startTime, endTime];
    // But it is not before the end of the one before.
    const startMs = Math.min(startTime, Math.max(open.lastEndMs, tracedMs));
    open.traced.delete(attempt.attempt);
    open.lastEndMs = Math.max(endTime, endMs);
    const names = nameAttributes(attempt);
    if (queuedMs >= this.#options.queueSpanMs) {
      this.#tell(open, { name: `queue ${action}`, startMs: startTime - queuedMs, endMs: startTime, attributes: names });
    }
    this.#tell(open, {
      name: `attempt ${action}`,
      startMs,
      endMs: open.lastEndMs,
      attributes: attemptAttributes(attempt),
      error,
      spanId: attemptSpanId(open.span.spanContext().traceId, taskId, attempt.attempt),
    });
  }

  stepped(step: StepTrace): void {
    const open = this.#open.get(step.task.taskId);
    if (open === undefined) return;
    const { startTime: startMs, endTime: endMs, task } = step;
    this.#tell(open, { name: `step ${task.action}`, startMs, endMs, attributes: stepAttributes(step) });
  }

  ended(task: TaskTrace): void {
    const open = this.#open.get(task.taskId);
    if (open === undefined) return;
    this.#open.delete(task.taskId);
    const { span, lastEndMs } = open;
    const endMs = Math.max(lastEndMs, task.startTime + (task.totalMs ?? 0));
    if (task.error?.type === 'compensation_error') this.#compensated(open, task, endMs);
    span.setAttributes(endAttributes(task));
    if (task.error !== undefined) {
      const { type, code } = task.error;
      span.recordException({ name: type, code, message: code }, endMs);
      span.setStatus(statusOf(task.error));
    }
    span.end(endMs);
  }

  /** It lies between the last attempt and the end: its wait for a lane is in it. */
  #compensated(open: OpenTask, task: TaskTrace, endMs: number): void {
    const spanId = attemptSpanId(open.span.spanContext().traceId, task.taskId, 'onError');
    const startMs = Math.min(open.lastEndMs, open.traced.get('onError')?.[0] ?? open.lastEndMs);
    this.#tell(open, { name: `compensate ${task.action}`, startMs, endMs, attributes: nameAttributes(task), spanId });
  }

  #tell(open: OpenTask, { name, startMs, endMs, attributes, error, spanId }: Part): void {
    const { tracer, sinks } = this.#options;
    if (open.recorded !== undefined && spanId !== undefined) {
      const parent = open.span.spanContext();
      const span = finishedSpan({ name, parent, spanId, startMs, endMs, attributes, error, recorded: open.recorded });
      for (const sink of sinks) sink.onEnd(span);
      return;
    }
    const span = tracer.startSpan(name, { startTime: startMs, attributes }, open.context);
    if (error !== undefined) {
      span.recordException({ name: error.type, code: error.code, message: error.code }, endMs);
      span.setStatus(statusOf(error));
    }
    span.end(endMs);
  }

  /** Ends what is open: nobody will tell of it any more. */
  close(): void {
    for (const { span } of this.#open.values()) span.end();
    this.#open.clear();
  }
}
