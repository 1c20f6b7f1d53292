import { interleave, quantityOf, type Section, type Target } from '@heddle/measure';

/** Whole jobs against each other: what each took, in milliseconds, in every round. */
export interface Job {
  readonly name: string;
  run(): Promise<void>;
}

/** How jobs are compared. */
export interface JobOptions {
  readonly title: string;
  readonly rounds: number;
  readonly base: string;
  readonly again: string;
  readonly targets: readonly Target[];
}

/** Times whole jobs in turns, after one run of each that does not count. */
export async function timeJobs(jobs: readonly Job[], { title, rounds, base, again, targets }: JobOptions): Promise<Section> {
  for (const job of jobs) await job.run();
  const contenders = jobs.map(({ name, run }) => ({ name, slice: () => timed(run) }));
  const slices = await interleave(contenders, rounds);
  const times = new Map([...slices].map(([name, list]) => [name, list.map((parts) => parts.reduce((total, ms) => total + ms, 0))]));
  return { title, quantities: [quantityOf({ name: 'time', unit: 'ms', rounds: times, base, again, targets })] };
}

async function timed(run: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await run();
  return performance.now() - begun;
}
