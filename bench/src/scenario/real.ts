import { unwrap } from '@heddle/core';
import { interleave, measureUsage, quantityOf, type Section, type Slices, type Usage } from '@heddle/measure';
import { createRuntime } from '@heddle/worker-pool';
import { Piscina } from 'piscina';
import type { BenchOptions } from '../options.ts';
import { openJobSplit } from '../peer/job-split.ts';
import { minifying, parsing, type RealWork, rendering, shrinking, summing } from '../work/real/real-work.ts';
import type { Progress, Scenario } from './scenario.ts';

const INLINE = 'inline';
const AGAIN = 'inline again';

/** Work that people really have. */
export const real: Scenario = {
  name: 'real',
  summary: 'Minifying, rendering Markdown, shrinking images, parsing large JSON: on the main thread, by pools, and dealt out by hand.',
  async run(options, progress) {
    const { quick } = options;
    return {
      sections: [
        await compare(minifying(quick), options, progress),
        await compare(rendering(quick), options, progress),
        await compare(shrinking(quick), options, progress),
        await compare(parsing(quick), options, progress),
        await compare(summing(quick), options, progress),
      ],
      notes: [
        'Threads do not pay where the result is as large as the work: every object of a parsed file is written in the thread and read again on the main thread, which costs about three times what parsing did, and blocks the main thread for longer than parsing there would have. They pay where the thread keeps the objects and answers with what was wanted of them.',
        '`sharp` works on threads of its own whoever calls it: `inline, all at once` has several of them busy, and a pool adds little. `sharp.concurrency(1)` in every contender, so that one image has one thread.',
        "The pixels are moved by piscina, `run` and by hand; `map` copies its items, and no contender's results are moved. They are made anew before the clock starts.",
        'The inline jobs block the main thread for as long as they take (but for sharp); the others leave it free.',
      ],
    };
  },
};

interface RealJob<P, V> {
  readonly name: string;
  runAll(items: readonly P[]): Promise<readonly V[]>;
}

async function compare<P, V>(work: RealWork<P, V>, { rounds, threads }: BenchOptions, progress: Progress): Promise<Section> {
  progress(work.title);
  const { jobs, close } = await openJobs(work, threads);
  const expected: number[] = [];
  for (let index = 0; index < work.count; index++) expected.push(work.digest(await work.run(work.itemAt(index))));
  const take = async ({ name, runAll }: RealJob<P, V>): Promise<Usage> => {
    const items = Array.from({ length: work.count }, (_, index) => work.itemAt(index));
    let values: readonly V[] = [];
    const usage = await measureUsage(work.count, async () => {
      values = await runAll(items);
    });
    for (const [index, digest] of expected.entries()) {
      const value = values[index];
      if (value === undefined || work.digest(value) !== digest) throw new Error(`${work.title}: ${name} gave a wrong result for ${index}`);
    }
    return usage;
  };
  // Hot on both sides, twice: each thread gets half of it.
  for (const job of [...jobs, ...jobs]) await take(job);
  const contenders = jobs.map((job) => ({ name: job.name, slice: () => take(job) }));
  const slices = await interleave(contenders, rounds);
  await close();
  return sectionOf(work, slices);
}

async function openJobs<P, V>(work: RealWork<P, V>, threads: number): Promise<{ jobs: RealJob<P, V>[]; close(): Promise<void> }> {
  const { action, file, name, transferOf } = work;
  const runtime = createRuntime({ threads: { min: threads, max: threads } });
  const pool = new Piscina<P, V>({ filename: file, name, minThreads: threads, maxThreads: threads });
  const split = await openJobSplit(work, threads);
  await runtime.ready();
  const inline = async (items: readonly P[]): Promise<V[]> => {
    const values: V[] = [];
    for (const item of items) values.push(await work.run(item));
    return values;
  };
  const moving = (item: P) => (transferOf === undefined ? {} : { transfer: transferOf(item) });
  // Its arguments depend on whether params may be left out, which cannot be known of a type parameter.
  const run = runtime.run.bind(runtime) as (
    of: typeof action,
    item: P,
    context: object,
    options: object,
  ) => ReturnType<typeof runtime.run<P, V>>;
  const atOnce = { name: 'inline, all at once', runAll: (items: readonly P[]) => Promise.all(items.map((item) => work.run(item))) };
  const jobs: RealJob<P, V>[] = [
    { name: INLINE, runAll: inline },
    // Only what awaits can do more than one thing at a time here.
    ...(transferOf === undefined ? [] : [atOnce]),
    {
      name: 'piscina',
      runAll: (items) =>
        Promise.all(items.map((item) => pool.run(item, transferOf === undefined ? {} : { transferList: transferOf(item) }))),
    },
    {
      name: 'heddle run',
      runAll: async (items) => (await Promise.all(items.map((item) => run(action, item, {}, moving(item))))).map(unwrap),
    },
    {
      name: 'heddle map',
      async runAll(items) {
        const values: V[] = [];
        for await (const { index, outcome } of runtime.map(action, items)) values[index] = unwrap(outcome);
        return values;
      },
    },
    { name: 'dealt out by hand', runAll: (items) => split.runAll(items) },
    { name: AGAIN, runAll: inline },
  ];
  return {
    jobs,
    async close() {
      await Promise.all([runtime.close(), pool.destroy(), split.close()]);
    },
  };
}

function sectionOf<P, V>({ title, count }: RealWork<P, V>, slices: Slices<Usage>): Section {
  const each = (read: (usage: Usage) => number): Map<string, number[]> =>
    new Map([...slices].map(([name, rounds]) => [name, rounds.flatMap((parts) => parts.map(read))]));
  const common = { base: INLINE, again: AGAIN };
  return {
    title: `${title}, ${count} of them`,
    quantities: [
      quantityOf({ ...common, name: 'throughput', unit: 'items/s', rounds: each(({ tasks, wallMs }) => (tasks * 1000) / wallMs) }),
      quantityOf({ ...common, name: 'CPU', unit: 'ms/item', rounds: each(({ tasks, cpuMs }) => cpuMs / tasks) }),
    ],
  };
}
