import { tracingChannel } from 'node:diagnostics_channel';
import { afterEach, expect } from 'vitest';
import type { AttemptTrace, TaskTrace } from '../../src/telemetry/trace.ts';

/** One event of a tracing channel: its name, the message itself, and the message as it was then. */
interface Traced {
  readonly event: string;
  readonly message: TaskTrace & AttemptTrace;
  readonly asPublished: Partial<TaskTrace & AttemptTrace>;
}

/** Bare subscribers of both tracing channels, as another library would add them. */
export interface TraceWatch {
  readonly traced: readonly Traced[];
  /** The names of the events, in order. */
  readonly events: readonly string[];
  of(event: string): readonly Traced[];
  stop(): void;
}

const open = new Set<TraceWatch>();

afterEach(() => {
  for (const watch of open) watch.stop();
});

/** Watches until the end of the test, or until it is told to stop. */
export function watchTraces(): TraceWatch {
  const traced: Traced[] = [];
  const links = ['task', 'attempt'].flatMap((what) => {
    const channels = tracingChannel<unknown, object>(`heddle.${what}`);
    return (['start', 'error', 'end', 'asyncStart', 'asyncEnd'] as const).map((event) => {
      // Both channels' messages; a test knows which it looks at.
      const listener = (message: unknown): void =>
        void traced.push({ event: `${what}.${event}`, message: message as Traced['message'], asPublished: { ...(message as object) } });
      channels[event].subscribe(listener);
      return () => channels[event].unsubscribe(listener);
    });
  });
  const watch: TraceWatch = {
    traced,
    get events() {
      return traced.map(({ event }) => event);
    },
    of: (event) => traced.filter((each) => each.event === event),
    stop: () => {
      open.delete(watch);
      for (const unlink of links.splice(0)) unlink();
    },
  };
  open.add(watch);
  return watch;
}

/** States that a task's events are a whole: one start, its attempts one by one, one end, an error before each end that was one. */
export function expectWhole(watch: TraceWatch, taskId: string): void {
  const own = watch.traced.filter(({ message }) => message.taskId === taskId);
  const [first] = own;
  const last = own.at(-1)?.message;
  if (first === undefined || last === undefined) throw new Error(`nothing was published of ${taskId}`);
  const ended = Array.from({ length: last.attempts ?? 0 }, (_, index) => own.find(({ message }) => message.attempt === index + 1)?.message);
  const expected = ended.flatMap((attempt) => [
    'attempt.start',
    ...(attempt?.outcome === 'ok' ? [] : ['attempt.error']),
    'attempt.asyncEnd',
  ]);
  const end = last.outcome === 'ok' ? [] : ['task.error'];
  expect(own.map(({ event }) => event)).toEqual(['task.start', ...expected, ...end, 'task.asyncEnd']);
  expect(ended.map((attempt) => attempt?.retried)).toEqual(ended.map((_, index) => index + 1 < ended.length || ended[index]?.retried));
  for (const { event, message } of own) {
    if (event.startsWith('task')) expect(message).toBe(first.message);
    else expect(message.task).toBe(first.message);
  }
}
