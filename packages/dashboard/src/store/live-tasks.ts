import { TaskRecord } from './record.ts';

/** Open tasks that are followed and of which something is kept; and tasks of which nothing is known but what they log. */
const MAX_LIVE = 2000;
const MAX_LOGGING = 500;

/** What has happened to tasks that have not settled: attempts, steps, log records. Of tasks to which nothing has happened there is nothing. */
export class LiveTasks {
  readonly #records = new Map<string, TaskRecord>();
  /** Nobody says when those that are not followed have settled: the oldest make room. */
  readonly #logging = new Map<string, TaskRecord>();

  /** The record of a followed task, made where there is room for one more. */
  of(id: string): TaskRecord | undefined {
    const known = this.#records.get(id);
    if (known !== undefined || this.#records.size >= MAX_LIVE) return known;
    const record = this.#logging.get(id) ?? new TaskRecord(id);
    this.#logging.delete(id);
    this.#records.set(id, record);
    return record;
  }

  /** The record of a task that has logged something, followed or not. */
  ofLogged(id: string): TaskRecord {
    const known = this.get(id);
    if (known !== undefined) return known;
    const record = new TaskRecord(id);
    this.#logging.set(id, record);
    const [oldest] = this.#logging.keys();
    if (this.#logging.size > MAX_LOGGING && oldest !== undefined) this.#logging.delete(oldest);
    return record;
  }

  get(id: string): TaskRecord | undefined {
    return this.#records.get(id) ?? this.#logging.get(id);
  }

  /** It has settled: its record is somebody else's now. */
  take(id: string): TaskRecord {
    const record = this.get(id) ?? new TaskRecord(id);
    this.#records.delete(id);
    this.#logging.delete(id);
    return record;
  }
}
