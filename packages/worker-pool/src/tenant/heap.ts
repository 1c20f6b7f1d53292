/** What a heap keeps. */
export interface Heaped {
  /** Where it stands in its heap; −1 outside of one. Kept by the heap. */
  place: number;
}

/** A binary heap that knows where each of its entries stands, so that any can leave it or change its rank in O(log n). */
export class Heap<E extends Heaped> {
  readonly #before: (a: E, b: E) => boolean;
  // Invariant: `#entries[entry.place] === entry`, and none goes before the one at half its place.
  readonly #entries: E[] = [];

  constructor(before: (a: E, b: E) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** The one that goes before all others. */
  get first(): E | undefined {
    return this.#entries[0];
  }

  add(entry: E): void {
    this.#put(entry, this.#entries.length);
    this.#rise(entry);
  }

  remove(entry: E): void {
    const { place } = entry;
    const last = this.#entries.pop();
    entry.place = -1;
    if (last === undefined || last === entry) return;
    this.#put(last, place);
    this.moved(last);
  }

  /** Its rank has changed. */
  moved(entry: E): void {
    this.#rise(entry);
    this.#sink(entry);
  }

  #rise(entry: E): void {
    while (entry.place > 0) {
      const above = this.#entries[(entry.place - 1) >> 1];
      if (above === undefined || !this.#before(entry, above)) return;
      this.#swap(entry, above);
    }
  }

  #sink(entry: E): void {
    for (;;) {
      const left = this.#entries[2 * entry.place + 1];
      const right = this.#entries[2 * entry.place + 2];
      const below = left !== undefined && right !== undefined && this.#before(right, left) ? right : left;
      if (below === undefined || !this.#before(below, entry)) return;
      this.#swap(below, entry);
    }
  }

  #swap(a: E, b: E): void {
    const { place } = a;
    this.#put(a, b.place);
    this.#put(b, place);
  }

  #put(entry: E, place: number): void {
    this.#entries[place] = entry;
    entry.place = place;
  }
}
