/** States what must hold. Plain, because a model states it a million times and an `expect` costs microseconds. */
export function hold(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`does not hold: ${what}`);
}
