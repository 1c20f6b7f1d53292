import fc from 'fast-check';
import { describe, it } from 'vitest';
import { type CoroutineGiven, CoroutineWorld, type StepEnding } from '../support/coroutine-world.ts';
import { settle } from '../support/fake-clock.ts';

const scale = Number(process.env['HEDDLE_MODEL_RUNS'] ?? 10_000) / 10_000;
const seed = process.env['HEDDLE_MODEL_SEED'];
const forever = Number.POSITIVE_INFINITY;

type Event =
  | { readonly kind: 'start'; readonly given: CoroutineGiven }
  | {
      readonly kind: 'next';
      readonly pick: number;
      readonly value: unknown;
      readonly timeoutMs: number;
      readonly signal: number | undefined;
    }
  | { readonly kind: 'resume'; readonly pick: number; readonly asks: boolean; readonly throws: boolean }
  | { readonly kind: 'stop'; readonly pick: number; readonly timeoutMs: number }
  | { readonly kind: 'finish'; readonly pick: number; readonly ending: StepEnding; readonly post: boolean }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'close'; readonly graceMs: number }
  | { readonly kind: Picked; readonly pick: number };

type Picked = 'cancel' | 'begin' | 'load' | 'deliver' | 'flush' | 'open' | 'openFails' | 'end' | 'retire' | 'dispose' | 'abort' | 'work';

const often = Array.from({ length: 12 }, () => forever);
const signal = fc.option(fc.nat({ max: 1 }), { nil: undefined, freq: 8 });
const given: fc.Arbitrary<CoroutineGiven> = fc.record({
  listens: fc.boolean(),
  scoped: fc.boolean(),
  timeoutMs: fc.constantFrom(0, 10, ...often),
  totalTimeoutMs: fc.constantFrom(0, 50, ...often),
  suspendTimeoutMs: fc.constantFrom(0, 20, ...often),
  signal,
});

const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('start' as const), given }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('next' as const),
      pick: fc.nat({ max: 5 }),
      value: fc.constantFrom(undefined, undefined, 'a value'),
      timeoutMs: fc.constantFrom(0, 10, forever),
      signal,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('resume' as const), pick: fc.nat({ max: 5 }), asks: fc.boolean(), throws: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('stop' as const), pick: fc.nat({ max: 5 }), timeoutMs: fc.constantFrom(0, 10, forever) }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      kind: fc.constant('finish' as const),
      pick: fc.nat({ max: 5 }),
      ending: fc.constantFrom<StepEnding>('yield', 'yield', 'yield', 'yield', 'unsent', 'return', 'throw'),
      post: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.constantFrom(0, 5, 20, 600, 1000) }) },
  {
    weight: 18,
    arbitrary: fc.record({
      kind: fc.constantFrom<Picked>(
        ...([
          'begin',
          'begin',
          'begin',
          'begin',
          'begin',
          'deliver',
          'deliver',
          'deliver',
          'deliver',
          'open',
          'open',
          'open',
          'flush',
        ] as const),
        ...(['work', 'work', 'work', 'work', 'work', 'work', 'work', 'work', 'work', 'work'] as const),
        ...(['cancel', 'cancel', 'load', 'openFails', 'end', 'retire', 'dispose', 'abort'] as const),
      ),
      pick: fc.nat({ max: 5 }),
    }),
  },
);

const schedule: fc.Arbitrary<Event[]> = fc
  .tuple(
    fc.array(event, { maxLength: 40, size: 'max' }),
    fc.option(fc.record({ kind: fc.constant('close' as const), graceMs: fc.constantFrom(0, 30, forever) }), { freq: 3 }),
    fc.array(event, { maxLength: 8, size: 'max' }),
  )
  .map(([before, closing, after]) => (closing === null ? before : [...before, closing, ...after]));

const worlds = fc.record({ threads: fc.integer({ min: 1, max: 2 }), graceMs: fc.constantFrom(0, 20, forever) });

function pickOf<T>(all: readonly T[], pick: number): T | undefined {
  return all[pick % Math.max(1, all.length)];
}

async function perform(world: CoroutineWorld, each: Event): Promise<void> {
  if (each.kind === 'start') world.start(each.given);
  else if (each.kind === 'advance') await world.clock.advance(each.ms);
  else if (each.kind === 'close') world.close(each.graceMs);
  else {
    onCoroutine(world, each);
    onThread(world, each);
  }
  await settle();
  world.check();
}

function onCoroutine(world: CoroutineWorld, each: Exclude<Event, { kind: 'start' | 'advance' | 'close' }>): void {
  const one = pickOf(world.coroutines, each.pick);
  if (each.kind === 'dispose') world.disposeScope();
  if (each.kind === 'abort') pickOf(world.signals, each.pick)?.abort('by the model');
  if (one === undefined) return;
  if (each.kind === 'next') world.next(one, each.value, each.timeoutMs, each.signal);
  if (each.kind === 'resume') world.resume(one, each.asks, each.throws);
  if (each.kind === 'stop') world.stop(one, each.timeoutMs);
  if (each.kind === 'cancel') world.cancel(one);
}

function onThread(world: CoroutineWorld, each: Exclude<Event, { kind: 'start' | 'advance' | 'close' }>): void {
  if (each.kind === 'work') work(world);
  if (each.kind === 'open') world.pool?.opens.shift()?.open();
  if (each.kind === 'openFails') world.pool?.opens.shift()?.fail();
  const thread = pickOf(world.threads, each.pick);
  if (thread === undefined) return;
  const task = pickOf(thread.running, each.pick);
  if (each.kind === 'begin' || each.kind === 'load') world.begin(thread, each.kind === 'load');
  if (each.kind === 'finish' && task !== undefined) world.finish(thread, task, each.ending, each.post);
  if (each.kind === 'deliver') thread.deliver();
  if (each.kind === 'flush') thread.flush();
  if (each.kind === 'retire') thread.retire();
  if (each.kind === 'end') world.end(thread);
}

/** What usually happens: threads open, and what they are sent comes to its `yield`. */
function work(world: CoroutineWorld): void {
  world.pool?.opens.shift()?.open();
  for (const thread of world.threads) {
    world.begin(thread);
    const task = thread.running[0];
    if (task !== undefined) world.finish(thread, task, 'yield', true);
    thread.deliver();
  }
}

describe('the life of coroutines under any schedule', () => {
  it('C-1, C-2, C-3, C-4 one end, the last; each step given to one; no generator, timer or port left behind', {
    timeout: 120_000 * Math.max(1, scale),
  }, async () => {
    await fc.assert(
      fc.asyncProperty(worlds, schedule, async (options, events) => {
        const world = new CoroutineWorld(options);
        for (const each of events) await perform(world, each);
        await world.runOut();
        world.checkEnded();
        await world.closeOut();
      }),
      { numRuns: Math.ceil(3000 * scale), ...(seed === undefined ? {} : { seed: Number(seed) }) },
    );
  });
});
