/** Milliseconds of a turn of the event loop that lanes' messages may take before timers and sockets have theirs. */
const SHARE_MS = 2;

/** A turn of the main event loop, as far as messages of lanes take their time of it. All lanes of the process share it. */
class LoopTurn {
  #sinceMs: number | undefined;
  readonly #waiting: (() => void)[] = [];

  /** Whether messages have had their share. Asked only by whoever has taken a few already: a single message costs no look at the clock. */
  get isOver(): boolean {
    if (this.#sinceMs !== undefined) return performance.now() - this.#sinceMs >= SHARE_MS;
    this.#sinceMs = performance.now();
    setImmediate(() => this.#end());
    return false;
  }

  /** Calls back in the next turn. For whoever was told that this one is over. */
  next(callback: () => void): void {
    this.#waiting.push(callback);
  }

  #end(): void {
    this.#sinceMs = undefined;
    for (const callback of this.#waiting.splice(0)) callback();
  }
}

export const loopTurn: LoopTurn = new LoopTurn();
