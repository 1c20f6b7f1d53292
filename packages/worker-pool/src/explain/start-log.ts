/** Entries at the most; past it every other one goes, and times of what has waited longest are told more roughly. */
const MAX_ENTRIES = 1024;

/**
 * Since when tasks wait at the host. One entry for each tick that left tasks waiting, not one for each task: a million that wait hold
 * nothing for it, and a task that finds a lane at once costs nothing.
 */
export class StartLog {
  // Invariant: ascending, both; the tasks below `#numbers[i]` had been started by `#timesMs[i]`.
  #numbers: number[] = [];
  #timesMs: number[] = [];

  /** The tasks of smaller numbers had been started by now, and some of them wait. */
  note(nextNumber: number, nowMs: number): void {
    if (this.#numbers.at(-1) === nextNumber) return;
    if (this.#numbers.length >= MAX_ENTRIES) {
      this.#numbers = this.#numbers.filter(everyOther);
      this.#timesMs = this.#timesMs.filter(everyOther);
    }
    this.#numbers.push(nextNumber);
    this.#timesMs.push(nowMs);
  }

  /** Nobody waits any more. */
  clear(): void {
    if (this.#numbers.length === 0) return;
    this.#numbers = [];
    this.#timesMs = [];
  }

  /** When a task that waits was noted first: it has waited for that long at the least. */
  since(number: number): number | undefined {
    return this.#timesMs[this.#numbers.findIndex((next) => next > number)];
  }
}

function everyOther(_: number, index: number): boolean {
  return index % 2 === 1;
}
