import {
  addRound,
  measureUsage,
  medianRounds,
  quantityOf,
  type Section,
  type Slices,
  type Target,
  takeTurns,
  type Usage,
} from '@heddle/measure';
import { calibrate, type Driven, drive } from '../measure/drive.ts';
import { heddle } from '../peer/heddle.ts';
import type { Peer } from '../peer/peer.ts';
import { piscina } from '../peer/piscina.ts';
import { type Order, orderAt, type PricedOrder } from '../work/order.ts';
import { orderWork } from '../work/order-work.ts';
import type { Scenario } from './scenario.ts';

const COUNTS = [2, 4, 8, 16, 32, 64] as const;
const FEW = COUNTS[0];
const BASE = nameOf(heddle, FEW);
const AGAIN = `${BASE} again`;
const PARAMS = Array.from({ length: 1024 }, (_, index) => orderAt(index));
const LOADS = [1, 256, 4096] as const;
/** At most this much more than with the fewest. */
const AT_MOST = 1.3;
/** Each thread compiles its own side of the way: so many calls for each, but not for ever. */
const WARM_CALLS = 10_000;
const WARM_MS = 8000;

/** What more threads cost that have nothing to do with a task. */
export const lanes: Scenario = {
  name: 'lanes',
  summary: `What a call with a 200 B object costs with ${COUNTS.join(', ')} threads, all runtimes and pools open beside each other.`,
  async run({ rounds, quick }, progress) {
    const loads = LOADS.map((inFlight) => ({ inFlight, slices: new Map() as Slices<Usage> }));
    for (let round = 0; round < rounds; round++) {
      progress(`round ${round + 1} of ${rounds}`);
      const driven = await openAll();
      for (const { inFlight, slices } of loads) addRound(slices, await takeLoad(driven, inFlight, quick, round));
      for (const { peer } of driven.values()) await peer.close();
    }
    return {
      sections: loads.map(({ inFlight, slices }) => sectionOf(inFlight, slices)),
      notes: [`A pool of piscina's that needs more than ${WARM_MS / 1000} s for its first calls is measured after that.`],
    };
  },
};

type Calls = Driven<Order, PricedOrder>;

function nameOf({ name }: Peer, threads: number): string {
  return `${name}, ${threads}`;
}

async function openAll(): Promise<ReadonlyMap<string, Calls>> {
  const driven = new Map<string, Calls>();
  const open = async (name: string, peer: Peer, threads: number): Promise<void> => {
    const each = { peer: await peer.open(orderWork, threads), work: orderWork, params: PARAMS };
    const begun = performance.now();
    for (let calls = 0; calls < WARM_CALLS * threads && performance.now() - begun < WARM_MS; calls += WARM_CALLS)
      await drive(each, WARM_CALLS, 4096);
    driven.set(name, each);
  };
  for (const peer of [heddle, piscina]) for (const threads of COUNTS) await open(nameOf(peer, threads), peer, threads);
  await open(AGAIN, heddle, FEW);
  return driven;
}

async function takeLoad(
  driven: ReadonlyMap<string, Calls>,
  inFlight: number,
  quick: boolean,
  round: number,
): Promise<Map<string, Usage[]>> {
  const contenders = [];
  for (const [name, each] of driven) {
    const count = await calibrate(each, inFlight, quick ? 15 : 40);
    contenders.push({ name, slice: () => measureUsage(count, () => drive(each, count, inFlight)) });
  }
  return takeTurns(contenders, quick ? 4 : 8, round);
}

function sectionOf(inFlight: number, slices: Slices<Usage>): Section {
  const most = nameOf(heddle, COUNTS[COUNTS.length - 1] ?? FEW);
  const targets: Target[] = [{ contender: most, against: BASE, atMost: AT_MOST }];
  const common = { base: BASE, again: AGAIN, targets };
  return {
    title: `${inFlight} in flight`,
    quantities: [
      quantityOf({ ...common, name: 'CPU', unit: 'µs/call', rounds: medianRounds(slices, ({ cpuMs, tasks }) => (cpuMs * 1000) / tasks) }),
      quantityOf({
        ...common,
        name: 'time',
        unit: 'µs/call',
        rounds: medianRounds(slices, ({ wallMs, tasks }) => (wallMs * 1000) / tasks),
      }),
      quantityOf({
        name: 'waits',
        unit: 'switches/call',
        again: AGAIN,
        rounds: medianRounds(slices, ({ voluntarySwitches, tasks }) => voluntarySwitches / tasks),
      }),
    ],
  };
}
