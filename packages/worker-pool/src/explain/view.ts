import type { Clock } from '../clock.ts';
import type { Dispatcher } from '../dispatcher.ts';
import type { Task } from '../task.ts';

/** What explaining looks at. Nothing here is changed by it. */
export interface RuntimeView {
  readonly idPrefix: string;
  readonly clock: Pick<Clock, 'now' | 'wall'>;
  readonly main: Dispatcher;
  /** Where coroutines, streams and agents are carried, if any was ever started. */
  readonly stateful: Dispatcher | undefined;
  readonly loadTimeoutMs: number;
  readonly graceMs: number;
  /** A task's id, or that of the agent that it stands for. */
  idOf(task: Pick<Task, 'key'>): string;
}

/** For how long it has been so, and since when; both unknown where nobody noted it. `beganMs` is on the process-wide clock. */
export function since({ clock }: RuntimeView, beganMs: number | undefined): { sinceMs: number | undefined; since: number | undefined } {
  if (beganMs === undefined) return { sinceMs: undefined, since: undefined };
  const sinceMs = Math.max(0, clock.now() - beganMs);
  return { sinceMs, since: clock.wall() - sinceMs };
}

/** When an attempt began, on the process-wide clock, by the word that its lane wrote: whole milliseconds, cut to 32 bits. */
export function beganMs({ clock }: RuntimeView, word: number): number {
  const nowMs = clock.now();
  return nowMs - (((nowMs | 0) - word) | 0);
}

/** `1 task`, `2 tasks`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
