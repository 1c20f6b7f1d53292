/** Counts itself up: one look and one write, whatever its size, and the same memory back. */
export function countUp(bytes: ArrayBuffer): ArrayBuffer {
  const [first = 0] = new Uint32Array(bytes, 0, 1);
  new Uint32Array(bytes, 0, 1)[0] = first + 1;
  return bytes;
}

/** What it has been counted up to. */
export function countOf(bytes: ArrayBuffer): number {
  return new Uint32Array(bytes, 0, 1)[0] ?? 0;
}
