import { addRound, measureUsage, medianRounds, quantityOf, type Section, type Slices, takeTurns, type Usage } from '@heddle/measure';
import {
  type ManyPongs,
  openAsync,
  openComlink,
  openManyByHand,
  openManyCoroutines,
  openNext,
  openPort,
  openResume,
  type Pong,
} from '../peer/pong.ts';
import { orderAt } from '../work/order.ts';
import { crowdSections } from './crowd.ts';
import type { Scenario } from './scenario.ts';

const PORT = 'port';
const PORT_AGAIN = 'port again';
const HAND = 'by hand';
const HAND_AGAIN = 'by hand again';
const NEXT = 'coroutine, next';
const SLICE_ROUNDS = 250;
const WARM_ROUNDS = 12_000;

const VALUES: readonly (readonly [title: string, values: readonly unknown[]])[] = [
  ['an integer', Array.from({ length: 1024 }, (_, index) => index)],
  ['a 200 B object', Array.from({ length: 1024 }, (_, index) => orderAt(index))],
];
const COUNTS = [256, 4096] as const;

/** Coroutines: one at a time, many at a time, and a hundred thousand that wait. */
export const coroutine: Scenario = {
  name: 'coroutine',
  summary:
    'Generators in threads, resumed from here. One in lock-step beside a bare MessagePort and a comlink callback; many at once beside batches made by hand; a hundred thousand suspended.',
  async run(options, progress) {
    const { rounds, quick, threads } = options;
    const single = VALUES.map(([title, values]) => ({ title, values, slices: new Map() as Slices<Usage> }));
    const many = COUNTS.map((count) => ({ count, slices: new Map() as Slices<Usage> }));
    for (let round = 0; round < rounds; round++) {
      progress(`round ${round + 1} of ${rounds}`);
      await takeSingle(single, quick ? 6 : 24, round);
      for (const { count, slices } of many) addRound(slices, await takeMany(count, threads, quick ? 4 : 10, round));
    }
    return {
      sections: [
        ...single.map(({ title, slices }) => lockStepSection(`one at a time, ${title} there and back`, slices)),
        ...many.map(({ count, slices }) => manySection(`${count} resumed at once`, slices)),
        ...(await crowdSections(options, progress)),
      ],
    };
  },
};

async function takeSingle(
  parts: readonly { readonly values: readonly unknown[]; readonly slices: Slices<Usage> }[],
  passes: number,
  round: number,
): Promise<void> {
  const pongs: Pong[] = [
    await openPort(PORT),
    await openPort(PORT_AGAIN),
    await openNext(NEXT),
    await openResume('coroutine, resume'),
    await openAsync('coroutine, async'),
    await openComlink('comlink callback'),
  ];
  for (const { values, slices } of parts) {
    for (const pong of pongs) await pong.rounds(WARM_ROUNDS, values);
    const contenders = pongs.map((pong) => ({
      name: pong.name,
      slice: () => measureUsage(SLICE_ROUNDS, () => pong.rounds(SLICE_ROUNDS, values)),
    }));
    addRound(slices, await takeTurns(contenders, passes, round));
  }
  for (const pong of pongs) await pong.close();
}

async function takeMany(count: number, threads: number, passes: number, round: number): Promise<Map<string, Usage[]>> {
  const peers: ManyPongs[] = [
    await openManyByHand(HAND, count, threads),
    await openManyByHand(HAND_AGAIN, count, threads),
    await openManyCoroutines('coroutines', count, threads),
  ];
  const resumes = 16_384;
  const slice = (peer: ManyPongs) => async (): Promise<Usage> =>
    measureUsage(resumes, async () => {
      for (let done = 0; done < resumes; done += count) await peer.round(done);
    });
  for (const peer of peers) for (let warm = 0; warm < 4; warm++) await slice(peer)();
  const results = await takeTurns(
    peers.map((peer) => ({ name: peer.name, slice: slice(peer) })),
    passes,
    round,
  );
  for (const peer of peers) await peer.close();
  return results;
}

function lockStepSection(title: string, slices: Slices<Usage>): Section {
  const common = { base: PORT, again: PORT_AGAIN };
  return {
    title,
    quantities: [
      quantityOf({
        ...common,
        name: 'a round',
        unit: 'µs',
        rounds: medianRounds(slices, ({ wallMs, tasks }) => (wallMs * 1000) / tasks),
        targets: [{ contender: NEXT, against: PORT, atMost: 1.1 }],
      }),
      quantityOf({ ...common, name: 'CPU', unit: 'µs/round', rounds: medianRounds(slices, ({ cpuMs, tasks }) => (cpuMs * 1000) / tasks) }),
    ],
  };
}

function manySection(title: string, slices: Slices<Usage>): Section {
  const common = { base: HAND, again: HAND_AGAIN };
  return {
    title,
    quantities: [
      quantityOf({
        ...common,
        name: 'throughput',
        unit: 'resumes/s',
        rounds: medianRounds(slices, ({ wallMs, tasks }) => (tasks * 1000) / wallMs),
      }),
      quantityOf({ ...common, name: 'CPU', unit: 'µs/resume', rounds: medianRounds(slices, ({ cpuMs, tasks }) => (cpuMs * 1000) / tasks) }),
    ],
  };
}
