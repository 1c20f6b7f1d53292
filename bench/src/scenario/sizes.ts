import type { Section } from '@heddle/measure';
import type { BenchOptions } from '../options.ts';
import type { Need } from '../peer/peer.ts';
import { basketOf } from '../work/basket.ts';
import { basketWork } from '../work/basket-work.ts';
import { bufferWork } from '../work/buffer-work.ts';
import { nothingWork } from '../work/nothing-work.ts';
import type { Work } from '../work/work.ts';
import { fieldOf, namesOf, openLineUp } from './line-up.ts';
import { addLoadRound, type LoadSlices, loadSection, needsOf } from './load.ts';
import type { Progress, Scenario } from './scenario.ts';

const MOVED = 'moved as ArrayBuffer';
const ALL = [1, 16, 256, 4096];
/** Of ten kilobytes each, a batch is large with fewer. */
const SOME = [1, 16, 256];
/** Of a megabyte each, more at once would measure memory. */
const FEW = [1, 16];

/** Calls by how much they carry. */
export const sizes: Scenario = {
  name: 'sizes',
  summary: 'Calls by what they carry there and back: nothing, 10 kB and 1 MB of objects that are cloned, 10 kB and 1 MB that are moved.',
  async run(options, progress) {
    const measured = [
      await measureSize(options, progress, { size: 'nothing', work: nothingWork, params: [{}], loads: ALL, needs: [] }),
      await measureSize(options, progress, { size: '10 kB', work: basketWork, params: [basketOf(50)], loads: SOME, needs: [] }),
      await measureSize(options, progress, { size: '1 MB', work: basketWork, params: [basketOf(5000)], loads: FEW, needs: [] }),
      await measureSize(options, progress, {
        size: `10 kB ${MOVED}`,
        work: bufferWork,
        params: [new ArrayBuffer(10_000)],
        loads: SOME,
        needs: ['transfer'],
      }),
      await measureSize(options, progress, {
        size: `1 MB ${MOVED}`,
        work: bufferWork,
        params: [new ArrayBuffer(1_000_000)],
        loads: FEW,
        needs: ['transfer'],
      }),
    ];
    const steps = ['nothing', '10 kB', '1 MB'].map((name) => ({ section: titleOf(name, 16), name }));
    return {
      sections: measured.flat(),
      notes: ['Objects are lists of orders; each order comes back with its sum. ArrayBuffers come back as they are, but for one number.'],
      overviews: [
        {
          title: 'throughput by size, 16 in flight',
          quantity: 'throughput',
          across: 'params and result, cloned',
          steps,
          without: ['inline'],
        },
      ],
    };
  },
};

interface Size<P, V> {
  readonly size: string;
  readonly work: Work<P, V>;
  readonly params: readonly P[];
  readonly loads: readonly number[];
  readonly needs: readonly Need[];
}

async function measureSize<P, V>(
  options: BenchOptions,
  progress: Progress,
  { size, work, params, loads, needs }: Size<P, V>,
): Promise<Section[]> {
  const { rounds, quick } = options;
  const { peers } = fieldOf(options, ['calls', ...needs]);
  const all = loads.map((inFlight) => {
    const field = fieldOf(options, [...needsOf(inFlight), ...needs]);
    return { inFlight, field, slices: { usage: new Map(), loopDelay: new Map() } as LoadSlices };
  });
  for (let round = 0; round < rounds; round++) {
    progress(`${size}: round ${round + 1} of ${rounds}`);
    const { driven, close } = await openLineUp(options, peers, work, params);
    for (const { inFlight, field, slices } of all) await addLoadRound(slices, driven, { inFlight, quick, round, only: namesOf(field) });
    await close();
  }
  return all.map(({ inFlight, field, slices }) => loadSection(titleOf(size, inFlight), slices, {}, field.notes));
}

function titleOf(size: string, inFlight: number): string {
  return `${size}, ${inFlight} in flight`;
}
