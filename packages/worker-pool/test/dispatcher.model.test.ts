import fc from 'fast-check';
import { describe, it } from 'vitest';
import { SLOTS } from '../src/lane/claims.ts';
import { settle } from './support/fake-clock.ts';
import { hold } from './support/hold.ts';
import { perform, type Step, schedule, worlds } from './support/life-step.ts';
import { LifeWorld } from './support/life-world.ts';
import { expectWhole, watchTraces } from './support/trace-watch.ts';

/** `HEDDLE_MODEL_RUNS=1000000` for a long run, `HEDDLE_MODEL_SEED` to see one again. */
const scale = Number(process.env['HEDDLE_MODEL_RUNS'] ?? 10_000) / 10_000;
const seed = process.env['HEDDLE_MODEL_SEED'];
const runs = (numRuns: number): fc.Parameters<unknown> => ({
  numRuns: Math.ceil(numRuns * scale),
  ...(seed === undefined ? {} : { seed: Number(seed) }),
});
const timeout = 120_000 * Math.max(1, scale);

async function play(world: LifeWorld, steps: readonly Step[]): Promise<void> {
  for (const each of steps) await perform(world, each);
  await world.runOut();
  world.checkIdle();
}

describe('the whole life of tasks under any schedule', () => {
  it('E-8 ends each task exactly once, begins nothing after a cancel, and leaves nothing behind', { timeout }, async () => {
    await fc.assert(
      fc.asyncProperty(worlds, schedule, async (options, steps) => {
        const world = new LifeWorld(options);
        await play(world, steps);
        await world.closeOut();
        world.checkClosed();
      }),
      runs(10_000),
    );
  });

  it('R-9 publishes one start and one end for each task and for each attempt that began', { timeout }, async () => {
    await fc.assert(
      fc.asyncProperty(worlds, schedule, async (options, steps) => {
        const watch = watchTraces();
        try {
          const world = new LifeWorld(options);
          await play(world, steps);
          await world.closeOut();
          for (const { ref, begun, given } of world.lives) {
            if (ref === undefined) continue;
            expectWhole(watch, ref.id);
            const told = watch.of('attempt.asyncEnd').filter(({ message }) => message.taskId === ref.id).length;
            // What was moved to a thread that is gone is lost with it, begun or not.
            hold(told === begun || (given.payload === 'moved' && told === 1), 'each attempt is told');
          }
        } finally {
          watch.stop();
        }
      }),
      runs(300),
    );
  });

  it('E-8 loses no slot: a lane takes as many tasks after it all as it has room for', { timeout }, async () => {
    await fc.assert(
      fc.asyncProperty(worlds, schedule, async (options, steps) => {
        const world = new LifeWorld({ ...options, queue: {}, threads: { min: 0, max: 1, concurrency: SLOTS } });
        await play(
          world,
          steps.filter(({ kind }) => kind !== 'close'),
        );
        for (const { open } of world.pool.opens.splice(0)) open();
        await settle();
        world.fill(SLOTS);
        await settle();
        const { lanes, queued } = world.runtime.stats();
        for (const { inFlight } of lanes) hold(inFlight === SLOTS && queued === 0, 'every slot is free again');
        await world.closeOut();
        world.checkClosed();
      }),
      runs(200),
    );
  });
});
