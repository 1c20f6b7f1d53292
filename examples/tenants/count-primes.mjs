import { defineAction, Type } from 'heddle';

export const countPrimes = defineAction({
  module: import.meta.url,
  name: 'countPrimes',
  schema: Type.Object({ below: Type.Integer({ minimum: 2 }) }),
  run({ below }, ctx) {
    let count = 0;
    for (let n = 2; n < below; n++) {
      ctx.throwIfCancelled();
      if (isPrime(n)) count++;
    }
    return { count };
  },
});

/** @param {number} n */
function isPrime(n) {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
  return true;
}
