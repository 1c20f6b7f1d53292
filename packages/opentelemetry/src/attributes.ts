import type { AttemptTrace, StepTrace, TaskTrace } from '@heddle/worker-pool';
import type { Attributes } from '@opentelemetry/api';

/** The name under which tracers and meters are asked for. */
export const SCOPE = '@heddle/opentelemetry';

type Named = Pick<TaskTrace, 'runtime' | 'action' | 'tag' | 'taskId' | 'parentId'>;

/** Whose a span is. */
export function nameAttributes({ runtime, action, tag, taskId, parentId }: Named): Attributes {
  return {
    'heddle.runtime': runtime,
    'heddle.action': action,
    'heddle.task.id': taskId,
    ...(tag === undefined ? {} : { 'heddle.task.tag': tag }),
    ...(parentId === undefined ? {} : { 'heddle.task.parent_id': parentId }),
  };
}

/** How a task ended. */
export function endAttributes({ outcome, error, attempts, queuedMs, runMs, threadId }: TaskTrace): Attributes {
  return {
    ...outcomeAttributes(outcome, error, threadId),
    'heddle.task.attempts': attempts ?? 0,
    'heddle.queue.duration_ms': queuedMs ?? 0,
    'heddle.run.duration_ms': runMs ?? 0,
  };
}

/** What an attempt was, and how it ended. */
export function attemptAttributes(attempt: AttemptTrace): Attributes {
  return {
    ...nameAttributes(attempt),
    ...outcomeAttributes(attempt.outcome, attempt.error, attempt.threadId),
    'heddle.attempt': attempt.attempt,
    'heddle.attempt.retried': attempt.retried,
    'heddle.queue.duration_ms': attempt.queuedMs,
    'heddle.run.duration_ms': attempt.runMs,
  };
}

export function stepAttributes({ task, step, runMs, threadId }: StepTrace): Attributes {
  return { ...nameAttributes(task), 'heddle.step': step, 'heddle.run.duration_ms': runMs, ...threadAttributes(threadId) };
}

function outcomeAttributes(outcome: TaskTrace['outcome'], error: TaskTrace['error'], threadId: number | undefined): Attributes {
  return {
    ...(outcome === undefined ? {} : { 'heddle.outcome': outcome }),
    ...(error === undefined
      ? {}
      : { 'error.type': error.type, 'heddle.error.code': error.code, 'heddle.error.retryable': error.retryable }),
    ...threadAttributes(threadId),
  };
}

function threadAttributes(threadId: number | undefined): Attributes {
  return threadId === undefined ? {} : { 'thread.id': threadId };
}
