import type { Section } from '@heddle/measure';
import { createRuntime, type Runtime } from '@heddle/worker-pool';
import type { BenchOptions } from '../options.ts';
import type { Need, OpenPeer } from '../peer/peer.ts';
import { openStaticSplit, type StaticSplit } from '../peer/static-split.ts';
import { type Spin, spinCostNs } from '../work/spin.ts';
import { spinChecked } from '../work/spin-action.ts';
import { spinWork } from '../work/spin-work.ts';
import { fieldOf, openPeers } from './line-up.ts';
import type { Scenario } from './scenario.ts';
import { type Job, timeJobs } from './time-section.ts';

/** As much work of each size for a lane. */
const SIZES = [
  { us: 20_000, items: 10, atMost: 1.02 },
  { us: 1000, items: 200, atMost: undefined },
  { us: 50, items: 4000, atMost: 1.1 },
  { us: 5, items: 20_000, atMost: 1.2 },
] as const;

const LANES = [1, 2] as const;
/** From so many on, a job is a crowd for some peers. */
const CROWD = 1000;
const IDEAL = 'split by hand';
const AGAIN = `${IDEAL} again`;

/** Jobs of many like tasks. */
export const batch: Scenario = {
  name: 'batch',
  summary: 'Jobs of tasks of one size, all started at once, on one thread and on two, beside the same work cut evenly by hand beforehand.',
  async run(options, progress) {
    const nsPerIteration = spinCostNs();
    const sections: Section[] = [];
    // A quick look is one at two threads.
    for (const lanes of options.quick ? LANES.slice(-1) : LANES) {
      for (const { us, items, atMost } of SIZES) {
        const count = lanes * (options.quick ? Math.ceil(items / 5) : items);
        progress(`${count} tasks of ${us} µs on ${lanes}`);
        const work = spinWork(Math.max(1, Math.round((us * 1000) / nsPerIteration)));
        const list = Array.from({ length: count }, (_, index) => work.paramsAt(index));
        sections.push(await measureJob(options, work, list, { us, lanes, atMost }));
      }
    }
    const overviews = LANES.map((lanes) => ({
      title: `time by size of task, ${threadsText(lanes)}`,
      quantity: 'time',
      across: 'one task, µs',
      steps: SIZES.map(({ us }) => ({ section: titleOf(us, lanes), name: String(us) })),
    }));
    return { sections, notes: [`One turn of the work costs ${nsPerIteration.toFixed(2)} ns on a thread alone.`], overviews };
  },
};

interface JobSize {
  readonly us: number;
  readonly lanes: number;
  readonly atMost: number | undefined;
}

async function measureJob(
  options: BenchOptions,
  work: ReturnType<typeof spinWork>,
  list: readonly Spin[],
  { us, lanes, atMost }: JobSize,
): Promise<Section> {
  const needs: readonly Need[] = [
    'calls',
    ...(lanes > 1 ? (['threads'] as const) : []),
    ...(list.length > CROWD ? (['crowd'] as const) : []),
  ];
  const { peers, notes } = fieldOf(options, needs);
  const split = await openStaticSplit(work, lanes);
  const runtime = createRuntime({ threads: { min: lanes, max: lanes } });
  await runtime.ready();
  const pools = await openPeers(peers, work, lanes);
  const byHand = (name: string): Job => ({ name, run: () => splitJob(split, list, work.check) });
  const jobs: Job[] = [
    byHand(IDEAL),
    ...[...pools.open].map(([name, pool]) => ({ name, run: () => poolJob(pool, list, work.check) })),
    { name: 'heddle map', run: () => mapJob(runtime, list, work.check) },
    byHand(AGAIN),
  ];
  const targets = atMost === undefined || lanes === 1 ? [] : [{ contender: 'heddle map', against: IDEAL, atMost }];
  const section = await timeJobs(jobs, { title: titleOf(us, lanes), rounds: options.rounds, base: IDEAL, again: AGAIN, targets });
  await Promise.all([split.close(), runtime.close(), pools.close()]);
  return { ...section, notes, pictures: [{ kind: 'bars', quantity: 'time' }] };
}

function titleOf(us: number, lanes: number): string {
  return `tasks of ${us} µs on ${threadsText(lanes)}`;
}

function threadsText(lanes: number): string {
  return lanes === 1 ? 'one thread' : 'two threads';
}

type Check = (params: Spin, value: number) => void;

async function splitJob(split: StaticSplit<Spin, number>, items: readonly Spin[], check: Check): Promise<void> {
  const values = await split.runAll(items);
  for (const [index, item] of items.entries()) check(item, values[index] ?? Number.NaN);
}

async function mapJob(runtime: Runtime, items: readonly Spin[], check: Check): Promise<void> {
  for await (const { params, outcome } of runtime.map(spinChecked, items)) {
    if (!outcome.ok) throw outcome.error;
    check(params, outcome.value);
  }
}

async function poolJob(pool: OpenPeer<Spin, number>, items: readonly Spin[], check: Check): Promise<void> {
  const values = await Promise.all(items.map((item) => pool.run(item)));
  for (const [index, item] of items.entries()) check(item, pool.valueOf(values[index]));
}
