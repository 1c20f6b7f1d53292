/** The last entries of an endless list, each with a number that counts up. */
export class Ring<T> {
  readonly #limit: number;
  // Invariant: `#items[i % limit]` holds number i, for the last `limit` numbers.
  readonly #items: T[] = [];
  #next = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The number that the next entry will have. */
  get next(): number {
    return this.#next;
  }

  /** Adds an entry; answers the one that it takes the place of. */
  push(item: T): T | undefined {
    const at = this.#next % this.#limit;
    const before = this.#items[at];
    this.#items[at] = item;
    this.#next++;
    return before;
  }

  /** Entries from a number on, oldest first; at most `limit`, and then the newest. */
  since(number: number, limit: number = this.#limit): T[] {
    const first = Math.max(number, this.#next - Math.min(this.#limit, limit), 0);
    const found: T[] = [];
    for (let at = first; at < this.#next; at++) {
      const item = this.#items[at % this.#limit];
      if (item !== undefined) found.push(item);
    }
    return found;
  }
}
