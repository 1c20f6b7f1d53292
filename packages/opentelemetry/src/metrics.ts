import { subscribeTelemetry, type TelemetrySubscription } from '@heddle/worker-pool';
import type { Attributes, Meter } from '@opentelemetry/api';

/** Seconds: from what a tiny task takes to what a long one does. */
const BUCKETS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60];

/** Counts and measures the tasks of all runtimes of this thread. Labels have few values: names of runtimes and actions, outcomes, types. */
export function meterTasks(meter: Meter): TelemetrySubscription {
  const started = meter.createCounter('heddle.tasks.started', { description: 'Tasks that were started.', unit: '{task}' });
  const attempts = meter.createCounter('heddle.attempts', { description: 'Attempts that ended.', unit: '{attempt}' });
  const events = meter.createCounter('heddle.events', { description: 'Events that no outcome tells of.', unit: '{event}' });
  const histogram = (name: string, description: string) =>
    meter.createHistogram(name, { description, unit: 's', advice: { explicitBucketBoundaries: BUCKETS } });
  const total = histogram('heddle.task.duration', 'From a task’s start to its outcome.');
  const queued = histogram('heddle.task.queue.duration', 'What of it was waiting for a lane and for the action’s module.');
  const ran = histogram('heddle.task.run.duration', 'What of it was running on threads.');
  return subscribeTelemetry({
    taskStart: ({ runtime, action }) => started.add(1, { 'heddle.runtime': runtime, 'heddle.action': action }),
    taskEnd: ({ runtime, action, outcome, error, totalMs = 0, queuedMs = 0, runMs = 0 }) => {
      const names = { 'heddle.runtime': runtime, 'heddle.action': action };
      const labels: Attributes = {
        ...names,
        'heddle.outcome': outcome ?? 'ok',
        ...(error === undefined ? {} : { 'error.type': error.type }),
      };
      total.record(totalMs / 1000, labels);
      queued.record(queuedMs / 1000, names);
      ran.record(runMs / 1000, names);
    },
    attemptEnd: ({ runtime, action, outcome, retried }) =>
      attempts.add(1, { 'heddle.runtime': runtime, 'heddle.action': action, 'heddle.outcome': outcome, 'heddle.attempt.retried': retried }),
    event: ({ runtime, kind }) => events.add(1, { 'heddle.runtime': runtime, 'heddle.event': kind }),
  });
}
