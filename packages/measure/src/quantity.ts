import { judgeControl } from './control.ts';
import type { JudgedTarget, Quantity, Row, Target } from './report.ts';
import { pairedRatio, summarise } from './statistics.ts';

/** What a quantity is made of. */
export interface QuantityInput {
  readonly name: string;
  readonly unit: string;
  /** One number a round, by contender. */
  readonly rounds: ReadonlyMap<string, readonly number[]>;
  readonly base?: string;
  /** The contender that is the base once more; it judges the run and gets no row of its own. */
  readonly again?: string;
  readonly targets?: readonly Target[];
}

/** Medians, spreads, paired ratios and verdicts of one quantity. */
export function quantityOf({ name, unit, rounds, base, again, targets = [] }: QuantityInput): Quantity {
  const baseRounds = base === undefined ? undefined : rounds.get(base);
  const againRounds = again === undefined ? undefined : rounds.get(again);
  const rows: Row[] = [];
  for (const [contender, values] of rounds) {
    if (contender === again) continue;
    const ratio = baseRounds === undefined ? {} : { ratio: pairedRatio(values, baseRounds) };
    rows.push({ contender, rounds: values, value: summarise(values), ...ratio });
  }
  return {
    name,
    unit,
    rows,
    ...(base === undefined ? {} : { base }),
    ...(baseRounds === undefined || againRounds === undefined ? {} : { control: judgeControl(baseRounds, againRounds) }),
    targets: targets.flatMap((target) => judge(target, rounds)),
  };
}

/** Nothing where a side of it was not measured. */
function judge(target: Target, rounds: ReadonlyMap<string, readonly number[]>): JudgedTarget[] {
  const values = rounds.get(target.contender);
  const against = target.against === undefined ? undefined : rounds.get(target.against);
  if (values === undefined || (target.against !== undefined && against === undefined)) return [];
  const measured = against === undefined ? summarise(values).median : pairedRatio(values, against).median;
  const { atMost = Number.POSITIVE_INFINITY, atLeast = Number.NEGATIVE_INFINITY } = target;
  return [{ ...target, measured, met: measured <= atMost && measured >= atLeast }];
}
