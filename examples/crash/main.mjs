import { createRuntime } from 'heddle';
import { decode } from './decode.mjs';

const runtime = createRuntime({ onEvent: () => {} });
// What may crash runs in processes, everything else on threads. A crash on a thread would end this program.
const risky = runtime.instance('risky', { isolation: 'process' });

for (const file of ['a.jpg', 'broken.jpg', 'b.jpg']) {
  const outcome = await risky.run(decode, { file });
  console.log(outcome.ok ? outcome.value : outcome.error.message);
}
console.log('processes lost:', risky.stats().lanesLost);

await runtime.close();
