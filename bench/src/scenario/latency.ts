import { setTimeout as sleep } from 'node:timers/promises';
import { quantileOf, quantityOf, type Section, type Slices, type Target, takeTurns } from '@heddle/measure';
import { type Driven, timeOne } from '../measure/drive.ts';
import { BASELINE } from '../peer/all.ts';
import { AGAIN } from './line-up.ts';

/** Long enough for threads to fall asleep. */
export const REST_MS = 3;

/** One round of single calls, one after the other. */
export function takeHot<P, V>(driven: ReadonlyMap<string, Driven<P, V>>, quick: boolean, round: number): Promise<Map<string, number[][]>> {
  const contenders = [...driven].map(([name, each]) => ({ name, slice: () => timeCalls(each, 200, 0) }));
  return takeTurns(contenders, quick ? 5 : 10, round);
}

/** One round of single calls from rest. Each peer in turn makes one call: the finest pairing there is. */
export function takeRested<P, V>(
  driven: ReadonlyMap<string, Driven<P, V>>,
  quick: boolean,
  round: number,
): Promise<Map<string, number[][]>> {
  const contenders = [...driven].map(([name, each]) => ({ name, slice: () => timeCalls(each, 1, REST_MS) }));
  return takeTurns(contenders, quick ? 30 : 100, round);
}

async function timeCalls<P, V>(driven: Driven<P, V>, calls: number, restMs: number): Promise<number[]> {
  const times: number[] = [];
  for (let call = 0; call < calls; call++) {
    if (restMs > 0) await sleep(restMs);
    const params = driven.params[call % driven.params.length] as P; // the list is not empty
    times.push((await timeOne(driven, params)) * 1000);
  }
  return times;
}

/** Median and tail of single calls. */
export function latencySection(title: string, slices: Slices<number[]>, targets: readonly Target[]): Section {
  const at = (q: number): Map<string, number[]> =>
    new Map([...slices].map(([name, rounds]) => [name, rounds.map((parts) => quantileOf(parts.flat(), q))]));
  const common = { base: BASELINE.name, again: AGAIN, unit: 'µs' };
  return {
    title,
    pictures: [{ kind: 'dots', quantities: ['p50', 'p99'] }],
    quantities: [
      quantityOf({ ...common, name: 'p50', rounds: at(0.5), targets }),
      // The tail is noise on a small machine: shown, never judged.
      quantityOf({ name: 'p99', unit: 'µs', again: AGAIN, rounds: at(0.99) }),
    ],
  };
}
