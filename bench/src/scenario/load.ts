import { measureUsage, quantityOf, type Section, type Slices, type Target, takeTurns, totalUsage, type Usage } from '@heddle/measure';
import { calibrate, type Driven, drive } from '../measure/drive.ts';
import { BASELINE } from '../peer/all.ts';
import { AGAIN } from './line-up.ts';

/** What a level of load is to reach. */
export interface LoadTargets {
  readonly throughput?: readonly Target[];
  readonly cpu?: readonly Target[];
  readonly switches?: readonly Target[];
}

/** One round of calls with `inFlight` under way at any time. */
export async function takeLoad<P, V>(
  driven: ReadonlyMap<string, Driven<P, V>>,
  inFlight: number,
  quick: boolean,
  round: number,
): Promise<Map<string, Usage[]>> {
  const contenders = [];
  for (const [name, each] of driven) {
    const count = await calibrate(each, inFlight, quick ? 25 : 60);
    contenders.push({ name, slice: () => measureUsage(count, () => drive(each, count, inFlight)) });
  }
  return takeTurns(contenders, quick ? 3 : 5, round);
}

/** How many calls a second, and what each costs. */
export function loadSection(inFlight: number, slices: Slices<Usage>, targets: LoadTargets): Section {
  const each = (read: (usage: Usage) => number): Map<string, number[]> =>
    new Map([...slices].map(([name, list]) => [name, list.map((parts) => read(totalUsage(parts)))]));
  const common = { base: BASELINE.name, again: AGAIN };
  return {
    title: `${inFlight} in flight`,
    quantities: [
      quantityOf({
        ...common,
        name: 'throughput',
        unit: 'calls/s',
        rounds: each(({ tasks, wallMs }) => (tasks * 1000) / wallMs),
        targets: targets.throughput ?? [],
      }),
      quantityOf({
        ...common,
        name: 'CPU',
        unit: 'µs/call',
        rounds: each(({ tasks, cpuMs }) => (cpuMs * 1000) / tasks),
        targets: targets.cpu ?? [],
      }),
      quantityOf({
        name: 'waits',
        unit: 'switches/call',
        again: AGAIN,
        rounds: each(({ tasks, voluntarySwitches }) => voluntarySwitches / tasks),
        targets: targets.switches ?? [],
      }),
    ],
  };
}
