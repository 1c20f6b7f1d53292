/** A loop that nothing but the thread's end ends. */
export function endless(): never {
  for (;;);
}

/** Waits for what never comes. */
export function waiting(): Promise<never> {
  return new Promise(() => {});
}
