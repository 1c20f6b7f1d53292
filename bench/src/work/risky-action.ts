import { type Action, defineAction } from '@heddle/core';
import { type Risky, risky } from './risky.ts';

export const riskyAction: Action<Risky, number> = defineAction({
  module: import.meta.url,
  name: 'risky',
  run: (params: Risky): number => risky(params),
});
