import type { Action } from '@heddle/core';
import { basketOf } from '../../work/basket.ts';
import { callsHost } from '../../work/mischief/family-action.ts';
import { cleansUp, failsUntil, movesBack, spinsFor, talks, waitsFor } from '../../work/mischief/plain-action.ts';
import { orderAt } from '../../work/order.ts';
import { priceBasketChecked, priceOrderChecked } from '../../work/order-action.ts';
import type { Stage } from '../stage.ts';
import type { Part } from './part.ts';

/** Work that ends well. */
export const TASK_PARTS: readonly Part[] = [
  { name: 'tiny calls', weight: 10, run: tinyCalls },
  { name: 'large among small', weight: 1, run: largeAmongSmall },
  { name: 'computing', weight: 6, run: (stage) => computes(stage) },
  { name: 'waiting', weight: 4, run: (stage) => waits(stage) },
  { name: 'moving', weight: 4, run: (stage) => moves(stage) },
  { name: 'retries', weight: 4, run: (stage) => retries(stage) },
  { name: 'talking', weight: 3, run: (stage) => talking(stage) },
  { name: 'services', weight: 4, run: (stage) => services(stage) },
  { name: 'alone', weight: 0.5, run: (stage) => alone(stage) },
  { name: 'cleaning up', weight: 2, run: (stage) => cleaning(stage) },
];

function tinyCalls(stage: Stage): Promise<void> {
  const { random } = stage;
  const orders = Array.from({ length: random.whole(10, 400) }, (_, index) => orderAt(random.whole(0, 1000) + index));
  return callsEach(stage, 'tiny call', priceOrderChecked, orders, (order, { id }) => id === order.id);
}

/** An action that is quick and is sent little, as a rule. */
function largeAmongSmall(stage: Stage): Promise<void> {
  const { random } = stage;
  const small = Array.from({ length: random.whole(10, 100) }, () => basketOf(1));
  const large = basketOf(random.whole(1000, 10_000));
  const baskets = [...small, ...Array.from({ length: random.whole(2, 6) }, () => large)];
  return callsEach(stage, 'large among small', priceBasketChecked, baskets, ({ orders }, priced) => priced.orders.length === orders.length);
}

/** All at once; `answers` says whether a value is that of its params. */
async function callsEach<P, V>(
  stage: Stage,
  what: string,
  action: Action<P, V>,
  all: readonly P[],
  answers: (params: P, value: V) => boolean,
): Promise<void> {
  const options = stage.options();
  await Promise.all(
    all.map(async (params, nth) => {
      const outcome = await stage.settles(what, ['ok'], () => stage.runtime.run(action, params, {}, options));
      // As the action says.
      if (outcome?.ok) stage.check(answers(params, outcome.value as V), `${what} ${nth} of ${all.length} came back as another`);
    }),
  );
}

function computes(stage: Stage): Promise<unknown> {
  const ms = stage.random.whole(1, 30);
  return stage.starts('computing', ['ok'], () => stage.runtime.start(spinsFor, { ms }, {}, stage.options()));
}

function waits(stage: Stage): Promise<unknown> {
  const ms = stage.random.whole(1, 30);
  const { runtime } = stage;
  return stage.settles('awaited', ['ok'], () => {
    const ref = runtime.start(waitsFor, { ms }, {}, stage.options());
    return runtime.await(ref, Number.POSITIVE_INFINITY);
  });
}

async function moves(stage: Stage): Promise<void> {
  const bytes = stage.random.whole(1, 200_000);
  const data = new ArrayBuffer(bytes);
  const options = stage.options({ transfer: [data], maxRetries: 0 });
  const outcome = await stage.settles('moved', ['ok'], () => stage.runtime.run(movesBack, { data }, {}, options));
  // As the action says.
  if (outcome?.ok) stage.check((outcome.value as { data: ArrayBuffer }).data.byteLength === bytes, `${bytes} bytes did not come back`);
}

function retries(stage: Stage): Promise<unknown> {
  const { random, runtime } = stage;
  const attempt = random.whole(2, 4);
  const enough = random.chance(0.7);
  const options = stage.options({
    maxRetries: enough ? attempt - 1 : attempt - 2,
    backoffMs: random.whole(0, 3),
    jitter: random.chance(0.5),
  });
  // An attempt that is lost with a neighbour is one less to fail.
  const ends = enough && !stage.place.shared ? ['ok'] : enough ? ['ok', 'execution_error'] : ['execution_error'];
  return stage.starts(`retried ${enough ? 'enough' : 'in vain'}`, ends, () => runtime.start(failsUntil, { attempt }, {}, options));
}

async function talking(stage: Stage): Promise<void> {
  const { random, runtime } = stage;
  const kind = random.pick(['log', 'progress', 'console'] as const);
  const count = random.whole(1, 2000);
  let next = 0;
  let inOrder = true;
  const onProgress = (details: unknown): void => {
    if (details !== next++) inOrder = false;
  };
  // An attempt that is lost with a neighbour would say it all again.
  const options = stage.options({ onProgress, maxRetries: 0 });
  const outcome = await stage.settles(`talking by ${kind}`, ['ok'], () => runtime.run(talks, { kind, count }, {}, options));
  if (outcome?.ok && kind === 'progress')
    stage.check(inOrder && next === count, `${next} of ${count} reports of progress came, in order: ${inOrder}`);
}

function services(stage: Stage): Promise<unknown> {
  const { random, runtime } = stage;
  const method = random.pick(['adds', 'waits', 'throws', 'never'] as const);
  const allowed = { adds: 'ok', waits: 'ok', throws: 'execution_error', never: 'timeout' }[method];
  const options = stage.options({ maxRetries: 0, ...(method === 'never' ? { timeoutMs: random.whole(1, 30) } : {}) });
  return stage.settles(`service ${method}`, [allowed], () => runtime.run(callsHost, { method, count: random.whole(1, 20) }, {}, options));
}

function alone(stage: Stage): Promise<unknown> {
  return stage.settles('alone', ['ok'], () => stage.runtime.run(spinsFor, { ms: 2 }, {}, stage.options({ isolate: true })));
}

function cleaning(stage: Stage): Promise<unknown> {
  const { random, runtime } = stage;
  const options = stage.options({ timeoutMs: random.whole(1, 10), maxRetries: 0 });
  return stage.starts('cleaning up', ['ok', 'timeout'], () => runtime.start(cleansUp, { ms: random.whole(1, 10) }, {}, options));
}
