import { getEventListeners } from 'node:events';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import type { Action } from '@heddle/core';
import type { AsyncRef } from '@heddle/worker-pool';
import { askingAction, endlessAction, waitingAction } from '../../work/endless-action.ts';
import { raises } from '../../work/mischief/family-action.ts';
import { spinsFor, waitsFor } from '../../work/mischief/plain-action.ts';
import { addOneChecked } from '../../work/tiny-action.ts';
import { endOf, type Stage, thrownBy, UNLIMITED } from '../stage.ts';
import type { Part } from './part.ts';

const LONG = { timeoutMs: Number.POSITIVE_INFINITY, maxRetries: 0 } as const;

/** Some of what is started are parents, which may be lost with what runs where they wait. */
const LOST_WITH = ['worker_lost'] as const;

/** Ends that race with completions. */
export const RACE_PARTS: readonly Part[] = [
  { name: 'cancels', weight: 10, run: (stage) => cancels(stage) },
  { name: 'cancelled loops', weight: 2, run: (stage) => cancelledLoop(stage) },
  { name: 'one signal', weight: 3, run: (stage) => oneSignal(stage) },
  { name: 'waits that end early', weight: 3, run: (stage) => shortWait(stage) },
  { name: 'scopes', weight: 3, run: (stage) => scope(stage) },
  { name: 'a blocked main loop', weight: 0.3, run: (stage) => blocks(stage) },
];

/** A moment that may come before, in the midst of, or after what it races with. */
async function moment(stage: Stage): Promise<void> {
  const kind = stage.random.whole(0, 4);
  if (kind === 1) await null;
  if (kind === 2) await turn();
  if (kind > 2) await sleep(stage.random.whole(0, 5));
}

function startsAny(stage: Stage): () => AsyncRef {
  const { random, runtime } = stage;
  const ms = random.whole(0, 4);
  const options = stage.options({ maxRetries: 0 });
  return random.pick<() => AsyncRef>([
    () => runtime.start(addOneChecked, 1, {}, options),
    () => runtime.start(spinsFor, { ms }, {}, options),
    () => runtime.start(waitsFor, { ms }, {}, options),
    // What an instance runs is the instance's to cancel.
    ...(stage.place.families.instance === undefined
      ? [() => runtime.start(raises, { depth: 1, width: 2, fault: 'none' as const }, {}, options)]
      : []),
  ]);
}

async function cancels(stage: Stage): Promise<void> {
  const { random, runtime } = stage;
  await Promise.all(
    Array.from({ length: random.whole(1, 12) }, () => {
      const way = random.whole(0, 3);
      return stage.starts('cancel', ['ok', 'cancelled', ...LOST_WITH], startsAny(stage), async (ref) => {
        await moment(stage);
        const cancelled = await (way === 0 ? ref.cancel('racing') : runtime.cancel(way === 1 ? ref.id : ref, 'racing'));
        stage.check(cancelled.ok || (way === 1 && endOf(cancelled) === 'invalid_async_ref'), `a cancel ended with ${endOf(cancelled)}`);
      });
    }),
  );
}

function cancelledLoop(stage: Stage): Promise<unknown> {
  const { random, runtime } = stage;
  const action: Action<Readonly<Record<string, never>>, unknown> = random.pick([endlessAction, askingAction, waitingAction]);
  return stage.starts(
    'cancelled loop',
    ['cancelled'],
    () => runtime.start(action, {}, {}, stage.options({ ...LONG, ...(action === endlessAction ? stage.place.deaf : {}) })),
    async (ref) => {
      while (ref.status === 'queued') await sleep(1);
      await moment(stage);
      await ref.cancel('enough');
    },
  );
}

async function oneSignal(stage: Stage): Promise<void> {
  const { random, runtime } = stage;
  const { signal, controller } = signalOf();
  if (random.chance(0.1)) controller.abort();
  const options = stage.options({ signal, maxRetries: 0 });
  const tasks = Array.from({ length: random.whole(1, 100) }, () =>
    stage.settles('with a signal', ['ok', 'cancelled'], () => runtime.run(spinsFor, { ms: 0.1 }, {}, options)),
  );
  await moment(stage);
  controller.abort(random.chance(0.5) ? new Error('aborted') : undefined);
  await Promise.all(tasks);
  const left = getEventListeners(signal, 'abort').length;
  stage.check(left === 0, `${left} listeners are left on a signal`);
}

function signalOf(): { readonly signal: AbortSignal; readonly controller: AbortController } {
  const controller = new AbortController();
  return { signal: controller.signal, controller };
}

/** A wait that is over before its task: the task is cancelled, or left. */
async function shortWait(stage: Stage): Promise<void> {
  const { random, runtime } = stage;
  const leave = random.chance(0.5);
  const timeoutMs = random.whole(0, 6);
  await stage.starts(
    'waited for too short',
    leave ? ['ok', ...LOST_WITH] : ['ok', 'cancelled', ...LOST_WITH],
    startsAny(stage),
    async (ref) => {
      const waited = await runtime.await(ref, { timeoutMs, ...(leave ? { onTimeout: 'leave' } : {}) });
      stage.check(
        ['ok', 'timeout', ...(stage.place.closing ? ['cancelled', 'closed'] : []), 'overloaded', 'worker_lost'].includes(endOf(waited)),
        `a wait ended with ${endOf(waited)}`,
      );
    },
  );
}

async function scope(stage: Stage): Promise<void> {
  const { random, runtime } = stage;
  let scope: ReturnType<typeof runtime.scope>;
  try {
    scope = runtime.scope();
  } catch (error) {
    stage.check(stage.place.closing && thrownBy(error) === 'closed', `a scope could not be opened: ${error}`);
    return;
  }
  const linked = Array.from({ length: random.whole(1, 8) }, () =>
    stage.settles('in a scope', ['ok', 'cancelled'], () =>
      scope.start(waitsFor, { ms: random.whole(0, 6) }, {}, stage.options({ maxRetries: 0 })).outcome(UNLIMITED),
    ),
  );
  const free = stage.settles('let go by a scope', ['ok'], () =>
    scope.start(waitsFor, { ms: 3 }, {}, stage.options({ link: false })).outcome(UNLIMITED),
  );
  await moment(stage);
  await scope.dispose();
  stage.check(scope.open === 0, `${scope.open} tasks are open in a scope that was disposed`);
  await Promise.all([...linked, free]);
}

async function blocks(stage: Stage): Promise<void> {
  const end = performance.now() + stage.random.whole(20, 120);
  while (performance.now() < end);
}
