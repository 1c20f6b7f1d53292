import { type Action, defineAction } from '@heddle/core';
import { endless } from './endless.ts';

type None = Readonly<Record<string, never>>;

export const endlessAction: Action<None, never> = defineAction({
  module: import.meta.url,
  name: 'endless',
  run: (_params: None): never => endless(),
});

/** A synchronous loop that asks whether it should go on. */
export const askingAction: Action<None, number> = defineAction({
  module: import.meta.url,
  name: 'asking',
  run: (_params: None, ctx): number => {
    for (;;) ctx.throwIfCancelled();
  },
});

/** Waits for what never comes, and goes when it is asked to. */
export const waitingAction: Action<None, never> = defineAction({
  module: import.meta.url,
  name: 'waiting',
  run: (_params: None, { signal }): Promise<never> =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
});

/** Nanoseconds for one `ctx.throwIfCancelled()`. */
export const askCostAction: Action<None, number> = defineAction({
  module: import.meta.url,
  name: 'askCost',
  run: (_params: None, ctx): number => {
    const calls = 5_000_000;
    const begun = performance.now();
    for (let left = calls; left > 0; left--) ctx.throwIfCancelled();
    return ((performance.now() - begun) * 1e6) / calls;
  },
});
