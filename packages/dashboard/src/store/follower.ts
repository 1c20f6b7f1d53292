import type { Outcome, Step } from '@heddle/core';
import type {
  AttemptTrace,
  FailedTask,
  InspectionListeners,
  InspectionRecord,
  RuntimeEvent,
  TaskKind,
  TaskTrace,
} from '@heddle/worker-pool';
import type { EventRow, SpanEnd, TaskRow } from '../wire.ts';
import type { ActionCounts } from './action-counts.ts';
import type { Failures } from './failures.ts';
import type { KeptTasks } from './kept-tasks.ts';
import type { Latency } from './latency.ts';
import type { LiveTasks } from './live-tasks.ts';
import { addTo, type TaskRecord } from './record.ts';
import type { Ring } from './ring.ts';
import type { Sampler } from './sampler.ts';
import { errorText, lineText, valueText } from './text.ts';
import type { TimeLine } from './time-line.ts';

/** What a follower writes to. */
export interface FollowerParts {
  readonly sampler: Sampler;
  readonly actions: ActionCounts;
  readonly failures: Failures;
  readonly kept: KeptTasks;
  readonly live: LiveTasks;
  readonly latency: Latency;
  readonly timeLine: TimeLine;
  readonly events: Ring<EventRow>;
  redact(value: unknown): unknown;
  /** The lane of a thread, if it is known. */
  laneOf(threadId: number | undefined): string | undefined;
  /** Milliseconds since the epoch. */
  wall(): number;
}

/** Failed tasks that nobody followed and of which more than the count is kept, in a tick. */
const FAILED_PER_TICK = 50;

/** Writes down what a runtime tells. */
export class Follower implements InspectionListeners {
  readonly #parts: FollowerParts;
  readonly #kinds = new Map<string, TaskKind>();
  #failedLeft = FAILED_PER_TICK;

  constructor(parts: FollowerParts) {
    this.#parts = parts;
  }

  tick(): void {
    this.#failedLeft = FAILED_PER_TICK;
    this.#parts.sampler.tick();
    this.#parts.timeLine.tick();
  }

  readonly follows = (action: string, kind: TaskKind): boolean => {
    const followed = this.#parts.sampler.follows(action, kind);
    if (followed && kind !== 'plain' && this.#kinds.size < 500) this.#kinds.set(action, kind);
    return followed;
  };

  readonly counted = (action: string, outcome: Outcome): void => {
    this.#parts.actions.ended(action, outcome.ok ? 'ok' : outcome.error.type === 'cancelled' ? 'cancelled' : 'failed');
  };

  readonly failed = (task: FailedTask): void => {
    const { failures, wall } = this.#parts;
    const { action, id, error, followed } = task;
    if (error.type !== 'cancelled')
      failures.add({ type: error.type, action, lastAt: wall(), lastTask: id, message: lineText(error.message) });
    if (!followed && this.#failedLeft-- > 0) this.#keepFailed(task);
  };

  /** What there is of one that nobody followed. */
  #keepFailed({ id, action, error, attempts, threadId, runMs }: FailedTask): void {
    const { kept, live, redact, laneOf } = this.#parts;
    const record = live.take(id);
    record.error = errorText(error, redact);
    const outcome: Outcome = { ok: false, error };
    kept.add(record, {
      id,
      action,
      kind: 'plain',
      state: stateOf(outcome),
      attempts,
      ...laneField(laneOf(threadId)),
      ...(runMs === undefined ? {} : { runMs }),
      ...errorLine(outcome),
    });
  }

  readonly ended = (trace: TaskTrace, params: unknown, outcome: Outcome): void => {
    const { kept, live, actions, latency, redact } = this.#parts;
    const { taskId, action, queuedMs = 0, runMs = 0, totalMs = 0 } = trace;
    const record = live.take(taskId);
    this.#flushPart(record, action, stateOf(outcome));
    record.params = valueText(redact(params));
    if (outcome.ok) record.value = valueText(redact(outcome.value));
    else record.error = errorText(outcome.error, redact);
    actions.took(action, queuedMs, runMs);
    latency.record(totalMs);
    kept.add(record, { ...this.#rowOf(trace), state: stateOf(outcome), ...errorLine(outcome) });
  };

  #rowOf({ taskId, action, tag, parentId, startTime, attempts = 0, threadId, queuedMs, runMs, totalMs }: TaskTrace): TaskRow {
    return {
      id: taskId,
      action,
      kind: this.#kinds.get(action) ?? 'plain',
      state: 'settled',
      attempts,
      startTime,
      ...(tag === undefined ? {} : { tag }),
      ...(parentId === undefined ? {} : { parentId }),
      ...laneField(this.#parts.laneOf(threadId)),
      ...(queuedMs === undefined ? {} : { queuedMs }),
      ...(runMs === undefined ? {} : { runMs }),
      ...(totalMs === undefined ? {} : { totalMs }),
    };
  }

  readonly attemptEnded = (trace: AttemptTrace, outcome: Outcome): void => {
    const { live, timeLine, redact, laneOf } = this.#parts;
    const { taskId, action, attempt, startTime, endTime, queuedMs, runMs, threadId, retried } = trace;
    const lane = laneOf(threadId);
    const record = live.of(taskId);
    if (record !== undefined)
      addTo(record.attempts, {
        attempt,
        startTime,
        queuedMs,
        runMs,
        ...laneField(lane),
        state: stateOf(outcome),
        retried,
        ...(outcome.ok ? {} : { error: errorText(outcome.error, redact) }),
      });
    if (lane === undefined) return;
    const end: SpanEnd = retried ? 'retried' : stateOf(outcome);
    const span = { task: taskId, action, lane, from: startTime, to: endTime, end };
    timeLine.add(queuedMs < 1 ? span : { ...span, waited: 'queued', since: startTime - queuedMs });
  };

  readonly partRan = ({ taskId, action }: TaskTrace, threadId: number | undefined, runMs: number): void => {
    const record = this.#parts.live.of(taskId);
    const lane = this.#parts.laneOf(threadId);
    if (record === undefined || lane === undefined) return;
    this.#flushPart(record, action, 'suspended');
    const to = this.#parts.wall();
    record.part = { lane, from: to - runMs, to };
    record.lane = lane;
  };

  readonly stepTaken = ({ taskId, action }: TaskTrace, step: Step): void => {
    const { live, wall, redact } = this.#parts;
    const record = live.of(taskId);
    if (record === undefined) return;
    const at = wall();
    this.#flushPart(record, action, endOfStep(step), at);
    record.suspendedAt = step.kind === 'suspended' ? at : undefined;
    addTo(record.steps, { seq: step.seq, kind: step.kind, at, text: stepText(step, redact) });
  };

  #flushPart(record: TaskRecord, action: string, end: SpanEnd, at: number = this.#parts.wall()): void {
    const { part, suspendedAt, lane } = record;
    record.part = undefined;
    const ran = part ?? (end === 'suspended' || suspendedAt === undefined || lane === undefined ? undefined : { lane, from: at, to: at });
    if (ran === undefined) return;
    const span = { task: record.id, action, ...ran, end };
    this.#parts.timeLine.add(suspendedAt === undefined ? span : { ...span, waited: 'suspended', since: suspendedAt });
    record.suspendedAt = undefined;
  }

  readonly logged = ({ taskId, level, attempt, message = '', fields }: InspectionRecord): void => {
    const record = this.#parts.live.ofLogged(taskId);
    const told = Object.keys(fields).length === 0 ? '' : lineText(valueText(fields));
    addTo(record.logs, { at: this.#parts.wall(), level, attempt, message: lineText(message), fields: told });
  };

  readonly event = (event: RuntimeEvent): void => {
    const { events, wall, laneOf } = this.#parts;
    const { kind, taskId, threadId, error, ...rest } = event as EventFacts; // each kind has some of them
    const facts = Object.entries(rest).map(([name, value]) => `${name} ${String(value)}`);
    events.push({
      seq: events.next,
      at: wall(),
      kind,
      text: lineText([...(error === undefined ? [] : [error.message]), ...facts].join(' · ')),
      ...(taskId === undefined ? {} : { task: taskId }),
      ...laneField(laneOf(threadId)),
    });
  };
}

interface EventFacts {
  readonly kind: string;
  readonly taskId?: string;
  readonly threadId?: number;
  readonly error?: { readonly message: string };
}

function laneField(lane: string | undefined): { readonly lane?: string } {
  return lane === undefined ? {} : { lane };
}

function stateOf(outcome: Outcome): 'ok' | 'error' | 'timeout' | 'cancelled' {
  if (outcome.ok) return 'ok';
  const { type } = outcome.error;
  return type === 'timeout' || type === 'cancelled' ? type : 'error';
}

function errorLine(outcome: Outcome): { readonly error?: string } {
  return outcome.ok ? {} : { error: lineText(`${outcome.error.type}: ${outcome.error.message}`) };
}

function endOfStep(step: Step): SpanEnd {
  switch (step.kind) {
    case 'suspended':
      return 'suspended';
    case 'completed':
      return 'ok';
    case 'thrown':
      return step.fault.type === 'timeout' ? 'timeout' : 'error';
    case 'cancelled':
      return 'cancelled';
  }
}

function stepText(step: Step, redact: (value: unknown) => unknown): string {
  switch (step.kind) {
    case 'suspended':
    case 'completed':
      return valueText(redact(step.value));
    case 'thrown':
      return errorText(step.fault, redact);
    case 'cancelled':
      return step.reason;
  }
}
