/** A row of the large files. */
export interface JsonRow {
  readonly id: number;
  readonly name: string;
  readonly tags: readonly string[];
  readonly price: number;
}

/** All of a file, as objects. */
export function parseRows(text: string): readonly JsonRow[] {
  return JSON.parse(text); // what `jsonText` wrote
}

/** The sum of a file's prices: the objects stay where they were made. */
export function sumRows(text: string): number {
  return parseRows(text).reduce((sum, { price }) => sum + price, 0);
}
