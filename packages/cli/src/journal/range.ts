/** Row numbers in few characters: `0-511,513`. Takes them in any order; repeats count once. */
export function encodeRanges(indexes: Iterable<number>): string {
  const sorted = Float64Array.from(indexes).sort();
  const parts: string[] = [];
  let first = -1;
  let last = -1;
  const close = (): void => {
    if (first >= 0) parts.push(first === last ? String(first) : `${first}-${last}`);
  };
  for (const index of sorted) {
    if (first >= 0 && index <= last + 1) {
      last = index;
      continue;
    }
    close();
    first = index;
    last = index;
  }
  close();
  return parts.join(',');
}

/** The first and last number of each range of a text; `undefined` when the text is none. */
export function decodeRanges(text: string): readonly (readonly [first: number, last: number])[] | undefined {
  if (text === '') return [];
  const ranges: [number, number][] = [];
  for (const part of text.split(',')) {
    const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
    if (from === undefined || to === undefined || Number(to) < Number(from)) return undefined;
    ranges.push([Number(from), Number(to)]);
  }
  return ranges;
}
