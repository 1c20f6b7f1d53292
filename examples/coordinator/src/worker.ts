import { defineAgent, Type } from 'heddle';

/** Counts the primes of one range, a slice at a signal: between slices it hears of other signals, such as `cancel`. */
export const worker = defineAgent({
  module: import.meta.url,
  name: 'worker',
  schema: Type.Object({
    status: Type.String({ default: 'working' }),
    next: Type.Integer(),
    end: Type.Integer(),
    found: Type.Integer({ default: 0 }),
    lastAnswer: Type.Optional(Type.Integer()),
  }),
  on: {
    slice: (state, _data, ctx) => {
      if (state.status !== 'working') return undefined;
      const end = Math.min(state.next + 10_000, state.end);
      let found = state.found;
      for (let n = state.next; n < end; n++) if (isPrime(n)) found++;
      if (end === state.end) return { ...state, next: end, found, status: 'completed', lastAnswer: found };
      void ctx.self.send('slice');
      return { ...state, next: end, found };
    },
  },
});

function isPrime(n: number): boolean {
  if (n < 2) return false;
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return true;
}
