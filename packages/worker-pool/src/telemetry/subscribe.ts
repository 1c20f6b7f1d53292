import { HeddleError } from '@heddle/core';
import { kindOf, toHeddleError } from '@heddle/core/engine';
import { attemptChannel, eventChannel, stepChannel, taskChannel } from './channel.ts';
import type { AttemptTrace, EventTrace, StepTrace, TaskTrace } from './trace.ts';

/** What {@link subscribeTelemetry} calls; each may be left out. Their time is the main thread's: be quick. */
export interface TelemetryListeners {
  /** A task was started; in the caller's async context, before anything of the task is sent. */
  readonly taskStart?: (task: TaskTrace) => void;
  /** A task has settled and its waiters know. The object is the one that `taskStart` was given. */
  readonly taskEnd?: (task: TaskTrace) => void;
  /** An attempt began, as is known now that it has ended; `attemptEnd` follows at once with the same object. */
  readonly attemptStart?: (attempt: AttemptTrace) => void;
  /** An attempt has ended. */
  readonly attemptEnd?: (attempt: AttemptTrace) => void;
  /** A coroutine, a stream or an agent has computed for a while, and stands. */
  readonly step?: (step: StepTrace) => void;
  /** What no outcome tells: the kinds of `RuntimeEvent`, without their errors' texts. */
  readonly event?: (event: EventTrace) => void;
}

/** Ends a subscription; `using` does the same. Ending it twice does nothing. */
export interface TelemetrySubscription extends Disposable {
  (): void;
}

const NAMES = ['taskStart', 'taskEnd', 'attemptStart', 'attemptEnd', 'step', 'event'] as const;

/**
 * Listens to the telemetry of every runtime that was created in this thread. What a listener throws, or rejects with, goes no further: the first of each
 * is a process warning (`HeddleWarning`), where a bare subscriber of the channels would end the process.
 * Guarantees: tells of the tasks that start while it is subscribed, and of nothing else, so that each end has had its start.
 *
 * @throws HeddleError `config_error` for listeners that are none, every one at once
 * @example
 * ```ts
 * const stop = subscribeTelemetry({ taskEnd: ({ action, outcome, totalMs }) => histogram.record(totalMs, { action, outcome }) })
 * ```
 */
export function subscribeTelemetry(listeners: TelemetryListeners): TelemetrySubscription {
  const faults = listenerFaults(listeners);
  if (faults.length > 0)
    throw new HeddleError('config_error', `Invalid telemetry listeners: ${faults.join('; ')}`, { details: { faults } });
  const [taskStart, taskEnd, attemptStart, attemptEnd, onStep, onEvent] = [
    isolated('taskStart', listeners.taskStart),
    isolated('taskEnd', listeners.taskEnd),
    isolated('attemptStart', listeners.attemptStart),
    isolated('attemptEnd', listeners.attemptEnd),
    isolated('step', listeners.step),
    isolated('event', listeners.event),
  ];
  const known = new WeakSet<TaskTrace>();
  const start = (task: TaskTrace): void => {
    known.add(task);
    taskStart?.(task);
  };
  const end = (task: TaskTrace): void => void (known.has(task) && taskEnd?.(task));
  const begin = (attempt: AttemptTrace): void => void (known.has(attempt.task) && attemptStart?.(attempt));
  const finish = (attempt: AttemptTrace): void => void (known.has(attempt.task) && attemptEnd?.(attempt));
  const links: [{ subscribe(listener: never): void; unsubscribe(listener: never): void }, (message: never) => void][] = [];
  const step = (told: StepTrace): void => void (known.has(told.task) && onStep?.(told));
  const ofTasks = taskStart ?? taskEnd ?? attemptStart ?? attemptEnd ?? onStep;
  if (ofTasks !== undefined) links.push([taskChannel.start, start]);
  if (taskEnd !== undefined) links.push([taskChannel.asyncEnd, end]);
  if (attemptStart !== undefined) links.push([attemptChannel.start, begin]);
  if (attemptEnd !== undefined) links.push([attemptChannel.asyncEnd, finish]);
  if (onStep !== undefined) links.push([stepChannel, step]);
  if (onEvent !== undefined) links.push([eventChannel, onEvent]);
  for (const [channel, listener] of links) channel.subscribe(listener as never); // each stands beside the channel of its messages
  const stop = (): void => {
    for (const [channel, listener] of links.splice(0)) channel.unsubscribe(listener as never); // as above
  };
  return Object.assign(stop, { [Symbol.dispose]: stop });
}

function listenerFaults(listeners: unknown): string[] {
  if (typeof listeners !== 'object' || listeners === null) return [`expected an object, got ${kindOf(listeners)}`];
  return Object.entries(listeners).flatMap(([name, listener]: [string, unknown]) => {
    if (!NAMES.some((known) => known === name)) return [`\`${name}\` is not a listener: they are ${NAMES.join(', ')}`];
    return listener === undefined || typeof listener === 'function' ? [] : [`\`${name}\` must be a function; got ${kindOf(listener)}`];
  });
}

/** The listener, its throws kept from the process. One that fails for every task must not fill the terminal: the first is enough. */
function isolated<T>(name: string, listener: ((message: T) => unknown) | undefined): ((message: T) => void) | undefined {
  if (listener === undefined) return undefined;
  let warned = false;
  const warn = (thrown: unknown): void => {
    if (warned) return;
    warned = true;
    process.emitWarning(`The telemetry listener \`${name}\` threw: ${toHeddleError(thrown).message}`, 'HeddleWarning');
  };
  return (message) => {
    try {
      const returned = listener(message);
      if (returned instanceof Promise) returned.catch(warn);
    } catch (thrown) {
      warn(thrown);
    }
  };
}
