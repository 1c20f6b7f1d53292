import { type Action, defineAction } from '@heddle/core';
import { answerOne } from './nothing.ts';

export const answerOneAction: Action<object, number> = defineAction({
  module: import.meta.url,
  name: 'answerOne',
  run: () => answerOne(),
});
