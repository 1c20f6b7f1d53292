interface Timer {
  readonly dueMs: number;
  readonly fire: () => void;
}

/** Time that passes only when told to. */
export class FakeClock {
  #nowMs = 0;
  readonly #timers = new Set<Timer>();

  /** How many timers are set and have not fired. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Sets a timer; gives the function that takes it back. */
  after(ms: number, fire: () => void): () => void {
    const timer = { dueMs: this.#nowMs + ms, fire };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Lets time pass, and fires what falls due, in order. */
  advance(ms: number): void {
    this.#nowMs += ms;
    for (const timer of [...this.#timers].sort((a, b) => a.dueMs - b.dueMs)) {
      if (timer.dueMs > this.#nowMs || !this.#timers.delete(timer)) continue;
      timer.fire();
    }
  }
}
