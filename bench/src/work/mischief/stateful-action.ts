import { type AgentDefinition, type CoroutineAction, defineAction, defineAgent, fail, Thrown, Type } from '@heddle/core';

const module: string = import.meta.url;

/** What a coroutine does when it is resumed by it. */
export type Turn = 'on' | 'return' | 'throw' | 'thrown' | 'exit' | 'spin' | 'wait';

/** Does as it is told, step by step; counts. */
export const obeys: CoroutineAction<object, number, number, Turn> = defineAction({
  module,
  name: 'obeys',
  *run(_params: object, ctx): Generator<number, number, Turn> {
    let steps = 0;
    ctx.defer(() => steps);
    for (;;) {
      const turn = yield steps++;
      if (turn === 'return') return steps;
      if (turn === 'throw') throw new Error('as told');
      if (turn === 'thrown') throw new Thrown({ steps });
      if (turn === 'exit') process.exit(7);
      if (turn === 'spin') for (;;);
    }
  },
});

/** Gives so many numbers, then ends or throws. */
export const gives: CoroutineAction<{ readonly count: number; readonly fails: boolean }, number, string, unknown> = defineAction({
  module,
  name: 'gives',
  *run({ count, fails }: { readonly count: number; readonly fails: boolean }): Generator<number, string, unknown> {
    for (let value = 0; value < count; value++) yield value;
    if (fails) throw new Error('at the end');
    return 'given';
  },
});

/** What it keeps. */
interface Moody {
  readonly count: number;
  readonly status: string;
}

/** Counts, and fails as it is told. */
export const moody: AgentDefinition<
  Moody,
  { readonly add: number; readonly fail: unknown; readonly exit: unknown; readonly spin: unknown }
> = defineAgent({
  module,
  name: 'moody',
  schema: Type.Object({ count: Type.Integer({ default: 0 }), status: Type.String({ default: 'open' }) }),
  initialState: { count: 0, status: 'open' },
  timeoutMs: 60_000,
  restart: { max: 100 },
  on: {
    add: (state, by: number) => ({ ...state, count: state.count + by }),
    fail: () => fail('as told'),
    exit: () => process.exit(8),
    spin: () => {
      for (;;);
    },
  },
});
