import { INPUT_TASKS, type TaskInput } from './input.ts';
import { NO_SHAPE, type RowReader, type RowWriter } from './row.ts';

/**
 * Tasks as they lie in a message: how many, then sections. What the tasks of a section have in common stands once, at its head.
 *
 * ```
 * INPUT_TASKS, tasks, section …
 * section = action, attempt, timeoutMs, deadlineMs, context, shape, count, task …
 * task    = slot, generation, key, params             with no shape
 *         = slot, generation, key, value …            the values of a row
 * ```
 */
const COUNT = 6;
const HEAD = 7;

/**
 * Writes messages of tasks, one after the other. One array serves all of them: growing one for each message costs a sixth of what a task
 * leaves to the garbage collector (`bench/dispatch`, 4 096 in flight).
 */
export class TaskBatch {
  readonly #message: unknown[] = [INPUT_TASKS, 0];
  #length = 2;
  #tasks = 0;
  // Of the last section: where it begins, how many tasks it has, what it says.
  #section = 0;
  #count = 0;
  #action = 0;
  #attempt = 0;
  #timeoutMs = 0;
  #deadlineMs = 0;
  #context: unknown;
  #shape = NO_SHAPE;

  /** Appends a task. `rows` finds the shape of its params. */
  add(task: TaskInput, rows: RowWriter | undefined): void {
    const shape = rows === undefined ? NO_SHAPE : rows.read(task.params);
    this.section(task.action, task.attempt, task.timeoutMs, task.deadlineMs, task.context, shape);
    this.task(task.slot, task.generation, task.task, task.params, rows);
  }

  /** What the next task has in common with others; `shape` is that of its params. */
  section(action: number, attempt: number, timeoutMs: number, deadlineMs: number, context: unknown, shape: number): void {
    if (
      this.#count > 0 &&
      action === this.#action &&
      shape === this.#shape &&
      attempt === this.#attempt &&
      timeoutMs === this.#timeoutMs &&
      deadlineMs === this.#deadlineMs &&
      context === this.#context
    )
      return;
    this.#section = this.#length;
    this.#count = 0;
    this.#action = action;
    this.#attempt = attempt;
    this.#timeoutMs = timeoutMs;
    this.#deadlineMs = deadlineMs;
    this.#context = context;
    this.#shape = shape;
    this.#push(action);
    this.#push(attempt);
    this.#push(timeoutMs);
    this.#push(deadlineMs);
    this.#push(context);
    this.#push(shape);
    this.#push(0);
  }

  /** Appends a task to the section. Where that has a shape, `rows` holds its values. */
  task(slot: number, generation: number, key: number | string, params: unknown, rows: RowWriter | undefined): void {
    const message = this.#message;
    message[this.#section + COUNT] = ++this.#count;
    message[1] = ++this.#tasks;
    this.#push(slot);
    this.#push(generation);
    this.#push(key);
    if (rows === undefined || this.#shape === NO_SHAPE) {
      this.#push(params);
      return;
    }
    const { fields, width } = rows;
    for (let index = 0; index < width; index++) this.#push(fields[index]);
  }

  #push(field: unknown): void {
    this.#message[this.#length++] = field;
  }

  /** The message; valid until {@link clear}. */
  get message(): [typeof INPUT_TASKS, number, ...unknown[]] {
    this.#message.length = this.#length;
    return this.#message as [typeof INPUT_TASKS, number, ...unknown[]]; // as it was made, and nothing else ever stands there
  }

  /** Begins the next message, and lets go of what stood in this one. */
  clear(): void {
    this.#message.fill(0, 1);
    this.#length = 2;
    this.#tasks = 0;
    this.#count = 0;
    this.#context = undefined;
  }
}

/** Reads messages of tasks, task by task. */
export class TaskCursor {
  readonly #rows: RowReader;
  #message: readonly unknown[] = [];
  #offset = 0;
  #section = 0;
  // Invariant: tasks of the section from `#offset` on; 0 = a section's head stands there, or nothing.
  #left = 0;
  #shape = NO_SHAPE;

  constructor(rows: RowReader) {
    this.#rows = rows;
  }

  /** Begins with a message. */
  open(message: readonly unknown[]): void {
    this.#message = message;
    this.#offset = 2;
    this.#left = 0;
  }

  /** Whether a task is left in the message. */
  get more(): boolean {
    return this.#offset < this.#message.length;
  }

  /** Whether the message has more tasks than one. */
  get together(): boolean {
    return this.#message[1] !== 1;
  }

  /** Whether the params of the next task were a row, which is the task's own. */
  get isRow(): boolean {
    return this.#shape !== NO_SHAPE;
  }

  /** Comes to the next task; answers its slot. There has to be {@link more}. */
  slot(): number {
    if (this.#left === 0) this.#enter();
    return this.#message[this.#offset] as number; // the writer is `TaskBatch` of the same version, here and below
  }

  generation(): number {
    return this.#message[this.#offset + 1] as number;
  }

  #enter(): void {
    const section = this.#offset;
    this.#section = section;
    this.#shape = this.#message[section + 5] as number;
    this.#left = this.#message[section + COUNT] as number;
    this.#offset = section + HEAD;
  }

  /** The task that {@link slot} came to. */
  take(): TaskInput {
    const message = this.#message;
    const offset = this.#offset;
    const section = this.#section;
    return {
      action: message[section] as number,
      slot: message[offset] as number,
      generation: message[offset + 1] as number,
      task: message[offset + 2] as number | string,
      attempt: message[section + 1] as number,
      timeoutMs: message[section + 2] as number,
      deadlineMs: message[section + 3] as number,
      params: this.#shape === NO_SHAPE ? message[offset + 3] : this.#rows.at(this.#shape, message, offset + 3),
      context: message[section + 4],
    };
  }

  /** Goes past the task that {@link slot} came to. */
  pass(): void {
    this.#offset += 3 + (this.#shape === NO_SHAPE ? 1 : this.#rows.width(this.#shape));
    this.#left--;
  }
}
