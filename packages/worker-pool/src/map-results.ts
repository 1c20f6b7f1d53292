import type { MapItem } from './map-options.ts';

/** What has settled in a map and was not taken yet. When ordered, an item waits until all before it have been given. */
export class MapResults<P, V> {
  readonly #ordered: boolean;
  // Invariant: entries before `#head` have been taken.
  #ready: (MapItem<P, V> | undefined)[] = [];
  #head = 0;
  // By index; `undefined` stands for an item that was let go.
  readonly #early = new Map<number, MapItem<P, V> | undefined>();
  #next = 0;

  constructor(ordered: boolean) {
    this.#ordered = ordered;
  }

  get size(): number {
    return this.#ready.length - this.#head + this.#early.size;
  }

  add(item: MapItem<P, V>): void {
    if (!this.#ordered) this.#ready.push(item);
    else if (item.index === this.#next) {
      this.#next++;
      this.#ready.push(item);
      if (this.#early.size > 0) this.#release();
    } else this.#early.set(item.index, item);
  }

  /** An item that was let go: nobody waits for it. */
  skip(index: number): void {
    if (!this.#ordered) return;
    this.#early.set(index, undefined);
    this.#release();
  }

  #release(): void {
    for (; this.#early.has(this.#next); this.#next++) {
      const item = this.#early.get(this.#next);
      this.#early.delete(this.#next);
      if (item !== undefined) this.#ready.push(item);
    }
  }

  take(): MapItem<P, V> | undefined {
    const item = this.#ready[this.#head];
    if (item === undefined) return undefined;
    this.#ready[this.#head++] = undefined;
    if (this.#head === this.#ready.length) {
      this.#ready.length = 0;
      this.#head = 0;
    }
    return item;
  }

  clear(): void {
    this.#ready = [];
    this.#head = 0;
    this.#early.clear();
  }
}
