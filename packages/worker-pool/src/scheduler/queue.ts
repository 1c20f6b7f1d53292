/** What the queue needs to know of a task. */
export interface Queueable {
  readonly priority: number;
  /** Belongs to a task that has begun, which waits for it or may: goes before everything that does not, whatever the priority. */
  readonly nested: boolean;
  /** Whether it still waits; one that was withdrawn is skipped where it lies. */
  readonly waiting: boolean;
}

const COMPACT_AT = 1024;
/** Withdrawn entries for each that waits, before they are swept out. A pass looks at every task: seldom is cheaper (`bench cancel`). */
const DEAD_FOR_EACH = 3;

/**
 * Tasks that wait for a lane: nested ones first, then by priority, then in order. What has begun is finished before anything new begins,
 * so that parents that wait do not fill the lanes.
 * Withdrawing is lazy: the entry stays until it is reached or until the dead outnumber the living; so withdrawing a hundred thousand
 * costs a pass or two, not a search each.
 */
export class TaskQueue<T extends Queueable> {
  // Nested first, then highest priority first. Nearly always one line.
  #lines: Line<T>[] = [];
  // Invariant: the number of entries with `waiting`; `#dead` the number without.
  #size = 0;
  #dead = 0;
  /** Whatever waits may go out. */
  readonly held = 0;

  get size(): number {
    return this.#size;
  }

  push(task: T): void {
    this.#line(task).items.push(task);
    this.#size++;
  }

  /** Puts a task back before all others of its priority: it was out already. */
  unshift(task: T): void {
    const line = this.#line(task);
    if (line.head > 0) line.items[--line.head] = task;
    else line.items.unshift(task);
    this.#size++;
  }

  /** Others of its priority take the place of a task that waits. */
  replace(task: T, others: readonly T[]): void {
    const line = this.#line(task);
    line.items.splice(line.items.indexOf(task, line.head), 1, ...others);
    this.#size += others.length - 1;
  }

  /** The next task, left where it is. */
  peek(): T | undefined {
    for (let line = this.#lines[0]; line !== undefined; line = this.#lines[0]) {
      const task = this.#head(line);
      if (task !== undefined) return task;
      this.#lines.shift();
    }
    return undefined;
  }

  shift(): T | undefined {
    const task = this.peek();
    const line = this.#lines[0];
    if (task === undefined || line === undefined) return undefined;
    line.items[line.head++] = undefined;
    if (line.head >= COMPACT_AT && line.head * 2 >= line.items.length) {
      line.items.splice(0, line.head);
      line.head = 0;
    }
    this.#size--;
    return task;
  }

  /** Says that a task no longer waits; its `waiting` must be false by now. */
  withdrawn(): void {
    this.#size--;
    this.#dead++;
    if (this.#dead >= COMPACT_AT && this.#dead > DEAD_FOR_EACH * this.#size) this.#compact();
  }

  /** The task that has waited longest at the lowest priority: who goes when the queue drops its oldest. */
  oldest(): T | undefined {
    for (const line of [...this.#lines].reverse()) {
      const task = this.#head(line);
      if (task !== undefined) return task;
    }
    return undefined;
  }

  /** All that wait, in order. */
  *[Symbol.iterator](): Iterator<T> {
    for (const line of this.#lines) {
      for (let index = line.head; index < line.items.length; index++) {
        const task = line.items[index];
        if (task?.waiting === true) yield task;
      }
    }
  }

  #head(line: Line<T>): T | undefined {
    for (; line.head < line.items.length; line.head++) {
      const task = line.items[line.head];
      if (task?.waiting === true) return task;
      line.items[line.head] = undefined;
      if (task !== undefined) this.#dead--;
    }
    line.items.length = 0;
    line.head = 0;
    return undefined;
  }

  #line({ priority, nested }: T): Line<T> {
    const first = this.#lines[0];
    if (first?.priority === priority && first.nested === nested) return first;
    const known = this.#lines.find((line) => line.priority === priority && line.nested === nested);
    if (known !== undefined) return known;
    const line: Line<T> = { priority, nested, items: [], head: 0 };
    this.#lines.push(line);
    this.#lines.sort((a, b) => Number(b.nested) - Number(a.nested) || b.priority - a.priority);
    return line;
  }

  #compact(): void {
    this.#dead = 0;
    if (this.#size === 0) {
      this.#lines = [];
      return;
    }
    for (const line of this.#lines) {
      line.items = line.items.filter((task) => task?.waiting === true);
      line.head = 0;
    }
    this.#lines = this.#lines.filter((line) => line.items.length > 0);
  }
}

interface Line<T> {
  readonly priority: number;
  readonly nested: boolean;
  items: (T | undefined)[];
  /** Entries before it have gone out. */
  head: number;
}
