import { setTimeout as sleep } from 'node:timers/promises';
import { type Action, defineAction, fail, ok } from '@heddle/core';

type None = Readonly<Record<string, never>>;

const module: string = import.meta.url;

/** Computes for so long. */
export const spinsFor: Action<{ readonly ms: number }, number> = defineAction({
  module,
  name: 'spinsFor',
  run: ({ ms }): number => {
    const end = performance.now() + ms;
    let turns = 0;
    while (performance.now() < end) turns++;
    return turns;
  },
});

/** Waits for so long, and goes when it is asked to. */
export const waitsFor: Action<{ readonly ms: number }, number> = defineAction({
  module,
  name: 'waitsFor',
  run: async ({ ms }, { signal }): Promise<number> => {
    await sleep(ms, undefined, { signal });
    return ms;
  },
});

/** Gives the buffer back that it was given. */
export const movesBack: Action<{ readonly data: ArrayBuffer }, { readonly data: ArrayBuffer }> = defineAction({
  module,
  name: 'movesBack',
  run: ({ data }, ctx): { readonly data: ArrayBuffer } => {
    ctx.transfer(data);
    return { data };
  },
});

/** Fails until it is tried for this time. */
export const failsUntil: Action<{ readonly attempt: number }, number> = defineAction({
  module,
  name: 'failsUntil',
  run: ({ attempt }, ctx) => (ctx.attempt < attempt ? fail(`not before ${attempt}`) : ok(ctx.attempt, { tried: ctx.attempt })),
});

/** Says that many things, in an order that can be checked. */
export const talks: Action<{ readonly kind: 'log' | 'progress' | 'console'; readonly count: number }, number> = defineAction({
  module,
  name: 'talks',
  run: ({ kind, count }, ctx): number => {
    for (let turn = 0; turn < count; turn++) {
      if (kind === 'log') ctx.log.debug({ turn }, 'talking');
      else if (kind === 'progress') ctx.progress(turn);
      else console.debug('talking', turn);
    }
    return count;
  },
});

/** Registers cleanups, and listens to nothing until it is asked to end. */
export const cleansUp: Action<{ readonly ms: number }, string> = defineAction({
  module,
  name: 'cleansUp',
  run: async ({ ms }, ctx): Promise<string> => {
    ctx.defer(() => sleep(1));
    await sleep(ms, undefined, { signal: ctx.signal });
    return 'done';
  },
});

/** A step of chains and plans: adds one to what it finds. */
export const adds: Action<{ readonly total?: number; readonly by?: number }, { readonly total: number }> = defineAction({
  module,
  name: 'adds',
  run: ({ total = 0, by = 1 }): { readonly total: number } => ({ total: total + by }),
});

export const failsAlways: Action<None, never> = defineAction({
  module,
  name: 'failsAlways',
  run: (_params: None) => fail('never'),
});
