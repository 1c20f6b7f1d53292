import { quantileOf } from './statistics.ts';

/** Something measured slice by slice, in turns with others. */
export interface Contender<S> {
  readonly name: string;
  slice(): Promise<S>;
}

/** The slices of each contender, round by round. */
export type Slices<S> = Map<string, S[][]>;

/**
 * One round: `passes` slices of each contender, in turns. Each pass has an order of its own, so that nobody always comes after the same
 * neighbour: what one leaves behind (a warm cache, a thread still falling asleep) the next one gets. Many short slices pair better than
 * few long ones: slow changes of the machine then hit all alike.
 */
export async function takeTurns<S>(contenders: readonly Contender<S>[], passes: number, round: number): Promise<Map<string, S[]>> {
  const results = new Map(contenders.map(({ name }) => [name, [] as S[]]));
  for (let pass = 0; pass < passes; pass++) {
    for (const { name, slice } of shuffled(contenders, round * passes + pass)) {
      collectYoung();
      const sample = await slice();
      results.get(name)?.push(sample);
    }
  }
  return results;
}

/** Adds one round to those there are. */
export function addRound<S>(slices: Slices<S>, round: ReadonlyMap<string, S[]>): void {
  for (const [name, parts] of round) {
    const list = slices.get(name);
    if (list === undefined) slices.set(name, [parts]);
    else list.push(parts);
  }
}

/** Of each contender the median of each round's slices: a slice that somebody else's work fell into counts for nothing. */
export function medianRounds<S>(slices: Slices<S>, read: (slice: S) => number): Map<string, number[]> {
  return new Map([...slices].map(([name, rounds]) => [name, rounds.map((parts) => quantileOf(parts.map(read), 0.5))]));
}

/** Rounds of one slice each, for contenders that last. */
export async function interleave<S>(contenders: readonly Contender<S>[], rounds: number): Promise<Slices<S>> {
  const slices: Slices<S> = new Map();
  for (let round = 0; round < rounds; round++) addRound(slices, await takeTurns(contenders, 1, round));
  return slices;
}

/** The list in another order; the same for the same seed, so that a run can be made again as it was. */
export function shuffled<T>(list: readonly T[], seed: number): T[] {
  // mulberry32 (Tommy Ettinger, public domain): neighbouring seeds give unlike orders.
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const rest = [...list];
  const order: T[] = [];
  while (rest.length > 0) order.push(...rest.splice(Math.floor(next() * rest.length), 1));
  return order;
}

/**
 * One's garbage must not be collected in another's slice. Only the young, which is nearly all of it: after a full collection V8 has
 * thrown away so much of what it knew of the code that everybody is several times slower for some ten thousand calls.
 * Needs `--expose-gc`; does nothing without.
 */
function collectYoung(): void {
  globalThis.gc?.({ type: 'minor' });
}
