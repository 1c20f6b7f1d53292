import { addRound, type Slices } from '@heddle/measure';
import type { BenchOptions } from '../options.ts';
import { orderAt } from '../work/order.ts';
import { orderWork } from '../work/order-work.ts';
import { latencySection, REST_MS, takeHot, takeRested } from './latency.ts';
import { fieldOf, namesOf, openLineUp } from './line-up.ts';
import { addLoadRound, type LoadSlices, type LoadTargets, loadSection, needsOf } from './load.ts';
import type { Found, Progress, Scenario } from './scenario.ts';

const PARAMS = Array.from({ length: 1024 }, (_, index) => orderAt(index));

const throughputTargets = (times: number): LoadTargets => ({
  throughput: [
    { contender: 'heddle', against: 'piscina', atLeast: times },
    { contender: 'heddle', against: 'threads-batched', atLeast: 0.8 },
  ],
});

/** Throughput of small calls. */
export const dispatch: Scenario = {
  name: 'dispatch',
  summary:
    'Calls with a 200 B object there and back and hardly any work: throughput by load, and how late the main loop is under the most.',
  run: (options, progress) =>
    measureCalls(options, progress, {
      loads: [
        { inFlight: 1 },
        { inFlight: 16, targets: throughputTargets(8) },
        { inFlight: 256, targets: throughputTargets(16) },
        { inFlight: 4096, targets: { ...throughputTargets(16), loopDelay: [{ contender: 'heddle', atMost: 8 }] }, watchLoop: true },
      ],
    }),
};

/** Single small calls. */
export const latency: Scenario = {
  name: 'latency',
  summary: 'One call at a time with a 200 B object there and back: hot, and from rest.',
  run: (options, progress) => measureCalls(options, progress, { loads: [], singles: { hotAtMost: 1, restedAtMost: 0.9 } }),
};

/** CPU time of small calls, on one core. */
export const cpu: Scenario = {
  name: 'cpu',
  summary: 'CPU time and context switches of a call with a 200 B object, the whole process on one core, where no thread can be lucky.',
  pinned: true,
  run: (options, progress) =>
    measureCalls(options, progress, {
      loads: [
        { inFlight: 1 },
        { inFlight: 16 },
        {
          inFlight: 256,
          targets: {
            cpu: [{ contender: 'heddle', against: 'piscina', atMost: 0.12 }],
            switches: [{ contender: 'heddle', atMost: 0.05 }],
          },
        },
      ],
      singles: {},
    }),
};

interface Load {
  readonly inFlight: number;
  readonly targets?: LoadTargets;
  readonly watchLoop?: boolean;
}

interface Plan {
  readonly loads: readonly Load[];
  /** Single calls are measured too, and judged by the baseline where a number is given. */
  readonly singles?: { readonly hotAtMost?: number; readonly restedAtMost?: number };
}

async function measureCalls(options: BenchOptions, progress: Progress, { loads, singles }: Plan): Promise<Found> {
  const { rounds, quick } = options;
  const { peers, notes } = fieldOf(options, ['calls']);
  const all = loads.map((load) => {
    const field = fieldOf(options, needsOf(load.inFlight));
    return { ...load, field, slices: { usage: new Map(), loopDelay: new Map() } as LoadSlices };
  });
  const hot: Slices<number[]> = new Map();
  const rested: Slices<number[]> = new Map();
  for (let round = 0; round < rounds; round++) {
    progress(`round ${round + 1} of ${rounds}`);
    const { driven, close } = await openLineUp(options, peers, orderWork, PARAMS);
    for (const { slices, field, inFlight, watchLoop = false } of all)
      await addLoadRound(slices, driven, { inFlight, quick, round, only: namesOf(field), watchLoop });
    if (singles !== undefined) {
      addRound(hot, await takeHot(driven, quick, round));
      addRound(rested, await takeRested(driven, quick, round));
    }
    await close();
  }
  const judged = (atMost: number | undefined) => (atMost === undefined ? [] : [{ contender: 'heddle', against: 'piscina', atMost }]);
  const sections = all.map(({ inFlight, slices, field, targets = {} }) => loadSection(titleOf(inFlight), slices, targets, field.notes));
  if (singles !== undefined) {
    sections.push({ ...latencySection('one call at a time, hot', hot, judged(singles.hotAtMost)), notes });
    sections.push({ ...latencySection(`one call at a time, after ${REST_MS} ms of rest`, rested, judged(singles.restedAtMost)), notes });
  }
  const steps = loads.map(({ inFlight }) => ({ section: titleOf(inFlight), name: String(inFlight) }));
  const overview = {
    title: 'throughput by calls in flight',
    quantity: 'throughput',
    across: 'calls in flight',
    steps,
    without: ['inline'],
  };
  return { sections, overviews: loads.length === 0 ? [] : [overview] };
}

function titleOf(inFlight: number): string {
  return `${inFlight} in flight`;
}
