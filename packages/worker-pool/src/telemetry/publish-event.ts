import type { HeddleError } from '@heddle/core';
import type { RuntimeEvent } from '../event.ts';
import { eventChannel } from './channel.ts';
import { traceError } from './task-tracer.ts';
import type { EventTrace } from './trace.ts';

/** Publishes an event's kind and ids, if anybody listens. */
export function publishEvent(runtime: string, event: RuntimeEvent): void {
  if (!eventChannel.hasSubscribers) return;
  const { kind, threadId, taskId, action, tenant, error } = event as Facts; // each kind has some of them
  const trace: EventTrace = { runtime, kind, threadId, taskId, action, tenant, error: error === undefined ? undefined : traceError(error) };
  eventChannel.publish(trace);
}

interface Facts {
  readonly kind: RuntimeEvent['kind'];
  readonly threadId?: number;
  readonly taskId?: string;
  readonly action?: string;
  readonly tenant?: string;
  readonly error?: HeddleError;
}
