import { type Channel, channel, type TracingChannel, tracingChannel } from 'node:diagnostics_channel';
import type { AttemptTrace, TaskTrace } from './trace.ts';

// Node's own registry holds one channel a name. Held here because looking one up costs more than asking it for subscribers.
export const taskChannel: TracingChannel<unknown, TaskTrace> = tracingChannel('heddle.task');
export const attemptChannel: TracingChannel<unknown, AttemptTrace> = tracingChannel('heddle.attempt');
export const stepChannel: Channel = channel('heddle.step');
export const eventChannel: Channel = channel('heddle.event');

/** Whether anybody listens to tasks or attempts: some nanoseconds, all that telemetry costs where nobody does, as in `bench/dispatch`. */
export function isTraced(): boolean {
  return isWatched(taskChannel) || isWatched(attemptChannel);
}

/** Whether anybody listens to an event that is published here. */
export function isWatched({ start, error, asyncEnd }: Watchable): boolean {
  return asyncEnd.hasSubscribers || start.hasSubscribers || error.hasSubscribers;
}

type Watchable = Readonly<Record<'start' | 'error' | 'asyncEnd', { readonly hasSubscribers: boolean }>>;
