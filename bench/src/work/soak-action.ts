import { type Action, defineAction, fail, ok } from '@heddle/core';

type None = Readonly<Record<string, never>>;

const module: string = import.meta.url;

/** Fails at its first attempt. */
export const secondTime: Action<None, number> = defineAction({
  module,
  name: 'secondTime',
  run: (_params: None, { attempt }) => (attempt === 1 ? fail('not yet') : ok(attempt)),
});

/** Ends its thread. */
export const crashes: Action<None, never> = defineAction({
  module,
  name: 'crashes',
  run: (_params: None): never => process.exit(3),
});
