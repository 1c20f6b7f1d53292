/** One more. */
export function addOne(value: number): number {
  return value + 1;
}

/** The sum of an array's elements. */
export function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
