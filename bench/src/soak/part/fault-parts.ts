import { type Action, defineAction } from '@heddle/core';
import type { TaskOptions } from '@heddle/worker-pool';
import { askingAction, endlessAction, waitingAction } from '../../work/endless-action.ts';
import { makesGood } from '../../work/mischief/family-action.ts';
import {
  exits,
  givesUncloneable,
  givesWrong,
  overflows,
  strays,
  THROWN_KINDS,
  takesAnything,
  throwsKind,
} from '../../work/mischief/fault-action.ts';
import { spinsFor } from '../../work/mischief/plain-action.ts';
import { type Stage, UNLIMITED } from '../stage.ts';
import type { Part } from './part.ts';

/** Once: what it does is done before any retry. */
const ONCE = { maxRetries: 0 } as const;

/** Work that ends badly, each kind as it must. */
export const FAULT_PARTS: readonly Part[] = [
  { name: 'throwing', weight: 6, run: (stage) => throwing(stage) },
  { name: 'not crossing', weight: 4, run: (stage) => notCrossing(stage) },
  { name: 'not valid', weight: 3, run: (stage) => notValid(stage) },
  { name: 'deaf loops', weight: 2, run: (stage) => timed(stage, 'deaf loop', endlessAction) },
  { name: 'asking loops', weight: 2, run: (stage) => timed(stage, 'asking loop', askingAction) },
  { name: 'listening', weight: 3, run: (stage) => timed(stage, 'listening', waitingAction) },
  { name: 'exits', weight: 2, run: (stage) => ends(stage, 'exit', ['worker_lost'], exits, { later: stage.random.chance(0.5) }) },
  { name: 'overflows', weight: 2, run: (stage) => ends(stage, 'stack overflow', ['execution_error'], overflows, {}) },
  { name: 'strays', weight: 2, run: (stage) => straying(stage) },
  { name: 'not loading', weight: 2, run: (stage) => notLoading(stage) },
  { name: 'limits', weight: 5, run: (stage) => limits(stage) },
  { name: 'compensation', weight: 3, run: (stage) => compensation(stage) },
];

function ends<P>(stage: Stage, what: string, allowed: readonly string[], action: Action<P, unknown>, params: P): Promise<unknown> {
  return stage.settles(what, allowed, () => stage.runtime.start(action as Action, params, {}, stage.options(ONCE)).outcome(UNLIMITED)); // params are the action's
}

function throwing(stage: Stage): Promise<unknown> {
  const kind = stage.random.pick(THROWN_KINDS);
  return stage.settles('throwing', ['execution_error'], () =>
    stage.runtime.run(throwsKind, { kind }, {}, stage.options({ maxRetries: stage.random.whole(0, 1), backoffMs: 1 })),
  );
}

function notCrossing(stage: Stage): Promise<unknown> {
  if (stage.random.chance(0.5)) return ends(stage, 'result that does not clone', ['uncloneable'], givesUncloneable, {});
  return ends(stage, 'params that do not clone', ['uncloneable'], takesAnything, { deep: { fn: () => {} } });
}

function notValid(stage: Stage): Promise<unknown> {
  if (stage.random.chance(0.5)) return ends(stage, 'result that is not valid', ['validation_error'], givesWrong, { count: 1 });
  return ends(stage, 'params that are not valid', ['validation_error'], givesWrong, { count: 1.5 });
}

function timed(stage: Stage, what: string, action: Action<Readonly<Record<string, never>>, unknown>): Promise<unknown> {
  const timeoutMs = stage.random.whole(1, 20);
  const where = action === endlessAction ? stage.place.deaf : {};
  return stage.starts(what, ['timeout'], () => stage.runtime.start(action, {}, {}, stage.options({ ...ONCE, timeoutMs, ...where })));
}

function straying(stage: Stage): Promise<unknown> {
  const late = stage.random.chance(0.5);
  const params = { late, timer: stage.random.chance(0.5) };
  return ends(stage, late ? 'late stray' : 'stray', [late ? 'ok' : 'execution_error'], strays, params);
}

const BROKEN: readonly Action<Readonly<Record<string, never>>, unknown>[] = ['throws-on-load.js', 'not-there.js', 'plain-action.js'].map(
  (file) =>
    defineAction({ module: new URL(`../../work/mischief/${file}`, import.meta.url).href, name: 'isNotThere', run: () => undefined }),
);

function notLoading(stage: Stage): Promise<unknown> {
  return ends(stage, 'file that does not load', ['load_error'], stage.random.pick(BROKEN), {});
}

/** A limit of some kind, that may or may not be kept. */
function limits(stage: Stage): Promise<unknown> {
  const { random, runtime } = stage;
  const ms = random.whole(0, 20);
  const kinds: readonly TaskOptions[] = [
    { timeoutMs: ms },
    { totalTimeoutMs: ms },
    { queueTimeoutMs: ms },
    { deadline: Date.now() + ms },
    { timeoutMs: 0 },
    { deadline: Date.now() - 1 },
  ];
  const limit = random.pick(kinds);
  const options = stage.options({ ...limit, maxRetries: random.whole(0, 1), backoffMs: 1 });
  return stage.starts(`limit ${Object.keys(limit).join()}`, ['ok', 'timeout'], () =>
    runtime.start(spinsFor, { ms: random.whole(1, 12) }, {}, options),
  );
}

function compensation(stage: Stage): Promise<unknown> {
  const { random, runtime } = stage;
  const how = random.pick(['good', 'good', 'fails', 'spins', 'exits'] as const);
  const options = stage.options({
    maxRetries: random.whole(0, 1),
    backoffMs: 1,
    compensation: { timeoutMs: how === 'spins' ? 10 : 60_000 },
    ...(how === 'spins' ? stage.place.deaf : {}),
  });
  return stage.starts(`compensation: ${how}`, ['compensation_error'], () => runtime.start(makesGood, { how }, {}, options));
}
