import { unwrap } from '@heddle/core';
import { interleave, quantileOf, quantityOf, type Section, type Slices } from '@heddle/measure';
import { createRuntime } from '@heddle/worker-pool';
import type { Peer } from '../peer/peer.ts';
import { openStaticSplit } from '../peer/static-split.ts';
import { type Spin, spinCostNs } from '../work/spin.ts';
import { longSpinAction, spinAction } from '../work/spin-action.ts';
import { spinWork } from '../work/spin-work.ts';
import { fieldOf, openPeers } from './line-up.ts';
import type { Scenario } from './scenario.ts';

const LANES = 2;
const TINY_US = 10;
const LONG_MS = 200;
const EVERY = 1000;

/** Mostly tiny tasks, and one in a thousand that is long. */
export const mixed: Scenario = {
  name: 'mixed',
  summary: `Tasks of ${TINY_US} µs with one in ${EVERY} of ${LONG_MS} ms on ${LANES} threads: what the tiny ones wait, and what the whole takes beside a split by hand.`,
  async run(options, progress) {
    const ns = spinCostNs();
    const tiny = spinWork(Math.round((TINY_US * 1000) / ns));
    const long = Math.round((LONG_MS * 1e6) / ns);
    // Two long ones for each thread: a split by hand comes out even.
    const items = Array.from({ length: EVERY * LANES * (options.quick ? 1 : 2) }, (_, index): Spin => {
      return index % EVERY === EVERY / 2 ? { iterations: long, seed: 1 } : tiny.paramsAt(index);
    });
    // A crowd, as soon as all are started at once.
    const { peers, notes } = fieldOf(options, ['calls', 'crowd']);
    const open = await openCalls(peers, tiny, long);
    const split = await openStaticSplit(tiny, LANES);
    const sections: Section[] = [];
    for (const inFlight of [16, items.length]) {
      progress(`${inFlight} in flight`);
      const calls = open.calls.map(([name, call]) => ({ name, slice: () => timeEach(items, long, inFlight, call) }));
      const ideal = { name: 'split by hand', slice: () => timeSplit(split, items) };
      const slices = await interleave([ideal, ...calls], options.rounds);
      sections.push({ ...mixedSection(inFlight === items.length ? 'all at once' : `${inFlight} in flight`, slices), notes });
    }
    await Promise.all([open.close(), split.close()]);
    return {
      sections,
      notes: ['`heddle, two actions` runs the long tasks as an action of their own, so that the runtime can learn which are long.'],
    };
  },
};

type Call = (params: Spin) => Promise<unknown>;

interface Times {
  readonly tinyMs: readonly number[];
  readonly wholeMs: number;
}

interface OpenCalls {
  readonly calls: readonly (readonly [name: string, call: Call])[];
  close(): Promise<void>;
}

async function openCalls(peers: readonly Peer[], work: ReturnType<typeof spinWork>, long: number): Promise<OpenCalls> {
  const pools = await openPeers(peers, work, LANES);
  const runtime = createRuntime({ threads: { min: LANES, max: LANES } });
  await runtime.ready();
  const calls = [...pools.open].map(([name, pool]): readonly [string, Call] => {
    return [name, async (params) => work.check(params, pool.valueOf(await pool.run(params)))];
  });
  const twoActions: Call = async (params) => {
    const outcome = await runtime.run(params.iterations === long ? longSpinAction : spinAction, params);
    work.check(params, unwrap(outcome));
  };
  return {
    calls: [...calls, ['heddle, two actions', twoActions]],
    async close() {
      await Promise.all([pools.close(), runtime.close()]);
    },
  };
}

async function timeEach(items: readonly Spin[], long: number, inFlight: number, call: Call): Promise<Times> {
  const tinyMs: number[] = [];
  let next = 0;
  const begun = performance.now();
  const caller = async (): Promise<void> => {
    for (let params = items[next++]; params !== undefined; params = items[next++]) {
      const started = performance.now();
      await call(params);
      if (params.iterations !== long) tinyMs.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  return { tinyMs, wholeMs: performance.now() - begun };
}

async function timeSplit(split: { runAll(items: readonly Spin[]): Promise<unknown> }, items: readonly Spin[]): Promise<Times> {
  const begun = performance.now();
  await split.runAll(items);
  return { tinyMs: [], wholeMs: performance.now() - begun };
}

function mixedSection(title: string, slices: Slices<Times>): Section {
  const each = (read: (times: Times) => number): Map<string, number[]> =>
    new Map([...slices].map(([name, rounds]) => [name, rounds.map(([times]) => (times === undefined ? Number.NaN : read(times)))]));
  const pools = (rounds: Map<string, number[]>): Map<string, number[]> => {
    rounds.delete('split by hand');
    return rounds;
  };
  return {
    title,
    pictures: [
      { kind: 'dots', quantities: ['p50 of the tiny', 'p99 of the tiny'] },
      { kind: 'bars', quantity: 'the whole' },
    ],
    quantities: [
      quantityOf({ name: 'p50 of the tiny', unit: 'ms', rounds: pools(each(({ tinyMs }) => quantileOf(tinyMs, 0.5))) }),
      quantityOf({
        name: 'p99 of the tiny',
        unit: 'ms',
        rounds: pools(each(({ tinyMs }) => quantileOf(tinyMs, 0.99))),
        base: 'piscina',
        targets: [{ contender: 'heddle', against: 'piscina', atMost: 1 / 20 }],
      }),
      quantityOf({
        name: 'the whole',
        unit: 'ms',
        rounds: each(({ wholeMs }) => wholeMs),
        base: 'split by hand',
        targets: [{ contender: 'heddle', against: 'split by hand', atMost: 1.15 }],
      }),
    ],
  };
}
