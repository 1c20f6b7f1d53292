import { TaskRecord } from './record.ts';

/** Open tasks of which something is kept. */
const MAX_LIVE = 2000;

/** What has happened to tasks that have not settled: attempts, steps, log records. Of tasks to which nothing has happened there is nothing. */
export class LiveTasks {
  readonly #records = new Map<string, TaskRecord>();

  /** The record of a task, made where there is room for one more. */
  of(id: string): TaskRecord | undefined {
    const known = this.#records.get(id);
    if (known !== undefined || this.#records.size >= MAX_LIVE) return known;
    const record = new TaskRecord(id);
    this.#records.set(id, record);
    return record;
  }

  get(id: string): TaskRecord | undefined {
    return this.#records.get(id);
  }

  /** It has settled: its record is somebody else's now. */
  take(id: string): TaskRecord {
    const record = this.#records.get(id) ?? new TaskRecord(id);
    this.#records.delete(id);
    return record;
  }

  forget(id: string): void {
    if (this.#records.size > 0) this.#records.delete(id);
  }
}
