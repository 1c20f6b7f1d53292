import type { Action } from '@heddle/core';
import type { Section } from '@heddle/measure';
import { createRuntime, type MapItem, type Runtime } from '@heddle/worker-pool';
import type { BenchOptions } from '../options.ts';
import { piscina } from '../peer/piscina.ts';
import { openStaticSplit } from '../peer/static-split.ts';
import { orderAt } from '../work/order.ts';
import { orderWork } from '../work/order-work.ts';
import { addOneWork, arrayAt, sumWork } from '../work/tiny-work.ts';
import type { Work } from '../work/work.ts';
import type { Scenario } from './scenario.ts';
import { timeJobs } from './time-section.ts';

const ITEMS = 100_000;
const AGAIN = 'piscina again';

/** Many tiny items of three kinds. */
export const map: Scenario = {
  name: 'map',
  summary: '`runtime.map` over many tiny items, beside `piscina.run` on each.',
  async run(options, progress) {
    const count = options.quick ? ITEMS / 5 : ITEMS;
    const list = <T>(at: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => at(index));
    progress('objects');
    const objects = await compare(options, `${count} objects of 200 B`, orderWork, list(orderAt), 14);
    progress('integers');
    const integers = await compare(options, `${count} integers`, addOneWork, list(Number), 80);
    progress('typed arrays');
    const arrays = await compare(options, `${count} typed arrays of 512 B`, sumWork, list(arrayAt), 300);
    return { sections: [objects, integers, arrays] };
  },
};

async function compare<P, V>(
  { rounds, threads }: BenchOptions,
  title: string,
  work: Work<P, V>,
  items: readonly P[],
  times: number,
): Promise<Section> {
  const runtime = createRuntime({ threads: { min: threads, max: threads } });
  await runtime.ready();
  const pool = await piscina.open(work, threads);
  const split = await openStaticSplit(work, threads);
  const overPool = async (): Promise<void> => {
    const values = await Promise.all(items.map((item) => pool.run(item)));
    for (const [index, item] of items.entries()) work.check(item, pool.valueOf(values[index]));
  };
  const jobs = [
    { name: 'piscina', run: overPool },
    { name: 'heddle map', run: () => overMap(runtime, work.checkedAction, items, work.check) },
    {
      name: 'split by hand',
      run: async () => {
        const values = await split.runAll(items);
        for (const [index, item] of items.entries()) work.check(item, values[index] as V); // one for each item
      },
    },
    { name: AGAIN, run: overPool },
  ];
  const targets = [{ contender: 'heddle map', against: 'piscina', atMost: 1 / times }];
  const section = await timeJobs(jobs, { title, rounds, base: 'piscina', again: AGAIN, targets });
  await Promise.all([runtime.close(), pool.close(), split.close()]);
  return section;
}

async function overMap<P, V>(runtime: Runtime, action: Action<P, V>, items: readonly P[], check: Work<P, V>['check']): Promise<void> {
  let seen = 0;
  const mapped: AsyncIterableIterator<MapItem<P, V>> = runtime.map(action, items);
  for await (const { params, outcome } of mapped) {
    if (!outcome.ok) throw outcome.error;
    check(params, outcome.value);
    seen++;
  }
  if (seen !== items.length) throw new Error(`\`map\` gave ${seen} results for ${items.length} items`);
}
