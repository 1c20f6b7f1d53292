import { type Spin, spin } from './spin.ts';
import { spinAction, spinChecked } from './spin-action.ts';
import { type Work, wrongAnswer } from './work.ts';

// Every task of a size has one of these seeds, so that a check costs a look into a table.
const SEEDS = 16;
const answers = (iterations: number): readonly number[] => Array.from({ length: SEEDS }, (_, seed) => spin({ iterations, seed }));

/** Tasks that take `iterations` turns each. */
export function spinWork(iterations: number): Work<Spin, number> & { paramsAt(index: number): Spin } {
  const expected = answers(iterations);
  return {
    file: new URL('./spin.js', import.meta.url).href,
    name: 'spin',
    action: spinAction,
    checkedAction: spinChecked,
    paramsAt: (index) => ({ iterations, seed: index % SEEDS }),
    check(params, value) {
      if (params.iterations === iterations && value !== expected[params.seed]) throw wrongAnswer('spin', value);
    },
  };
}
