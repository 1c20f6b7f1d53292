import fc from 'fast-check';
import { beforeAll, describe, it } from 'vitest';
import { importModule } from '../src/import-module.ts';
import { type Op, plain, type Script } from './fixtures/scripted.ts';
import { NestedWorld, rest } from './support/nested-world.ts';

/** `HEDDLE_MODEL_RUNS=1000000` for a long run. */
const scale = Number(process.env['HEDDLE_MODEL_RUNS'] ?? 10_000) / 10_000;

type Step =
  | { readonly kind: 'start'; readonly script: Script; readonly isolate: boolean; readonly totalTimeoutMs: number }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'close'; readonly graceMs: number }
  | { readonly kind: 'goOn' | 'cancel' | 'cancelAny' | 'lose' | 'stray'; readonly pick: number };

const leaf: fc.Arbitrary<Op> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ op: fc.constant('pause' as const), listens: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('fail' as const), retryable: fc.boolean() }) },
);

function scriptOf(op: fc.Arbitrary<Op>): fc.Arbitrary<Script> {
  return fc.record({
    ops: fc.array(op, { maxLength: 3 }),
    undo: fc.array(op, { maxLength: 2 }),
    compensates: fc.boolean(),
    maxRetries: fc.constantFrom(0, 0, 1),
  });
}

function opOver(script: fc.Arbitrary<Script>): fc.Arbitrary<Op> {
  return fc.oneof(
    { weight: 2, arbitrary: leaf },
    {
      weight: 3,
      arbitrary: fc.record({
        op: fc.constant('run' as const),
        scripts: fc.array(script, { minLength: 1, maxLength: 3 }),
        rethrows: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ op: fc.constant('start' as const), script, cancels: fc.boolean() }) },
    {
      weight: 1,
      arbitrary: fc.record({
        op: fc.constant('spawn' as const),
        script,
        policy: fc.constantFrom('stop' as const, 'continue' as const, 'orphan' as const),
      }),
    },
  );
}

const script = scriptOf(opOver(scriptOf(opOver(scriptOf(leaf)))));

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('start' as const),
      script,
      isolate: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
      totalTimeoutMs: fc.constantFrom(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 12),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.constantFrom(1, 5, 25, 1000) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'goOn' as const,
        'goOn' as const,
        'goOn' as const,
        'cancel' as const,
        'cancelAny' as const,
        'lose' as const,
        'stray' as const,
      ),
      pick: fc.nat(),
    }),
  },
);

const last: fc.Arbitrary<Step[]> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Step[]>([]) },
  fc.constantFrom(0, 25, Number.POSITIVE_INFINITY).map((graceMs) => [{ kind: 'close' as const, graceMs }]),
);

const unlimited = {
  threads: fc.record({ max: fc.constantFrom(1, 1, 2), concurrency: fc.constantFrom(1, 1, 2) }),
  queue: fc.constantFrom({}, {}, { limit: 1, whenFull: 'reject' as const }, { limit: 1, whenFull: 'drop-oldest' as const }),
};
const tenants = fc.constantFrom({}, { concurrency: 1 }, { concurrency: 2, queueLimit: 2, perKey: { acme: { weight: 3 } } });
const options = fc.oneof(fc.record(unlimited), fc.record({ ...unlimited, tenants }));

async function perform(world: NestedWorld, each: Step): Promise<void> {
  switch (each.kind) {
    case 'start':
      world.start(each.script, each.isolate, each.totalTimeoutMs);
      break;
    case 'advance':
      await world.clock.advance(each.ms);
      break;
    case 'close':
      world.close(each.graceMs);
      break;
    default:
      world[each.kind](each.pick);
  }
  await rest();
}

// The world's time is its own: it must not run out while the actions' file is loaded for the first time.
beforeAll(async () => void (await importModule(plain.module)));

describe('nested work and compensation under any schedule', () => {
  it('E-8, R-7, R-14, A-9 every task ends once, failures are made good, nobody waits for ever and nothing is left', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(options, fc.array(step, { maxLength: 14, size: 'max' }), last, async (given, steps, end) => {
        const world = new NestedWorld(given);
        for (const each of [...steps, ...end]) await perform(world, each);
        await world.runOut();
      }),
      { numRuns: Math.ceil(400 * scale), endOnFailure: true },
    );
  });
});
