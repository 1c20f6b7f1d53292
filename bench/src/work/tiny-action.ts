import { type Action, defineAction, Type } from '@heddle/core';
import { addOne, sum } from './tiny.ts';

export const addOneChecked: Action<number, number> = defineAction({
  module: import.meta.url,
  name: 'addOne',
  schema: Type.Integer(),
  outputSchema: Type.Integer(),
  run: (value) => addOne(value),
});

export const sumChecked: Action<Float64Array, number> = defineAction({
  module: import.meta.url,
  name: 'sum',
  schema: Type.Unsafe<Float64Array>(Type.Any()),
  run: (values) => sum(values),
});
