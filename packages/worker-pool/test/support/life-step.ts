import fc from 'fast-check';
import type { TaskOptions } from '../../src/task-options.ts';
import { settle } from './fake-clock.ts';
import type { Ending, LifeOptions } from './life.ts';
import type { LifeWorld } from './life-world.ts';

/** One thing that happens to a runtime. `pick` chooses whom it happens to. */
export type Step =
  | { readonly kind: 'start'; readonly given: LifeOptions; readonly count: number }
  | {
      readonly kind: 'await';
      readonly pick: number;
      readonly timeoutMs: number;
      readonly onTimeout: 'cancel' | 'leave';
      readonly signal: number | undefined;
    }
  | { readonly kind: 'finish'; readonly pick: number; readonly ending: Ending; readonly post: boolean }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'close'; readonly graceMs: number }
  | { readonly kind: Picked; readonly pick: number };

type Picked = 'begin' | 'load' | 'work' | 'deliver' | 'cancel' | 'cancelById' | 'abort' | 'open' | 'openFails' | 'end' | 'flush' | 'retire';

const forever = Number.POSITIVE_INFINITY;
const yes = (): boolean => true;
const no = (): boolean => false;

const taskOptions: fc.Arbitrary<TaskOptions> = fc.record({
  maxRetries: fc.nat({ max: 2 }),
  backoffMs: fc.constantFrom(0, 3, 50),
  timeoutMs: fc.constantFrom(5, 60, forever, forever),
  totalTimeoutMs: fc.constantFrom(0, 30, 200, forever, forever, forever, forever, forever),
  queueTimeoutMs: fc.constantFrom(0, 10, 50, forever, forever, forever, forever, forever),
  priority: fc.constantFrom(0, 0, 1),
  retryIf: fc.constantFrom(yes, yes, no),
});

const signal = fc.option(fc.nat({ max: 2 }), { nil: undefined, freq: 3 });

const given: fc.Arbitrary<LifeOptions> = fc.record({
  action: fc.nat({ max: 2 }),
  options: taskOptions,
  deadlineInMs: fc.constantFrom(-1, 25, 400, forever, forever, forever, forever, forever),
  signal,
  payload: fc.constantFrom('plain', 'plain', 'plain', 'plain', 'plain', 'plain', 'moved', 'faulty'),
  by: fc.constantFrom('start', 'start', 'run'),
});

const picked = fc.constantFrom<Picked>(
  ...(['begin', 'begin', 'begin', 'begin', 'work', 'load', 'deliver', 'deliver', 'deliver', 'open', 'open', 'open'] as const),
  ...(['cancel', 'cancelById', 'abort', 'openFails', 'end', 'end', 'flush', 'retire'] as const),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('start' as const), given, count: fc.constantFrom(1, 1, 2, 3, 8) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('await' as const),
      pick: fc.nat(),
      timeoutMs: fc.constantFrom(0, 10, 5000, forever),
      onTimeout: fc.constantFrom('cancel' as const, 'leave' as const),
      signal,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('finish' as const),
      pick: fc.nat(),
      ending: fc.constantFrom<Ending>('ok', 'ok', 'error', 'error', 'final', 'asked'),
      post: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.constantFrom(0, 1, 2, 3, 5, 30, 60, 600, 1000) }) },
  { weight: 16, arbitrary: fc.record({ kind: picked, pick: fc.nat() }) },
);

const close = fc.record({ kind: fc.constant('close' as const), graceMs: fc.constantFrom(0, 5, 50, forever) });

/** What happens to a runtime, in order; a close stands in some, not at the end alone. */
export const schedule: fc.Arbitrary<Step[]> = fc
  .tuple(fc.array(step, { maxLength: 32, size: 'max' }), fc.option(close, { freq: 2 }), fc.array(step, { maxLength: 8, size: 'max' }))
  .map(([before, closing, after]) => (closing === null ? before : [...before, closing, ...after]));

/** The options of a runtime, in every combination that matters to a task's life. */
export const worlds = fc.record({
  threads: fc.record({ min: fc.nat({ max: 1 }), max: fc.integer({ min: 1, max: 3 }), concurrency: fc.constantFrom(1, 1, 2, 8) }),
  queue: fc.constantFrom(
    {},
    {},
    { limit: 3, whenFull: 'reject' as const },
    { limit: 0, whenFull: 'reject' as const },
    { limit: 2, whenFull: 'drop-oldest' as const },
    { limit: 2, whenFull: 'wait' as const },
    { limit: 0, whenFull: 'wait' as const },
  ),
  graceMs: fc.constantFrom(0, 20, 20, forever),
  loadTimeoutMs: fc.constantFrom(70, 10_000),
  zombieLimit: fc.nat({ max: 1 }),
});

function pickOf<T>(all: readonly T[], pick: number): T | undefined {
  return all[pick % Math.max(1, all.length)];
}

/** Has one thing happen, and everything that follows from it without time passing. */
export async function perform(world: LifeWorld, each: Step): Promise<void> {
  switch (each.kind) {
    case 'start':
      for (let count = 0; count < each.count; count++) world.start(each.given);
      break;
    case 'advance':
      await world.clock.advance(each.ms);
      break;
    case 'close':
      world.close(each.graceMs);
      break;
    case 'abort':
      world.abort(each.pick % world.signals.length);
      break;
    case 'open':
      world.pool.opens.shift()?.open();
      break;
    case 'openFails':
      world.openFails();
      break;
    case 'await':
    case 'cancel':
    case 'cancelById':
      performOnLife(world, each);
      break;
    default:
      performOnThread(world, each);
  }
  await settle();
  world.check();
}

function performOnLife(world: LifeWorld, each: Extract<Step, { kind: 'await' | Picked }>): void {
  const life = pickOf(world.lives, each.pick);
  if (life === undefined) return;
  if (each.kind === 'await') world.await(life, each.timeoutMs, each.onTimeout, each.signal);
  else world.cancel(life, each.kind === 'cancelById');
}

function performOnThread(world: LifeWorld, each: Extract<Step, { kind: 'finish' | Picked }>): void {
  const thread = pickOf(world.pool.alive, each.pick);
  if (thread === undefined) return;
  switch (each.kind) {
    case 'begin':
    case 'load':
      world.begin(thread, each.kind === 'load');
      return;
    case 'work':
      // One after the other without saying so in between: outcomes that share a message.
      for (let count = each.pick % 6; count >= 0; count--) {
        world.begin(thread);
        const task = thread.running.at(-1);
        if (task !== undefined) world.finish(thread, task, 'ok', count === 0);
      }
      return;
    case 'finish': {
      const task = pickOf(thread.running, each.pick);
      if (task !== undefined) world.finish(thread, task, each.ending, each.post);
      return;
    }
    case 'deliver':
      thread.deliver();
      return;
    case 'flush':
      thread.flush();
      return;
    case 'retire':
      thread.retire();
      return;
    case 'end':
      world.end(thread);
      return;
  }
}
