import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TaskOptions } from '../src/task-options.ts';
import { settle } from './support/fake-clock.ts';
import { type Ending, LifeWorld } from './support/life-world.ts';
import { expectWhole, watchTraces } from './support/trace-watch.ts';

/** One thing that happens to a runtime. `pick` chooses whom it happens to. */
type Step =
  | {
      readonly kind: 'start';
      readonly action: number;
      readonly options: TaskOptions;
      readonly signal: number | undefined;
      readonly count: number;
    }
  | { readonly kind: 'await'; readonly pick: number; readonly timeoutMs: number; readonly onTimeout: 'cancel' | 'leave' }
  | { readonly kind: 'finish'; readonly pick: number; readonly ending: Ending; readonly post: boolean }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'close'; readonly graceMs: number }
  | { readonly kind: Picked; readonly pick: number };

type Picked = 'begin' | 'deliver' | 'cancel' | 'abort' | 'open' | 'openFails' | 'end' | 'flush' | 'retire';

const retries: fc.Arbitrary<TaskOptions> = fc.record({
  maxRetries: fc.nat({ max: 2 }),
  backoffMs: fc.constantFrom(0, 3, 50),
  timeoutMs: fc.constantFrom(5, 60, Number.POSITIVE_INFINITY),
  priority: fc.constantFrom(0, 0, 1),
  retryIf: fc.constantFrom(
    () => true,
    () => true,
    () => false,
  ),
});

const picked = fc.constantFrom<Picked>(
  ...(['begin', 'begin', 'begin', 'begin', 'deliver', 'deliver', 'deliver', 'open', 'open', 'open', 'cancel', 'cancel'] as const),
  ...(['abort', 'openFails', 'end', 'end', 'flush', 'retire'] as const),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('start' as const),
      action: fc.nat({ max: 2 }),
      options: retries,
      signal: fc.option(fc.nat({ max: 2 }), { nil: undefined, freq: 2 }),
      count: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('await' as const),
      pick: fc.nat(),
      timeoutMs: fc.constantFrom(0, 10, 5000),
      onTimeout: fc.constantFrom('cancel' as const, 'leave' as const),
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
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.constantFrom(0, 1, 3, 5, 30, 60, 600, 1000) }) },
  { weight: 16, arbitrary: fc.record({ kind: picked, pick: fc.nat() }) },
);

const ending: fc.Arbitrary<Step[]> = fc.oneof(
  fc.constant<Step[]>([]),
  fc.record({ kind: fc.constant('close' as const), graceMs: fc.constantFrom(0, 5, 50, Number.POSITIVE_INFINITY) }).map((close) => [close]),
);

const world = fc.record({
  threads: fc.record({ min: fc.nat({ max: 1 }), max: fc.integer({ min: 1, max: 3 }), concurrency: fc.constantFrom(1, 1, 2) }),
  queue: fc.constantFrom({}, {}, { limit: 3, whenFull: 'reject' as const }, { limit: 2, whenFull: 'drop-oldest' as const }),
  graceMs: fc.constantFrom(0, 20, 20),
  zombieLimit: fc.nat({ max: 1 }),
});

function pickOf<T>(all: readonly T[], pick: number): T | undefined {
  return all[pick % Math.max(1, all.length)];
}

async function perform(life: LifeWorld, each: Step): Promise<void> {
  switch (each.kind) {
    case 'start': {
      if (life.closing !== undefined) return;
      const signal = each.signal === undefined ? undefined : life.signals[each.signal]?.signal;
      const options = signal === undefined ? each.options : { ...each.options, signal };
      for (let count = 0; count < each.count; count++) life.start(each.action, options);
      break;
    }
    case 'await': {
      const one = pickOf(life.lives, each.pick);
      if (one !== undefined) life.await(one, each.timeoutMs, each.onTimeout);
      break;
    }
    case 'cancel': {
      const one = pickOf(life.lives, each.pick);
      if (one !== undefined) life.cancel(one);
      break;
    }
    case 'abort':
      life.abort(each.pick % life.signals.length);
      break;
    case 'open':
      life.pool.opens.shift()?.open();
      break;
    case 'openFails':
      life.pool.opens.shift()?.fail();
      break;
    case 'advance':
      await life.clock.advance(each.ms);
      break;
    case 'close':
      life.close(each.graceMs);
      break;
    default:
      performOnThread(life, each);
  }
  await settle();
  life.check();
}

function performOnThread(
  life: LifeWorld,
  each: Extract<Step, { kind: 'finish' | 'begin' | 'deliver' | 'end' | 'flush' | 'retire' | Picked }>,
): void {
  const thread = pickOf(life.pool.alive, each.pick);
  if (thread === undefined) return;
  switch (each.kind) {
    case 'begin':
      life.begin(thread);
      return;
    case 'finish': {
      const task = pickOf(thread.running, each.pick);
      if (task !== undefined) life.finish(thread, task, each.ending, each.post);
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
      life.end(thread);
      return;
  }
}

describe('the whole life of tasks under any schedule', () => {
  it('E-8 ends each task exactly once, begins nothing after a cancel, and leaves nothing behind', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(world, fc.array(step, { maxLength: 60, size: 'max' }), ending, async (options, steps, last) => {
        const life = new LifeWorld(options);
        for (const each of [...steps, ...last]) await perform(life, each);
        await life.runOut();
        life.checkClosed();
      }),
      { numRuns: 2_000 },
    );
  });

  it('R-9 publishes one start and one end for each task and for each attempt that began', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(world, fc.array(step, { maxLength: 60, size: 'max' }), ending, async (options, steps, last) => {
        const watch = watchTraces();
        try {
          const life = new LifeWorld(options);
          for (const each of [...steps, ...last]) await perform(life, each);
          await life.runOut();
          for (const { ref, begun } of life.lives) {
            expectWhole(watch, ref.id);
            expect(watch.of('attempt.asyncEnd').filter(({ message }) => message.taskId === ref.id)).toHaveLength(begun);
          }
        } finally {
          watch.stop();
        }
      }),
      { numRuns: 300 },
    );
  });
});
