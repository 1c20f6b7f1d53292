import { addRound, type Section, type Slices, type Usage } from '@heddle/measure';
import type { BenchOptions } from '../options.ts';
import { orderAt } from '../work/order.ts';
import { orderWork } from '../work/order-work.ts';
import { latencySection, REST_MS, takeHot, takeRested } from './latency.ts';
import { openLineUp } from './line-up.ts';
import { type LoadTargets, loadSection, takeLoad } from './load.ts';
import type { Progress, Scenario } from './scenario.ts';

const PARAMS = Array.from({ length: 1024 }, (_, index) => orderAt(index));

const throughputTargets = (times: number): LoadTargets => ({
  throughput: [
    { contender: 'heddle', against: 'piscina', atLeast: times },
    { contender: 'heddle', against: 'threads-batched', atLeast: 0.8 },
  ],
});

/** Throughput and latency of small calls. */
export const dispatch: Scenario = {
  name: 'dispatch',
  summary: 'Calls with a 200 B object there and back and hardly any work: throughput by load, latency hot and from rest.',
  run: (options, progress) =>
    measureCalls(options, progress, {
      loads: [
        [1, {}],
        [16, throughputTargets(8)],
        [256, throughputTargets(16)],
        [4096, throughputTargets(16)],
      ],
      hotAtMost: 1,
      restedAtMost: 0.9,
    }),
};

/** CPU time of small calls, on one core. */
export const cpu: Scenario = {
  name: 'cpu',
  summary: 'CPU time and context switches of a call with a 200 B object, the whole process on one core, where no thread can be lucky.',
  pinned: true,
  run: (options, progress) =>
    measureCalls(options, progress, {
      loads: [
        [1, {}],
        [16, {}],
        [
          256,
          {
            cpu: [{ contender: 'heddle', against: 'piscina', atMost: 0.12 }],
            switches: [{ contender: 'heddle', atMost: 0.05 }],
          },
        ],
      ],
    }),
};

interface Plan {
  readonly loads: readonly (readonly [inFlight: number, targets: LoadTargets])[];
  /** Targets of single calls by the baseline; without them single calls are shown, not judged. */
  readonly hotAtMost?: number;
  readonly restedAtMost?: number;
}

async function measureCalls(options: BenchOptions, progress: Progress, plan: Plan): Promise<{ sections: Section[] }> {
  const { rounds, quick } = options;
  const loads = plan.loads.map(([inFlight, targets]) => ({ inFlight, targets, slices: new Map() as Slices<Usage> }));
  const hot: Slices<number[]> = new Map();
  const rested: Slices<number[]> = new Map();
  for (let round = 0; round < rounds; round++) {
    progress(`round ${round + 1} of ${rounds}`);
    const { driven, close } = await openLineUp(options, orderWork, PARAMS);
    for (const { inFlight, slices } of loads) addRound(slices, await takeLoad(driven, inFlight, quick, round));
    addRound(hot, await takeHot(driven, quick, round));
    addRound(rested, await takeRested(driven, quick, round));
    await close();
  }
  const judged = (atMost: number | undefined) => (atMost === undefined ? [] : [{ contender: 'heddle', against: 'piscina', atMost }]);
  return {
    sections: [
      ...loads.map(({ inFlight, slices, targets }) => loadSection(inFlight, slices, targets)),
      latencySection('one call at a time, hot', hot, judged(plan.hotAtMost)),
      latencySection(`one call at a time, after ${REST_MS} ms of rest`, rested, judged(plan.restedAtMost)),
    ],
  };
}
