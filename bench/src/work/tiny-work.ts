import { addOneChecked, sumChecked } from './tiny-action.ts';
import { type Work, wrongAnswer } from './work.ts';

const file = new URL('./tiny.js', import.meta.url).href;

/** The smallest task there is. */
export const addOneWork: Work<number, number> = {
  file,
  name: 'addOne',
  action: addOneChecked,
  checkedAction: addOneChecked,
  check(params, value) {
    if (value !== params + 1) throw wrongAnswer('addOne', value);
  },
};

const LENGTH = 64;

/** 512 B of numbers there, one number back. */
export const sumWork: Work<Float64Array, number> = {
  file,
  name: 'sum',
  action: sumChecked,
  checkedAction: sumChecked,
  check(params, value) {
    if (value !== (params[0] ?? 0) * LENGTH) throw wrongAnswer('sum', value);
  },
};

/** The `index`th array: all its elements the same, so that the sum is known. */
export function arrayAt(index: number): Float64Array {
  return new Float64Array(LENGTH).fill(index);
}
