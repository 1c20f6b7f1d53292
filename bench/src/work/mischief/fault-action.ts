import { type Action, defineAction, Type } from '@heddle/core';

type None = Readonly<Record<string, never>>;

const module: string = import.meta.url;

const refuse = (): never => {
  throw new Error('a trap threw');
};

function circle(): unknown {
  const error = new Error('round');
  error.cause = Object.assign(new Error('and round'), { cause: error });
  return error;
}

const THROWN: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  zero: () => 0,
  empty: () => '',
  symbol: () => Symbol('thrown'),
  function: () => refuse,
  frozen: () => Object.freeze({ message: 'frozen' }),
  proxy: () => new Proxy({}, { get: refuse, has: refuse, getPrototypeOf: refuse, getOwnPropertyDescriptor: refuse, ownKeys: refuse }),
  getters: () => Object.defineProperties(new Error('hidden'), { stack: { get: refuse }, message: { get: refuse }, code: { get: refuse } }),
  many: () => Object.assign(new AggregateError([new TypeError('first')], 'many'), { code: 'E_MANY', cause: new SyntaxError('behind it') }),
  long: () => new Error('x'.repeat(100_000)),
  circle,
};

/** The kinds of what may be thrown. */
export const THROWN_KINDS: readonly string[] = Object.keys(THROWN);

export const throwsKind: Action<{ readonly kind: string }, never> = defineAction({
  module,
  name: 'throwsKind',
  run: ({ kind }): never => {
    throw THROWN[kind]?.();
  },
});

/** Gives what does not cross. */
export const givesUncloneable: Action<None, unknown> = defineAction({
  module,
  name: 'givesUncloneable',
  run: (_params: None): unknown => ({ deep: [{ fn: refuse }] }),
});

/** Whatever it is given. */
export const takesAnything: Action<Readonly<Record<string, unknown>>, boolean> = defineAction({
  module,
  name: 'takesAnything',
  run: () => true,
});

/** Its result is none that it may have. */
export const givesWrong: Action<{ readonly count: number }, number> = defineAction({
  module,
  name: 'givesWrong',
  schema: Type.Object({ count: Type.Integer() }),
  outputSchema: Type.Integer({ minimum: 1 }),
  run: ({ count }) => -count,
});

export const exits: Action<{ readonly later: boolean }, never> = defineAction({
  module,
  name: 'exits',
  run: ({ later }): Promise<never> => {
    if (!later) process.exit(3);
    setImmediate(() => process.exit(4));
    return new Promise(() => {});
  },
});

export const overflows: Action<None, number> = defineAction({
  module,
  name: 'overflows',
  run: (_params: None): number => {
    const deeper = (depth: number): number => deeper(depth + 1) + 1;
    return deeper(0);
  },
});

/** Throws where nobody catches, while it runs or when it has returned. */
export const strays: Action<{ readonly timer: boolean; readonly late: boolean }, string> = defineAction({
  module,
  name: 'strays',
  run: ({ timer, late }): string | Promise<string> => {
    setImmediate(() => {
      if (timer) throw new Error('in a timer');
      void Promise.reject(new Error('floating')); // nobody awaits it: that is the fault
    });
    return late ? 'returned' : new Promise(() => {});
  },
});

export const eatsHeap: Action<None, never> = defineAction({
  module,
  name: 'eatsHeap',
  run: (_params: None): never => {
    const eaten: unknown[] = [];
    for (;;) eaten.push(new Array(10_000).fill(eaten.length / 7));
  },
});

/** Ends its own process, as a crash in native code does. Not for threads. */
export const killsProcess: Action<None, never> = defineAction({
  module,
  name: 'killsProcess',
  run: (_params: None): Promise<never> => {
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => {});
  },
});

/** Which item of a map does what, by its number. */
export const mixesItems: Action<number, unknown> = defineAction({
  module,
  name: 'mixesItems',
  schema: Type.Integer(),
  run: (item): unknown => {
    const kind = item % 1000;
    if (kind === 101) throw new Error(`item ${item}`);
    if (kind === 202) return refuse;
    if (kind === 303) return { item, label: `item ${item}` };
    if (kind === 404) return overflow(0);
    return item + 1;
  },
});

/** The same, and one in a hundred thousand ends its thread or never ends. */
export const endsThreads: Action<number, unknown> = defineAction({
  module,
  name: 'endsThreads',
  schema: Type.Integer(),
  run: (item): unknown => {
    if (item % 1000 === 505) process.exit(5);
    if (item % 1000 === 606) for (;;);
    return item + 1;
  },
});

function overflow(depth: number): number {
  return overflow(depth + 1) + 1;
}
