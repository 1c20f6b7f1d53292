/** A loop that nothing but the thread's end ends. */
export function endless(): never {
  for (;;);
}
