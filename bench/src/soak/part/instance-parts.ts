import { setTimeout as sleep } from 'node:timers/promises';
import { createRuntime, type RuntimeOptions } from '@heddle/worker-pool';
import { eatsHeap, killsProcess } from '../../work/mischief/fault-action.ts';
import { spinsFor, waitsFor } from '../../work/mischief/plain-action.ts';
import { orderAt } from '../../work/order.ts';
import { priceOrderChecked } from '../../work/order-action.ts';
import { quiet } from '../quiet.ts';
import type { Stage } from '../stage.ts';
import type { Part } from './part.ts';

const ONCE = { maxRetries: 0 } as const;

/** What needs lanes of its own: those of the instances that the lasting runtime has, or a runtime that is opened and closed for it. */
export const INSTANCE_PARTS: readonly Part[] = [
  { name: 'beside', weight: 2, run: (stage) => beside(stage) },
  { name: 'within', weight: 1, run: (stage) => within(stage) },
  { name: 'heaps', weight: 0.05, run: (stage) => heap(stage) },
  { name: 'processes', weight: 0.3, run: (stage) => processes(stage) },
  { name: 'short runtimes', weight: 0.3, run: (stage) => shortRuntime(stage) },
];

function beside(stage: Stage): Promise<unknown> {
  return stage.settles('beside', ['ok'], () => stage.runtime.run(spinsFor, { ms: 1 }, {}, stage.options({ instance: 'beside' })));
}

function within(stage: Stage): Promise<unknown> {
  return stage.settles('within', ['ok'], () => stage.runtime.run(waitsFor, { ms: 1 }, {}, stage.options({ instance: 'within' })));
}

async function heap(stage: Stage): Promise<void> {
  const options = stage.options({ ...ONCE, instance: 'hungry' });
  await stage.settles('heap out of memory', ['worker_lost'], () => stage.runtime.run(eatsHeap, {}, {}, options));
  await stage.settles('after a heap', ['ok'], () => stage.runtime.run(spinsFor, { ms: 1 }, {}, stage.options({ instance: 'hungry' })));
}

/** Ends a process, from inside or from outside. */
async function processes(stage: Stage): Promise<void> {
  const { random, runtime } = stage;
  const options = stage.options({ ...ONCE, instance: 'apart' });
  if (random.chance(0.5))
    await stage.settles('process that kills itself', ['worker_lost'], () => runtime.run(killsProcess, {}, {}, options));
  else
    await stage.starts(
      'process that is killed',
      ['ok', 'worker_lost'],
      () => runtime.start(waitsFor, { ms: 40 }, {}, options),
      async (ref) => {
        while (ref.threadId === undefined && ref.status !== 'settled') await sleep(1);
        if (ref.status !== 'settled' && ref.threadId !== undefined) kill(ref.threadId);
      },
    );
  await stage.settles('after a process', ['ok'], () => runtime.run(spinsFor, { ms: 1 }, {}, stage.options({ instance: 'apart' })));
}

function kill(processId: number): void {
  try {
    process.kill(processId, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Opens a runtime and closes it, at once, while its lanes load, or when it has worked. */
async function shortRuntime(stage: Stage): Promise<void> {
  const { random } = stage;
  const options: RuntimeOptions = { name: 'short', logger: quiet, graceMs: 50, threads: { max: random.whole(1, 3) } };
  await stage.ends('short runtime', ['closed'], async () => {
    const runtime = createRuntime(options);
    const tasks = Array.from({ length: random.whole(0, 20) }, (_, index) =>
      stage.settles('in a short runtime', ['ok', 'cancelled', 'closed'], () => runtime.run(priceOrderChecked, orderAt(index))),
    );
    await sleep(random.pick([0, 1, 5, 20, 40, 80, 200]));
    await Promise.all([runtime.close({ graceMs: random.pick([0, 20, 1000]) }), runtime.close()]);
    await Promise.all(tasks);
    return 'closed';
  });
}
