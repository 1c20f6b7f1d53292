import { type Action, defineAction, fail, type Outcome } from '@heddle/core';
import { addOneChecked } from '../tiny-action.ts';
import { exits } from './fault-action.ts';
import { failsAlways, waitsFor } from './plain-action.ts';

const module: string = import.meta.url;

/** What a parent does. */
export interface FamilyParams {
  readonly depth: number;
  readonly width: number;
  /** A share of its children fails, or ends its thread. */
  readonly fault: 'none' | 'fails' | 'exits';
}

/** Runs children, which run children; answers how many have ended well. */
export const raises: Action<FamilyParams, number> = defineAction({
  module,
  name: 'raises',
  run: async ({ depth, width, fault }, ctx): Promise<number> => {
    const children = Array.from({ length: width }, (_, index): Promise<Outcome<number>> => {
      if (depth > 1) return ctx.run(raises, { depth: depth - 1, width, fault: index === 0 ? fault : 'none' });
      if (index > 0 || fault === 'none') return ctx.run(addOneChecked, index);
      return fault === 'fails' ? ctx.run(failsAlways) : ctx.run(exits, { later: false }, {}, { maxRetries: 0 });
    });
    const outcomes = await Promise.all(children);
    return outcomes.reduce((sum, outcome) => sum + (outcome.ok ? (depth > 1 ? outcome.value : 1) : 0), 0);
  },
});

/** Leaves children behind when it ends. */
export const leavesChildren: Action<{ readonly ms: number; readonly fails: boolean }, string> = defineAction({
  module,
  name: 'leavesChildren',
  run: ({ ms, fails }, ctx) => {
    ctx.start(waitsFor, { ms });
    ctx.spawn('stopped', waitsFor, { ms }, { onParentDeath: 'stop' });
    ctx.spawn('on', waitsFor, { ms }, { onParentDeath: 'continue' });
    ctx.spawn('orphan', waitsFor, { ms }, { onParentDeath: 'orphan' });
    return fails ? fail('and leaves children') : 'left';
  },
});

/** Always fails; how it is made good is its param. */
export const makesGood: Action<{ readonly how: 'good' | 'fails' | 'spins' | 'exits' }, never> = defineAction({
  module,
  name: 'makesGood',
  compensation: { enabled: true, maxRetries: 0, timeoutMs: 2000 },
  run: () => fail('to be made good'),
  onError: ({ how }) => {
    if (how === 'exits') process.exit(6);
    if (how === 'spins') for (;;);
    return how === 'fails' ? fail('not made good') : { undone: true };
  },
});

/** Calls an object of the host. */
export const callsHost: Action<{ readonly method: 'adds' | 'waits' | 'throws' | 'never'; readonly count: number }, number> = defineAction({
  module,
  name: 'callsHost',
  run: async ({ method, count }, ctx): Promise<number> => {
    let sum = 0;
    for (let call = 0; call < count; call++) sum += await ctx.services.soak[method](call);
    return sum;
  },
});

/** The host's object. */
export interface SoakService {
  adds(value: number): number;
  waits(value: number): Promise<number>;
  throws(value: number): number;
  never(value: number): Promise<number>;
}

declare module '@heddle/core' {
  interface Services {
    readonly soak: SoakService;
  }
}
