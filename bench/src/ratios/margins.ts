import { formatNumber, markdownTable } from '@heddle/measure';

/** What Heddle takes by what bare piscina takes for the same, in one process and in turns: time or CPU time, less is better. */
export interface Margin {
  readonly name: RatioName;
  /** What it is. */
  readonly what: string;
  /** On a quiet machine with two cores. */
  readonly normal: number;
  /** More is a regression. */
  readonly atMost: number;
}

/** What is held. */
export type RatioName = 'time-1' | 'time-16' | 'time-256' | 'cpu-1' | 'cpu-16' | 'cpu-256' | 'cpu-map' | 'kill';

/** What was measured; a part that was not tried is absent. */
export type Ratios = Readonly<Partial<Record<RatioName, number>>>;

/**
 * Each is above the worst of many single tries beside two processes that spin, on a machine busy beyond that. CPU time hardly moves there,
 * so its margins catch what has become two to three times slower (`map` of integers, which is mostly what the machine makes of memory, four).
 * Time does move, by the wake-ups of threads that have no core to themselves, and its margins catch what waits where it should not.
 */
export const MARGINS: readonly Margin[] = [
  { name: 'time-1', what: 'time a call, 1 in flight', normal: 1, atMost: 20 },
  { name: 'time-16', what: 'time a call, 16 in flight', normal: 0.22, atMost: 2 },
  { name: 'time-256', what: 'time a call, 256 in flight', normal: 0.06, atMost: 1 },
  { name: 'cpu-1', what: 'CPU a call, 1 in flight, one core', normal: 0.97, atMost: 2.5 },
  { name: 'cpu-16', what: 'CPU a call, 16 in flight, one core', normal: 0.19, atMost: 0.5 },
  { name: 'cpu-256', what: 'CPU a call, 256 in flight, one core', normal: 0.12, atMost: 0.36 },
  { name: 'cpu-map', what: 'CPU an item, `map` of integers by `piscina.run` on each, one core', normal: 0.045, atMost: 0.2 },
  { name: 'kill', what: 'kill of `for(;;)` to the next task served, beyond the grace', normal: 0.1, atMost: 2 },
];

/** One ratio and what is held of it. */
export interface JudgedRatio extends Margin {
  /** `undefined` = not measured. */
  readonly measured: number | undefined;
  readonly held: boolean;
}

/** Holds what was measured against the margins. What was not measured does not hold. */
export function judgeRatios(ratios: Ratios): readonly JudgedRatio[] {
  return MARGINS.map((margin) => {
    const measured = ratios[margin.name];
    return { ...margin, measured, held: measured !== undefined && measured <= margin.atMost };
  });
}

/** Of each the better: what several tries have come to. A regression is slow every time, a busy machine is not. */
export function bestOf(tries: readonly Ratios[]): Ratios {
  const best: Partial<Record<RatioName, number>> = {};
  for (const { name } of MARGINS) {
    const measured = tries.flatMap((ratios) => ratios[name] ?? []);
    if (measured.length > 0) best[name] = Math.min(...measured);
  }
  return best;
}

/** A table to read. */
export function ratiosMarkdown(judged: readonly JudgedRatio[]): string {
  const rows = judged.map(({ what, normal, atMost, measured, held }) => [
    what,
    formatNumber(normal),
    formatNumber(atMost),
    measured === undefined ? 'not measured' : formatNumber(measured),
    held ? 'held' : '**not held**',
  ]);
  return markdownTable(['Heddle by piscina', 'normal', 'at most', 'measured', ''], rows);
}
