import type { Task } from '../task.ts';

/** Withdrawn tasks that may lie in a line whatever its length. */
const MIN_WITHDRAWN = 64;

/**
 * Tasks that wait, first in, first out. One that is withdrawn lies where it is until it comes up, or until such are the most: so both
 * ends cost the same however long the line is.
 */
export class WaitingLine {
  #tasks: Task[] = [];
  #head = 0;
  // Invariant: the number of tasks from `#head` on that still wait.
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(task: Task): void {
    this.#tasks.push(task);
    this.#size++;
  }

  /** One of its tasks waits no longer. */
  withdrawn(): void {
    this.#size--;
    if (this.#tasks.length - this.#head > 2 * this.#size + MIN_WITHDRAWN) this.#keep(this.#waiting());
  }

  /** The first, taken out. */
  take(): Task | undefined {
    while (this.#head < this.#tasks.length) {
      const task = this.#tasks[this.#head++];
      if (task?.waiting !== true) continue;
      this.#size--;
      if (this.#head * 2 > this.#tasks.length) this.#keep(this.#tasks.slice(this.#head));
      return task;
    }
    this.#keep([]);
    return undefined;
  }

  /** All of them, taken out. */
  takeAll(): Task[] {
    const waiting = this.#waiting();
    this.#keep([]);
    this.#size = 0;
    return waiting;
  }

  [Symbol.iterator](): Iterator<Task> {
    return this.#waiting()[Symbol.iterator]();
  }

  #waiting(): Task[] {
    return this.#tasks.slice(this.#head).filter(({ waiting }) => waiting);
  }

  #keep(tasks: Task[]): void {
    this.#tasks = tasks;
    this.#head = 0;
  }
}
