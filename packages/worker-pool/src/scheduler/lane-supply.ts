/** What the supply needs of its surroundings. */
export interface SupplyEffects {
  /** Lanes that are open. */
  lanes(): number;
  /** Open one more; {@link LaneSupply.opened} or {@link LaneSupply.failed} follows. */
  open(): void;
}

/** How many lanes there may be, and how many are on their way. */
export class LaneSupply {
  readonly #limit: number;
  readonly #effects: SupplyEffects;
  // Invariant: lanes that were asked for and have neither come nor failed.
  #opening = 0;
  /** Lanes that may not be opened for now: threads that refuse to end stand in their place. */
  #reserved = 0;
  #lastFailed = false;

  constructor(limit: number, effects: SupplyEffects) {
    this.#limit = limit;
    this.#effects = effects;
  }

  get opening(): number {
    return this.#opening;
  }

  get maxLanes(): number {
    return Math.max(0, this.#limit - this.#reserved);
  }

  /** Whether one more lane may be opened. */
  get canGrow(): boolean {
    return this.#effects.lanes() + this.#opening < this.maxLanes;
  }

  /** Whether no lane is on its way, and none will be soon. */
  get exhausted(): boolean {
    return this.#opening === 0 && (this.#lastFailed || !this.canGrow);
  }

  /** A lane is being opened, for a reason of the caller's own. */
  expect(): void {
    this.#opening++;
  }

  opened(): void {
    this.#opening = Math.max(0, this.#opening - 1);
    this.#lastFailed = false;
  }

  failed(): void {
    this.#opening = Math.max(0, this.#opening - 1);
    this.#lastFailed = true;
  }

  reserve(count: number): void {
    this.#reserved = count;
  }

  /** Asks for lanes where fewer are on their way than tasks wait. */
  openFor(waiting: number): void {
    const room = this.maxLanes - this.#effects.lanes() - this.#opening;
    const wanted = Math.min(room, waiting - this.#opening);
    for (let count = 0; count < wanted; count++) {
      this.#opening++;
      this.#effects.open();
    }
  }

  /** One goes and one comes, so that there are no more than before, whatever places are reserved. */
  replace(close: () => void): void {
    // Counted before the old one goes, else one more would be opened for it.
    this.#opening++;
    close();
    this.#effects.open();
  }
}
