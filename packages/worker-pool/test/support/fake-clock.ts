import type { Clock, Timer } from '../../src/clock.ts';

interface Armed {
  readonly dueMs: number;
  readonly order: number;
  readonly callback: () => void;
  readonly background: boolean;
}

/**
 * A clock that stands still until it is moved. Its turns of the event loop come after `beforeTurn`, which stands for the messages that
 * are delivered in one.
 */
export class FakeClock implements Clock {
  nowMs: number;
  readonly #armed = new Set<Armed>();
  readonly #beforeTurn: () => void | Promise<void>;
  #turns: (() => void)[] = [];
  #order = 0;

  constructor(beforeTurn: () => void | Promise<void> = settle, nowMs = 1_000_000) {
    this.#beforeTurn = beforeTurn;
    this.nowMs = nowMs;
  }

  now(): number {
    return this.nowMs;
  }

  /** The epoch is when the process-wide clock began: one number serves both. */
  wall(): number {
    return this.nowMs;
  }

  after(delayMs: number, callback: () => void, background = false): Timer {
    if (!(delayMs >= 0)) throw new Error(`a timer was armed for ${delayMs}ms`);
    const armed = { dueMs: this.nowMs + delayMs, order: this.#order++, callback, background };
    this.#armed.add(armed);
    return { cancel: () => void this.#armed.delete(armed) };
  }

  turn(callback: () => void): void {
    this.#turns.push(callback);
  }

  /** Timers that are armed, and turns that are owed. */
  get pending(): number {
    return this.#armed.size + this.#turns.length;
  }

  /** Milliseconds to each armed timer, soonest first. */
  get timers(): number[] {
    return [...this.#armed].map(({ dueMs }) => dueMs - this.nowMs).sort((a, b) => a - b);
  }

  /** Moves on, firing what comes due on the way, each with its turn. */
  async advance(ms: number): Promise<void> {
    const endMs = this.nowMs + ms;
    await this.runTurns();
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) {
      this.nowMs = next.dueMs;
      this.#armed.delete(next);
      next.callback();
      await this.runTurns();
    }
    this.nowMs = endMs;
  }

  /** The process stood still for so long: what came due meanwhile fires in one turn, when it goes on. */
  async jump(ms: number): Promise<void> {
    this.nowMs += ms;
    for (let next = this.#next(this.nowMs); next !== undefined; next = this.#next(this.nowMs)) {
      this.#armed.delete(next);
      next.callback();
    }
    await this.runTurns();
  }

  /** Lets the loop turn until nobody waits for a turn. */
  async runTurns(): Promise<void> {
    await settle();
    while (this.#turns.length > 0) {
      await this.#beforeTurn();
      await settle();
      for (const turn of this.#turns.splice(0)) turn();
      await settle();
    }
  }

  #next(endMs: number): Armed | undefined {
    let next: Armed | undefined;
    for (const armed of this.#armed) {
      if (armed.dueMs > endMs) continue;
      if (next === undefined || armed.dueMs < next.dueMs || (armed.dueMs === next.dueMs && armed.order < next.order)) next = armed;
    }
    return next;
  }
}

/** Waits until every promise that can settle by itself has, and what was posted to a port, its close included, has arrived. */
export async function settle(): Promise<void> {
  // One turn to wake the port, one for what its messages set going.
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
}
