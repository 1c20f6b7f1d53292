import { type Action, defineAction, Type } from '@heddle/core';
import { type Spin, spin } from './spin.ts';

export const spinAction: Action<Spin, number> = defineAction({
  module: import.meta.url,
  name: 'spin',
  run: (params: Spin): number => spin(params),
});

export const spinChecked: Action<Spin, number> = defineAction({
  module: import.meta.url,
  name: 'spinChecked',
  schema: Type.Object({ iterations: Type.Integer(), seed: Type.Integer() }),
  outputSchema: Type.Integer(),
  run: spin,
});

/** The same under a name of its own: a runtime then learns that this one is long. */
export const longSpinAction: Action<Spin, number> = defineAction({
  module: import.meta.url,
  name: 'longSpin',
  run: (params: Spin): number => spin(params),
});
