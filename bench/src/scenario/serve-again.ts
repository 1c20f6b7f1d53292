import { quantileOf, quantityOf, type Section, type Target, takeTurns } from '@heddle/measure';
import type { BenchOptions } from '../options.ts';
import { type Endable, type Endless, endableHeddle, endablePiscina, endableTinypool, endableWorkerpool } from '../peer/endable.ts';
import type { Progress } from './scenario.ts';

const GRACE_MS = 100;
const HEDDLE = 'heddle';
const AFTER_GRACE = `heddle, beyond a grace of ${GRACE_MS} ms`;
const PISCINA = 'piscina';
const AGAIN = 'piscina again';

interface Case {
  readonly kind: Endless;
  readonly title: string;
  readonly targets: readonly Target[];
}

const CASES: readonly Case[] = [
  { kind: 'waiting', title: 'asynchronous, listens: from cancel to the next task served, one thread', targets: [] },
  { kind: 'asking', title: 'synchronous, asks: from cancel to the next task served, one thread', targets: [] },
  {
    kind: 'deaf',
    title: 'kill of `for(;;)` to the next task served, one thread',
    targets: [{ contender: AFTER_GRACE, atMost: 1 }],
  },
];

/** How soon one thread serves again after a task on it was ended, for each kind of task. */
export async function serveAgainSections(options: BenchOptions, progress: Progress): Promise<Section[]> {
  const sections: Section[] = [];
  for (const each of CASES) {
    progress(each.title);
    sections.push(await serveAgain(each, options));
  }
  return sections;
}

async function serveAgain({ kind, title, targets }: Case, { rounds, quick }: BenchOptions): Promise<Section> {
  const peers = openPeers(kind);
  const passes = kind === 'deaf' ? (quick ? 3 : 10) : quick ? 5 : 20;
  const p50 = new Map<string, number[]>();
  const p90 = new Map<string, number[]>();
  // One each that does not count.
  for (const peer of peers) await peer.endAndServe(kind);
  const contenders = peers.map((peer) => ({ name: peer.name, slice: () => peer.endAndServe(kind) }));
  for (let round = 0; round < rounds; round++) {
    for (const [name, times] of await takeTurns(contenders, passes, round)) {
      const beyond = name === AFTER_GRACE ? times.map((ms) => ms - GRACE_MS) : times;
      p50.set(name, [...(p50.get(name) ?? []), quantileOf(beyond, 0.5)]);
      p90.set(name, [...(p90.get(name) ?? []), quantileOf(beyond, 0.9)]);
    }
  }
  for (const peer of peers) await peer.close();
  return {
    title,
    quantities: [
      quantityOf({ name: 'p50', unit: 'ms', rounds: p50, base: PISCINA, again: AGAIN, targets }),
      quantityOf({ name: 'p90', unit: 'ms', rounds: p90, again: AGAIN }),
    ],
  };
}

function openPeers(kind: Endless): readonly Endable[] {
  const ours =
    kind === 'deaf'
      ? [endableHeddle(AFTER_GRACE, GRACE_MS), endableHeddle('heddle, no grace (no time for a spare)', 0)]
      : [endableHeddle(HEDDLE, 500)];
  return [...ours, endablePiscina(PISCINA), endableTinypool('tinypool'), endableWorkerpool('workerpool'), endablePiscina(AGAIN)];
}
