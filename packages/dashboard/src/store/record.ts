import type { AttemptRow, LogRow, StepRow, TaskRow } from '../wire.ts';

/** Entries of each kind that are kept of one task; the newest. */
const MAX_ENTRIES = 100;

/** What is kept of one task: while it is open what has happened to it, and afterwards all that its page shows. */
export class TaskRecord {
  readonly id: string;
  /** Once it has settled. */
  row: TaskRow | undefined = undefined;
  params: string | undefined = undefined;
  value: string | undefined = undefined;
  error: string | undefined = undefined;
  attempts: AttemptRow[] = [];
  steps: StepRow[] = [];
  logs: LogRow[] = [];
  /** A part of it that has run, and of which it is not known yet how it ended. */
  part: Part | undefined = undefined;
  /** When it was suspended. */
  suspendedAt: number | undefined = undefined;
  lane: string | undefined = undefined;

  constructor(id: string) {
    this.id = id;
  }
}

/** A stretch of a coroutine or a stream on its lane. Milliseconds since the epoch. */
export interface Part {
  readonly lane: string;
  readonly from: number;
  readonly to: number;
}

/** Adds to a list that holds the newest alone. */
export function addTo<T>(list: T[], entry: T): void {
  list.push(entry);
  if (list.length > MAX_ENTRIES) list.shift();
}
