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
import { drive } from '../measure/drive.ts';
import { GcWatch } from '../measure/gc-watch.ts';
import { heddle } from '../peer/heddle.ts';
import type { OpenPeer, Peer } from '../peer/peer.ts';
import { piscina } from '../peer/piscina.ts';
import { type Order, orderAt, type PricedOrder } from '../work/order.ts';
import { orderWork } from '../work/order-work.ts';
import type { Scenario } from './scenario.ts';

const COUNTS = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000] as const;
/** Where messages are full and the queue is short: what longer queues are held against. */
const BASE_COUNT = 1000;
const AGAIN = ' again';
/** Tasks in one slice at the least, in as many jobs as that takes. */
const SLICE_TASKS = 100_000;
const WARM_CALLS = 30_000;
/** Longer queues cost so much more at the most. */
const AT_MOST = 1.1;
const ORDER = orderAt(7);

interface FlatUsage extends Usage {
  /** Time that the main thread has spent collecting garbage. Milliseconds. */
  readonly gcMs: number;
}

/** What a task costs by how many wait with it. */
export const flat: Scenario = {
  name: 'flat',
  summary: `What a task costs when 1 to 1 000 000 are queued at once, all with the same 200 B object.`,
  pinned: true,
  async run({ rounds, quick, threads }, progress) {
    const counts = quick ? COUNTS.slice(0, -1) : COUNTS;
    const sections: Section[] = [];
    // Piscina passes its workers through for each task, and is left out where it would need minutes.
    for (const [peer, most] of [[heddle, 1_000_000] as const, [piscina, 100_000] as const]) {
      const slices: Slices<FlatUsage> = new Map();
      for (let round = 0; round < rounds; round++) {
        progress(`${peer.name}, round ${round + 1} of ${rounds}`);
        addRound(
          slices,
          await takeRound(
            peer,
            threads,
            quick,
            counts.filter((count) => count <= most),
            round,
          ),
        );
      }
      sections.push(sectionOf(peer, slices));
    }
    return {
      sections,
      notes: [
        'Small jobs wait for their own threads: up to some hundred at once the price of a wake-up is shared by few.',
        'What longer queues cost more is garbage: what waits is copied by the collector of the young, and what is settled at once is not. `NODE_OPTIONS=--max-semi-space-size=256` takes most of that away.',
      ],
    };
  },
};

async function takeRound(
  peer: Peer,
  threads: number,
  quick: boolean,
  counts: readonly number[],
  round: number,
): Promise<Map<string, FlatUsage[]>> {
  const open = await peer.open(orderWork, threads);
  await drive({ peer: open, work: orderWork, params: [ORDER] }, WARM_CALLS, 256);
  const gc = new GcWatch();
  const contender = (count: number, suffix: string) => {
    // One at a time is slow, and needs no more than shows it.
    const tasks = Math.max(count, Math.min(count * 2000, quick ? SLICE_TASKS / 10 : SLICE_TASKS));
    return { name: `${count}${suffix}`, slice: () => takeJobs(open, gc, count, tasks) };
  };
  const contenders = [...counts.map((count) => contender(count, '')), contender(BASE_COUNT, AGAIN)];
  for (const { slice } of contenders) await slice();
  const slices = await takeTurns(contenders, quick ? 2 : 3, round);
  gc.close();
  await open.close();
  return slices;
}

async function takeJobs(peer: OpenPeer<Order, PricedOrder>, gc: GcWatch, count: number, tasks: number): Promise<FlatUsage> {
  await gc.take();
  const usage = await measureUsage(tasks, async () => {
    for (let done = 0; done < tasks; done += count) await runAtOnce(peer, count);
  });
  return { ...usage, gcMs: await gc.take() };
}

/** Starts all in one turn. Holds none of the promises itself: what is held is the peer's. */
function runAtOnce(peer: OpenPeer<Order, PricedOrder>, count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = count;
    const settle = (settled: unknown): void => {
      try {
        orderWork.check(ORDER, peer.valueOf(settled));
      } catch (error) {
        reject(error);
      }
      if (--left === 0) resolve();
    };
    for (let started = 0; started < count; started++) void peer.run(ORDER).then(settle, reject); // `resolve` waits for all
  });
}

function sectionOf({ name }: Peer, slices: Slices<FlatUsage>): Section {
  const longer = COUNTS.filter((count) => count > BASE_COUNT && name === heddle.name);
  const targets: Target[] = longer.map((count) => ({ contender: `${count}`, against: `${BASE_COUNT}`, atMost: AT_MOST }));
  const common = { base: `${BASE_COUNT}`, again: `${BASE_COUNT}${AGAIN}`, unit: 'µs/task' };
  return {
    title: `${name}, by the number queued at once`,
    quantities: [
      quantityOf({ ...common, name: 'CPU', rounds: medianRounds(slices, ({ cpuMs, tasks }) => (cpuMs * 1000) / tasks), targets }),
      quantityOf({ ...common, name: 'time', rounds: medianRounds(slices, ({ wallMs, tasks }) => (wallMs * 1000) / tasks) }),
      quantityOf({
        name: 'collecting garbage, main thread',
        unit: 'µs/task',
        again: common.again,
        rounds: medianRounds(slices, ({ gcMs, tasks }) => (gcMs * 1000) / tasks),
      }),
    ],
  };
}
