import type { LaneWords } from '../lane/claims.ts';
import { INPUT_PACK, INPUT_STEPS, INPUT_TASKS, STEP_STRIDE, stepAt, type TaskInput } from '../protocol/input.ts';
import type { PackInput, PackItems } from '../protocol/pack.ts';
import type { RowReader } from '../protocol/row.ts';
import { TaskCursor } from '../protocol/task-batch.ts';
import { isolate, own } from './isolate.ts';
import { ShownFrames } from './shown-frames.ts';

/** Tasks, steps and packs that have come and are not begun: messages in order, read one by one. */
export class TaskInbox {
  readonly #claims: LaneWords;
  readonly #cursor: TaskCursor;
  // Messages wait in order; the first one is being read, steps from `#offset` on.
  readonly #messages: (readonly unknown[])[] = [];
  #offset = 1;
  readonly #frames = new ShownFrames();

  constructor(claims: LaneWords, rows: RowReader) {
    this.#claims = claims;
    this.#cursor = new TaskCursor(rows);
  }

  /** A message of tasks, of steps, or a pack. */
  add(message: readonly unknown[]): void {
    this.#messages.push(message);
    if (this.#messages.length === 1) this.#open(message);
  }

  /** Whether anything is left, claimed or not. */
  get more(): boolean {
    const [first] = this.#messages;
    return first !== undefined && (this.#messages.length > 1 || this.#isUnread(first));
  }

  /** The next task, or pack, that this lane could claim. */
  next(): TaskInput | PackItems | undefined {
    for (let message = this.#messages[0]; message !== undefined; message = this.#messages[0]) {
      if (!this.#isUnread(message)) {
        this.#messages.shift();
        this.#open(this.#messages[0]);
        continue;
      }
      const task = this.#nextOf(message);
      if (task !== undefined) return task;
    }
    return undefined;
  }

  #open(message: readonly unknown[] | undefined): void {
    this.#offset = 1;
    if (message?.[0] === INPUT_TASKS) this.#cursor.open(message);
  }

  #isUnread(message: readonly unknown[]): boolean {
    return message[0] === INPUT_TASKS ? this.#cursor.more : this.#offset < message.length;
  }

  #nextOf(message: readonly unknown[]): TaskInput | PackItems | undefined {
    switch (message[0]) {
      case INPUT_STEPS:
        return this.#nextStep(message);
      case INPUT_PACK:
        return this.#thePack(message as PackInput); // by its kind
      default:
        return this.#nextTask();
    }
  }

  #thePack(message: PackInput): PackItems | undefined {
    this.#offset = message.length;
    const items = this.#frames.read(message);
    return this.#claims.begin(items.slot, items.generation) ? items : undefined;
  }

  #nextStep(message: readonly unknown[]): TaskInput | undefined {
    const step = stepAt(message, this.#offset, message.length > 1 + STEP_STRIDE ? own : undefined);
    this.#offset += STEP_STRIDE;
    return this.#claims.begin(step.slot, step.generation) ? step : undefined;
  }

  #nextTask(): TaskInput | undefined {
    const cursor = this.#cursor;
    const isOurs = this.#claims.begin(cursor.slot(), cursor.generation());
    const task = isOurs ? cursor.take() : undefined;
    cursor.pass();
    return task !== undefined && cursor.together ? isolate(task, cursor.isRow) : task;
  }
}
