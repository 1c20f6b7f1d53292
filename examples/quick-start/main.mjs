import { createRuntime } from 'heddle';
import { countPrimes } from './count-primes.mjs';

const runtime = createRuntime();
const outcome = await runtime.run(countPrimes, { below: 1_000_000 });
console.log(outcome.ok ? outcome.value.count : outcome.error.message);
await runtime.close();
