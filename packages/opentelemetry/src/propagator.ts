import { type AttachedAttempt, definePropagator, type Propagator } from '@heddle/core';
import { type Carried, contextOf } from './carried.ts';
import { OUTBOX, Outbox } from './lane/outbox.ts';
import { laneContextManager } from './lane/register.ts';
import { attemptSpanId } from './span-id.ts';
import type { SpanRecord } from './span-record.ts';

const NAME = 'openTelemetry';

/** What a lane tells of one attempt. */
export interface ToldSpans {
  readonly taskId: string;
  readonly attempt: number | 'onError';
  readonly spans: readonly SpanRecord[];
}

/** What the host's half of the propagator does. */
export interface HostHalf {
  capture(): Carried | undefined;
  receive(told: ToldSpans): void;
}

/** The propagator of one host. In a lane, the file's own export stands for it. */
export function createPropagator({ capture, receive }: HostHalf): Propagator<Carried> {
  // Only `attach` below tells it anything.
  const hear = (message: unknown): void => receive(message as ToldSpans);
  return definePropagator<Carried>({ module: import.meta.url, name: NAME, capture, attach, receive: hear });
}

/** What lanes import: they know it by its file and its name. */
export const openTelemetry: Propagator<Carried> = createPropagator({ capture: () => undefined, receive: () => {} });

function attach(carried: Carried, attempt: AttachedAttempt): () => void {
  const manager = laneContextManager();
  const { taskId, role } = attempt;
  const outbox = new Outbox((spans) =>
    attempt.tell({ taskId, attempt: role === 'onError' ? role : attempt.attempt, spans } satisfies ToldSpans),
  );
  manager.enter(contextOf(manager.root, below(carried, attempt)).setValue(OUTBOX, outbox));
  return () => outbox.close();
}

/** What is traced in an attempt goes below the attempt, whose span the host makes when it has ended. */
function below(carried: Carried, { taskId, attempt, role }: AttachedAttempt): Carried {
  const { span, attempts } = carried;
  if (span === undefined || !attempts || (role !== 'run' && role !== 'onError')) return carried;
  const spanId = attemptSpanId(span.traceId, taskId, role === 'run' ? attempt : 'onError');
  return { ...carried, span: { ...span, spanId } };
}
