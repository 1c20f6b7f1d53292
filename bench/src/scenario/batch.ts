import type { Section } from '@heddle/measure';
import { createRuntime, type Runtime } from '@heddle/worker-pool';
import type { OpenPeer } from '../peer/peer.ts';
import { piscina } from '../peer/piscina.ts';
import { openStaticSplit, type StaticSplit } from '../peer/static-split.ts';
import { type Spin, spinCostNs } from '../work/spin.ts';
import { spinChecked } from '../work/spin-action.ts';
import { spinWork } from '../work/spin-work.ts';
import type { Scenario } from './scenario.ts';
import { type Job, timeJobs } from './time-section.ts';

const SIZES = [
  { us: 20_000, items: 40, atMost: 1.02 },
  { us: 1000, items: 800, atMost: undefined },
  { us: 50, items: 10_000, atMost: 1.1 },
  { us: 2, items: 100_000, atMost: 1.2 },
] as const;

const LANES = 2;
const IDEAL = 'split by hand';

/** Jobs of many like tasks. */
export const batch: Scenario = {
  name: 'batch',
  summary: `Jobs of tasks of one size on ${LANES} threads, beside the same work cut in two by hand beforehand.`,
  async run(options, progress) {
    const nsPerIteration = spinCostNs();
    const sections: Section[] = [];
    for (const { us, items, atMost } of SIZES) {
      progress(`${items} tasks of ${us} µs`);
      const work = spinWork(Math.max(1, Math.round((us * 1000) / nsPerIteration)));
      const list = Array.from({ length: options.quick ? Math.ceil(items / 4) : items }, (_, index) => work.paramsAt(index));
      const split = await openStaticSplit(work, LANES);
      const runtime = createRuntime({ threads: { min: LANES, max: LANES } });
      const pool = await piscina.open(work, LANES);
      await runtime.ready();
      const check = work.check;
      const byHand = (name: string): Job => ({ name, run: () => splitJob(split, list, check) });
      const jobs: Job[] = [
        byHand(IDEAL),
        { name: 'heddle map', run: () => mapJob(runtime, list, check) },
        { name: 'heddle run', run: () => runJob(runtime, list, check) },
        { name: 'piscina', run: () => poolJob(pool, list, check) },
        byHand(`${IDEAL} again`),
      ];
      const title = `${list.length} tasks of ${us} µs`;
      const targets = atMost === undefined ? [] : [{ contender: 'heddle map', against: IDEAL, atMost }];
      sections.push(await timeJobs(jobs, { title, rounds: options.rounds, base: IDEAL, again: `${IDEAL} again`, targets }));
      await Promise.all([split.close(), runtime.close(), pool.close()]);
    }
    return { sections, notes: [`One turn of the work costs ${nsPerIteration.toFixed(2)} ns on a thread alone.`] };
  },
};

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

async function runJob(runtime: Runtime, items: readonly Spin[], check: Check): Promise<void> {
  const outcomes = await Promise.all(items.map((item) => runtime.run(spinChecked, item)));
  for (const [index, outcome] of outcomes.entries()) {
    if (!outcome.ok) throw outcome.error;
    const item = items[index];
    if (item !== undefined) check(item, outcome.value);
  }
}

async function poolJob(pool: OpenPeer<Spin, number>, items: readonly Spin[], check: Check): Promise<void> {
  const values = await Promise.all(items.map((item) => pool.run(item)));
  for (const [index, item] of items.entries()) check(item, pool.valueOf(values[index]));
}
