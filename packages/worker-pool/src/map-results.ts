import type { MapItem } from './map-options.ts';
import { SettledItems } from './pack/settled-items.ts';

/** What has settled in a map and was not taken yet. When ordered, an item waits until all before it have been given. */
export class MapResults<P, V> {
  readonly #ordered: boolean;
  // Invariant: entries before `#head` have been taken.
  #ready: (MapItem<P, V> | SettledItems | undefined)[] = [];
  #head = 0;
  // By index, of many that of the first; `undefined` stands for an item that was let go.
  readonly #early = new Map<number, MapItem<P, V> | SettledItems | undefined>();
  #next = 0;
  /** Items in it. */
  size = 0;

  constructor(ordered: boolean) {
    this.#ordered = ordered;
  }

  add(item: MapItem<P, V>): void {
    this.size++;
    this.#place(item, item.index, 1);
  }

  /** Takes many, which follow one another. */
  addAll(items: SettledItems): void {
    this.size += items.count;
    this.#place(items, items.firstIndex, items.count);
  }

  #place(item: MapItem<P, V> | SettledItems, index: number, count: number): void {
    if (!this.#ordered) this.#ready.push(item);
    else if (index === this.#next) {
      this.#next += count;
      this.#ready.push(item);
      if (this.#early.size > 0) this.#release();
    } else this.#early.set(index, item);
  }

  /** An item that was let go: nobody waits for it. */
  skip(index: number): void {
    if (!this.#ordered) return;
    this.#early.set(index, undefined);
    this.#release();
  }

  #release(): void {
    while (this.#early.has(this.#next)) {
      const item = this.#early.get(this.#next);
      this.#early.delete(this.#next);
      this.#next += item instanceof SettledItems ? item.count : 1;
      if (item !== undefined) this.#ready.push(item);
    }
  }

  take(): MapItem<P, V> | undefined {
    const first = this.#ready[this.#head];
    if (first === undefined) return undefined;
    this.size--;
    const many = first instanceof SettledItems;
    const item = many ? (first.take() as MapItem<P, V>) : first; // of this map alone
    if (!many || first.left === 0) this.#shift();
    return item;
  }

  #shift(): void {
    this.#ready[this.#head++] = undefined;
    if (this.#head < this.#ready.length) return;
    this.#ready.length = 0;
    this.#head = 0;
  }

  clear(): void {
    this.size = 0;
    this.#ready = [];
    this.#head = 0;
    this.#early.clear();
  }
}
