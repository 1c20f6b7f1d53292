const START_BYTES = 1024;

/** A set of row numbers, one bit each: ten million rows in little more than a megabyte. */
export class IndexSet {
  #bits = new Uint8Array(START_BYTES);
  /** How many numbers are in the set; kept by `add` alone. */
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(index: number): boolean {
    return ((this.#bits[index >>> 3] ?? 0) & (1 << (index & 7))) !== 0;
  }

  add(index: number): void {
    if (this.has(index)) return;
    this.#makeRoom(index);
    const byte = index >>> 3;
    this.#bits[byte] = (this.#bits[byte] ?? 0) | (1 << (index & 7));
    this.#size += 1;
  }

  /** All of them, ascending. */
  *values(): Generator<number> {
    for (let index = 0; index < this.#bits.length * 8; index++) if (this.has(index)) yield index;
  }

  #makeRoom(index: number): void {
    let length = this.#bits.length;
    while (length * 8 <= index) length *= 2;
    if (length === this.#bits.length) return;
    const grown = new Uint8Array(length);
    grown.set(this.#bits);
    this.#bits = grown;
  }
}
