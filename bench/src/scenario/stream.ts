import { setTimeout as sleep } from 'node:timers/promises';
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
import { createRuntime, type Runtime } from '@heddle/worker-pool';
import { openAsyncStream, openBatched, openLockStep, openNodeStream, openStream, openWebStream, type Source } from '../peer/source.ts';
import { OfferCheck, type OfferKind } from '../work/offer.ts';
import { offers } from '../work/offer-action.ts';
import type { Progress, Scenario } from './scenario.ts';

const HAND = 'by hand';
const HAND_AGAIN = 'by hand again';
const STREAM = 'stream';
const LOCK_STEP = 'lock-step';
const KINDS: readonly (readonly [kind: OfferKind, title: string])[] = [
  ['rows', 'small objects'],
  ['integers', 'integers'],
];
const TARGETS: readonly Target[] = [
  { contender: STREAM, atLeast: 1_000_000 },
  { contender: STREAM, against: LOCK_STEP, atLeast: 20 },
];

/** Peers with the number of values that is a slice of theirs: about as long for each. */
const PEERS: readonly (readonly [open: () => Promise<Source>, count: number])[] = [
  [() => openBatched(HAND), 40_000],
  [() => openBatched(HAND_AGAIN), 40_000],
  [() => openStream(STREAM), 40_000],
  [() => openStream('stream, window 64', 64), 20_000],
  [() => openStream('stream, window 1', 1), 1000],
  [() => openAsyncStream('stream, async'), 40_000],
  [() => openLockStep(LOCK_STEP), 1000],
  [() => openNodeStream('Node stream'), 4000],
  [() => openWebStream('web stream'), 1000],
];

/** Generators in a thread that are read here. */
export const stream: Scenario = {
  name: 'stream',
  summary:
    'A generator in a thread, read here: values a second beside streams of Node and the web and beside a loop by hand; what a slow reader costs.',
  async run({ rounds, quick }, progress) {
    const kinds = KINDS.map(([kind, title]) => ({ kind, title, slices: new Map() as Slices<Usage> }));
    for (let round = 0; round < rounds; round++) {
      progress(`round ${round + 1} of ${rounds}`);
      for (const { kind, slices } of kinds) addRound(slices, await takeRound(kind, quick ? 4 : 12, round));
    }
    const sections = kinds.map(({ title, slices }) => throughputSection(title, slices));
    return { sections: [...sections, await sleeperSection(rounds), await memorySection(quick, progress)] };
  },
};

async function takeRound(kind: OfferKind, passes: number, round: number): Promise<Map<string, Usage[]>> {
  const contenders = [];
  for (const [open, count] of PEERS) {
    const source = await open();
    // Hot on both sides: V8 compiles the last parts of the way only after some ten thousand values.
    for (let warm = 0; warm < 12; warm++) await source.read(kind, count);
    contenders.push({ name: source.name, source, slice: () => measureUsage(count, () => source.read(kind, count)) });
  }
  const results = await takeTurns(contenders, passes, round);
  for (const { source } of contenders) await source.close();
  return results;
}

function throughputSection(title: string, slices: Slices<Usage>): Section {
  const common = { base: HAND, again: HAND_AGAIN };
  return {
    title,
    quantities: [
      quantityOf({
        ...common,
        name: 'throughput',
        unit: 'values/s',
        rounds: medianRounds(slices, ({ wallMs, tasks }) => (tasks * 1000) / wallMs),
        targets: TARGETS,
      }),
      quantityOf({ ...common, name: 'CPU', unit: 'µs/value', rounds: medianRounds(slices, ({ cpuMs, tasks }) => (cpuMs * 1000) / tasks) }),
    ],
  };
}

const WINDOWS = [1, 64, 512] as const;
const SLEEP_MS = 30;

/** A reader that takes one value and sleeps: how far the generator has run ahead of it. */
async function sleeperSection(rounds: number): Promise<Section> {
  const runtime = createRuntime({ threads: { max: 1 }, stateful: { threads: 1 } });
  const ahead = new Map<string, number[]>();
  const targets: Target[] = [];
  for (const window of WINDOWS) {
    const name = `window ${window}`;
    const list: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const counter = new Int32Array(new SharedArrayBuffer(4));
      const values = runtime.stream(offers, { kind: 'integers', to: 1e9, counter }, {}, { window });
      await values.next();
      await sleep(SLEEP_MS);
      list.push(Atomics.load(counter, 0) - 1);
      await values.return?.();
    }
    ahead.set(name, list);
    targets.push({ contender: name, atMost: window });
  }
  await runtime.close();
  return {
    title: 'a reader that takes one value and sleeps',
    quantities: [quantityOf({ name: 'ahead', unit: 'values', rounds: ahead, targets })],
  };
}

const PARTS = 10;
const FLAT_BYTES = 8e6;

/** What a long stream holds at the most, beyond what a short one left. Fails where values pile up on either side. */
async function memorySection(quick: boolean, progress: Progress): Promise<Section> {
  const total = quick ? 1_000_000 : 10_000_000;
  const runtime = createRuntime({ threads: { max: 1 }, stateful: { threads: 1 } });
  const check = new OfferCheck('rows');
  // A first stream, so that neither the thread nor hot code counts.
  await openAndRead(runtime, total / PARTS);
  const first = heldBytes();
  const held: number[] = [];
  const resident: number[] = [];
  for await (const value of runtime.stream(offers, { kind: 'rows', to: total })) {
    check.take(value);
    if (check.seen % (total / PARTS) !== 0) continue;
    const { heap, rss } = heldBytes();
    held.push(heap);
    resident.push(rss);
    progress(`${check.seen} values read`);
  }
  await runtime.close();
  const growth = (list: readonly number[], from: number): number => (Math.max(...list) - from) / 1e6;
  const one = (value: number): Map<string, number[]> => new Map([[STREAM, [value]]]);
  const targets: Target[] = [{ contender: STREAM, atMost: FLAT_BYTES / 1e6 }];
  return {
    title: `${total} values read`,
    quantities: [
      quantityOf({ name: 'host heap grows by', unit: 'MB', rounds: one(growth(held, first.heap)), targets }),
      quantityOf({
        name: 'resident grows by',
        unit: 'MB',
        rounds: one(growth(resident, first.rss)),
        targets: [{ contender: STREAM, atMost: 32 }],
      }),
    ],
  };
}

async function openAndRead(runtime: Runtime, count: number): Promise<void> {
  const check = new OfferCheck('rows');
  for await (const value of runtime.stream(offers, { kind: 'rows', to: count })) check.take(value);
}

function heldBytes(): { readonly heap: number; readonly rss: number } {
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
}
