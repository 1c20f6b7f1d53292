import { subscribeTelemetry, type TelemetrySubscription } from '@heddle/worker-pool';
import type { Instruments } from './instruments.ts';

/** Counts and measures the tasks of the runtime of a name. */
export function measureTasks(instruments: Instruments, name: string): TelemetrySubscription {
  const started = instruments.counter('tasks_started_total', 'Tasks that were started.', ['action']);
  const ended = instruments.counter('tasks_ended_total', 'Tasks that ended, by how.', ['action', 'outcome', 'error_type']);
  const attempts = instruments.counter('attempts_total', 'Attempts that ended, by how.', ['action', 'outcome', 'retried']);
  const events = instruments.counter('events_total', 'Events that no outcome tells of, by kind.', ['kind']);
  const total = instruments.histogram('task_duration_seconds', 'From a task’s start to its outcome.', ['action', 'outcome']);
  const queued = instruments.histogram('task_queue_seconds', 'What of it was waiting for a lane and for the action’s module.', ['action']);
  const ran = instruments.histogram('task_run_seconds', 'What of it was running on threads.', ['action']);
  return subscribeTelemetry({
    taskStart: ({ runtime, action }) => {
      if (runtime === name) started.inc(instruments.labelled({ action }));
    },
    taskEnd: ({ runtime, action, outcome = 'ok', error, totalMs = 0, queuedMs = 0, runMs = 0 }) => {
      if (runtime !== name) return;
      ended.inc(instruments.labelled({ action, outcome, error_type: error?.type ?? '' }));
      total.observe(instruments.labelled({ action, outcome }), totalMs / 1000);
      queued.observe(instruments.labelled({ action }), queuedMs / 1000);
      ran.observe(instruments.labelled({ action }), runMs / 1000);
    },
    attemptEnd: ({ runtime, action, outcome, retried }) => {
      if (runtime === name) attempts.inc(instruments.labelled({ action, outcome, retried: String(retried) }));
    },
    event: ({ runtime, kind }) => {
      if (runtime === name) events.inc(instruments.labelled({ kind }));
    },
  });
}
