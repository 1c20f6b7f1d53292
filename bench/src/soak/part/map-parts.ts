import { setImmediate as turn } from 'node:timers/promises';
import type { Action, Outcome } from '@heddle/core';
import type { MapOptions } from '@heddle/worker-pool';
import { endsThreads, mixesItems } from '../../work/mischief/fault-action.ts';
import { addOneChecked } from '../../work/tiny-action.ts';
import { endOf, type Stage } from '../stage.ts';
import type { Part } from './part.ts';

/** Maps, most of whose items travel in packs. */
export const MAP_PARTS: readonly Part[] = [
  { name: 'maps', weight: 4, run: (stage) => maps(stage, 'map', addOneChecked, () => 'ok', {}) },
  { name: 'maps with faults', weight: 3, run: (stage) => maps(stage, 'map with faults', mixesItems, mixedEnd, {}) },
  {
    name: 'maps that end threads',
    weight: 1,
    run: (stage) =>
      maps(stage, 'map that ends threads', endsThreads, endingEnd, { timeoutMs: stage.random.whole(5, 30), ...stage.place.deaf }),
  },
  { name: 'maps that are left', weight: 2, run: (stage) => leaves(stage) },
  { name: 'maps that are aborted', weight: 2, run: (stage) => aborts(stage) },
];

function mixedEnd(item: number): string {
  const kind = item % 1000;
  if (kind === 202) return 'uncloneable';
  return kind === 101 || kind === 404 ? 'execution_error' : 'ok';
}

function endingEnd(item: number): string {
  const kind = item % 1000;
  if (kind === 505) return 'worker_lost';
  return kind === 606 ? 'timeout' : 'ok';
}

/** Numbers, from an iterable of some kind. */
function items(stage: Stage, count: number): Iterable<number> | AsyncIterable<number> {
  const list = Array.from({ length: count }, (_, index) => index);
  if (stage.random.chance(0.7)) return list;
  return (async function* () {
    for (const item of list) {
      if (item % 100 === 0) await turn();
      yield item;
    }
  })();
}

function mapOptions(stage: Stage, more: MapOptions): MapOptions {
  const { random } = stage;
  const { priority = 0, telemetry = 'full' } = stage.options();
  const concurrency = random.chance(0.2) ? { concurrency: random.whole(1, 50) } : {};
  return { priority, telemetry, ordered: random.chance(0.5), ...concurrency, ...more };
}

async function maps<V>(
  stage: Stage,
  what: string,
  action: Action<number, V>,
  endOfItem: (item: number) => string,
  more: MapOptions,
): Promise<void> {
  const count = stage.random.whole(1, what === 'map that ends threads' ? 1200 : 3000);
  const options = mapOptions(stage, more);
  const seen = new Set<number>();
  await stage.ends(what, ['ended'], async () => {
    let last = -1;
    for await (const { index, outcome } of stage.runtime.map(action, items(stage, count), options)) {
      if (seen.has(index)) stage.complain(`item ${index} of a ${what} came twice`);
      seen.add(index);
      if (options.ordered && index !== last + 1) stage.complain(`item ${index} of an ordered ${what} came after ${last}`);
      last = index;
      checkItem(stage, what, index, outcome, endOfItem(index));
    }
    if (!stage.place.closing) stage.check(seen.size === count, `${seen.size} of ${count} items of a ${what} came`);
    return 'ended';
  });
}

function checkItem(stage: Stage, what: string, item: number, outcome: Outcome, expected: string): void {
  const { closing, limited, shared } = stage.place;
  const end = endOf(outcome);
  if (outcome.ok && typeof outcome.value === 'number' && outcome.value !== item + 1)
    stage.complain(`item ${item} of a ${what} came back as ${outcome.value}`);
  if (end === expected) return;
  const forgiven =
    (closing && (end === 'closed' || end === 'cancelled')) || (limited && end === 'overloaded') || (shared && end === 'worker_lost');
  // A lane that is lost may hold what had been done and not told, and any item may be slower than so short a limit.
  const untold = what === 'map that ends threads' && (end === 'worker_lost' || end === 'timeout');
  if (!forgiven && !untold)
    stage.complain(`item ${item} of a ${what} must end with ${expected}; ${end} came ${outcome.ok ? '' : outcome.error.message}`);
}

/** Leaves the loop in the middle. */
async function leaves(stage: Stage): Promise<void> {
  const count = stage.random.whole(100, 2000);
  const until = stage.random.whole(0, count - 1);
  await stage.ends('map that is left', ['ended'], async () => {
    let seen = 0;
    for await (const { outcome } of stage.runtime.map(addOneChecked, items(stage, count), mapOptions(stage, {}))) {
      checkItem(stage, 'map that is left', -1, outcome.ok ? { ...outcome, value: 0 } : outcome, 'ok');
      if (seen++ === until) break;
    }
    return 'ended';
  });
}

async function aborts(stage: Stage): Promise<void> {
  const { random } = stage;
  const controller = new AbortController();
  const { signal } = controller;
  const options = mapOptions(stage, random.chance(0.5) ? { signal } : { drainSignal: signal });
  const until = random.whole(0, 1500);
  await stage.ends('map that is aborted', ['ended', 'cancelled'], async () => {
    let seen = 0;
    for await (const { outcome } of stage.runtime.map(addOneChecked, items(stage, 2000), options)) {
      if (!['ok', 'cancelled'].includes(endOf(outcome))) checkItem(stage, 'map that is aborted', -1, outcome, 'cancelled');
      if (seen++ === until) controller.abort();
    }
    return 'ended';
  });
}
