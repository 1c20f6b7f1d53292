import { all, child, completion, createRuntime, getChildren } from 'heddle';
import { coordinator } from './coordinator.ts';

const runtime = createRuntime();
const agent = runtime.startAgent(coordinator, {}, { id: 'primes' });
agent.send('begin', { upTo: 300_000 });

// By tag, before they are even there.
const tags = ['worker_1', 'worker_2', 'worker_3'];
const parts = await Promise.all(tags.map((tag) => child(agent, tag, 30_000)));
const found = parts.map((part) => (part.ok && part.value.status === 'completed' ? Number(part.value.result) : Number.NaN));
console.log(
  found,
  found.reduce((sum, count) => sum + count, 0),
);

// Completed is not ended: the workers are still there, and answer.
const children = getChildren(agent);
if (children.ok) {
  const again = await all(children.value.values());
  console.log(
    [...children.value.values()].map(({ id }) => id),
    again.ok && again.value.size,
  );
  for (const [, worker] of children.value) await runtime.cancel(worker);
}
const done = await completion(agent);
console.log(done.ok && done.value.result);
await runtime.close();
