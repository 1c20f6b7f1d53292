import type { TaskRow } from '../wire.ts';
import type { TaskRecord } from './record.ts';
import { Ring } from './ring.ts';

/** Rows that a page is given when it opens. */
const ROWS = 100;
/** Failed tasks that are kept beside the others, so that many that go well do not push them out. */
const FAILED = 200;

/** Tasks that have settled: the last ones, and the last that failed. */
export class KeptTasks {
  readonly #limit: number;
  readonly #recent = new Map<string, TaskRecord>();
  readonly #failed = new Map<string, TaskRecord>();
  readonly #rows = new Ring<TaskRow>(ROWS);

  /** `limit`: how many are kept, whatever became of them. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get next(): number {
    return this.#rows.next;
  }

  /** The record has its row by now. */
  add(record: TaskRecord, row: TaskRow): void {
    record.row = row;
    this.#rows.push(row);
    keep(this.#recent, record, this.#limit);
    if (row.state === 'error' || row.state === 'timeout') keep(this.#failed, record, FAILED);
  }

  get(id: string): TaskRecord | undefined {
    return this.#recent.get(id) ?? this.#failed.get(id);
  }

  /** What came since a number, oldest first. */
  since(number: number, limit: number): TaskRow[] {
    return this.#rows.since(number, limit);
  }

  /** What a page is given that opens. */
  all(): TaskRow[] {
    const rows = new Map<string, TaskRow>();
    for (const { id, row } of [...this.#failed.values()].slice(-ROWS)) if (row !== undefined) rows.set(id, row);
    for (const row of this.#rows.since(0)) rows.set(row.id, row);
    return [...rows.values()];
  }

  childrenOf(id: string): TaskRow[] {
    return [...this.#recent.values()].flatMap(({ row }) => (row?.parentId === id ? [row] : []));
  }
}

function keep(records: Map<string, TaskRecord>, record: TaskRecord, limit: number): void {
  records.set(record.id, record);
  if (records.size <= limit) return;
  const [oldest] = records.keys();
  if (oldest !== undefined) records.delete(oldest);
}
