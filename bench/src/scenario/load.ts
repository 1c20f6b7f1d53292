import {
  addRound,
  type Contender,
  measureLoopDelay,
  measureUsage,
  type Quantity,
  quantityOf,
  type Section,
  type Slices,
  type Target,
  takeTurns,
  totalUsage,
  type Usage,
} from '@heddle/measure';
import { calibrate, type Driven, drive } from '../measure/drive.ts';
import { BASELINE } from '../peer/all.ts';
import type { Need } from '../peer/peer.ts';
import { AGAIN } from './line-up.ts';

/** What a level of load is to reach. */
export interface LoadTargets {
  readonly throughput?: readonly Target[];
  readonly cpu?: readonly Target[];
  readonly switches?: readonly Target[];
  readonly loopDelay?: readonly Target[];
}

/** Slices of one level of load, round by round. */
export interface LoadSlices {
  readonly usage: Slices<Usage>;
  /** Milliseconds, one a round; where it is measured. */
  readonly loopDelay: Slices<number>;
}

/** One round of one level of load. */
interface LoadRound {
  readonly inFlight: number;
  readonly quick: boolean;
  readonly round: number;
  /** Names of those that can take it. @defaultValue all */
  readonly only?: ReadonlySet<string>;
  readonly watchLoop?: boolean;
}

/** More at once than this is a crowd: see {@link Need}. */
const CROWD = 1000;

/** What a level of load needs of a peer. */
export function needsOf(inFlight: number): readonly Need[] {
  return inFlight > CROWD ? ['calls', 'crowd'] : ['calls'];
}

/** Measures another round of calls with `inFlight` under way at any time. `watchLoop`: and how late the main loop is meanwhile. */
export async function addLoadRound<P, V>(
  slices: LoadSlices,
  driven: ReadonlyMap<string, Driven<P, V>>,
  { inFlight, quick, round, only, watchLoop = false }: LoadRound,
): Promise<void> {
  const counts = new Map<string, number>();
  for (const [name, each] of driven)
    if (only === undefined || only.has(name)) counts.set(name, await calibrate(each, inFlight, quick ? 25 : 60));
  const contend = <S>(slice: (each: Driven<P, V>, count: number) => Promise<S>): Contender<S>[] =>
    [...driven].flatMap(([name, each]) => {
      const count = counts.get(name);
      return count === undefined ? [] : [{ name, slice: () => slice(each, count) }];
    });
  const calls = contend((each, count) => measureUsage(count, () => drive(each, count, inFlight)));
  addRound(slices.usage, await takeTurns(calls, quick ? 3 : 5, round));
  if (!watchLoop) return;
  // Longer slices: a delay is rare, and a percentile wants many turns of the loop.
  const loops = contend((each, count) => measureLoopDelay(() => drive(each, count * 5, inFlight)));
  addRound(slices.loopDelay, await takeTurns(loops, 1, round));
}

/** How many calls a second, and what each costs. */
export function loadSection(title: string, { usage, loopDelay }: LoadSlices, targets: LoadTargets, notes: readonly string[]): Section {
  const each = (read: (usage: Usage) => number): Map<string, number[]> =>
    new Map([...usage].map(([name, list]) => [name, list.map((parts) => read(totalUsage(parts)))]));
  const common = { base: BASELINE.name, again: AGAIN };
  return {
    title,
    notes,
    pictures: [{ kind: 'bars', quantity: 'throughput' }],
    quantities: [
      quantityOf({
        ...common,
        name: 'throughput',
        unit: 'calls/s',
        rounds: each(({ tasks, wallMs }) => (tasks * 1000) / wallMs),
        targets: targets.throughput ?? [],
      }),
      quantityOf({
        ...common,
        name: 'CPU',
        unit: 'µs/call',
        rounds: each(({ tasks, cpuMs }) => (cpuMs * 1000) / tasks),
        targets: targets.cpu ?? [],
      }),
      quantityOf({
        name: 'waits',
        unit: 'switches/call',
        again: AGAIN,
        rounds: each(({ tasks, voluntarySwitches }) => voluntarySwitches / tasks),
        targets: targets.switches ?? [],
      }),
      ...(loopDelay.size === 0 ? [] : [loopQuantity(loopDelay, targets.loopDelay ?? [])]),
    ],
  };
}

function loopQuantity(slices: Slices<number>, targets: readonly Target[]): Quantity {
  const rounds = new Map([...slices].map(([name, list]) => [name, list.map((parts) => Math.max(...parts))]));
  return quantityOf({ name: 'main loop late, p99', unit: 'ms', again: AGAIN, rounds, targets });
}
