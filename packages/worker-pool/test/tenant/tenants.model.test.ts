import fc from 'fast-check';
import { describe, it } from 'vitest';
import type { TenantLimits } from '../../src/index.ts';
import { settle } from '../support/fake-clock.ts';
import { hold } from '../support/hold.ts';
import type { LifeOptions } from '../support/life.ts';
import { perform, type Step, schedule, worlds } from '../support/life-step.ts';
import { LifeWorld } from '../support/life-world.ts';

/** `HEDDLE_MODEL_RUNS=1000000` for a long run, `HEDDLE_MODEL_SEED` to see one again. */
const scale = Number(process.env['HEDDLE_MODEL_RUNS'] ?? 10_000) / 10_000;
const seed = process.env['HEDDLE_MODEL_SEED'];
const parameters = { numRuns: Math.ceil(1000 * scale), ...(seed === undefined ? {} : { seed: Number(seed) }) };
const timeout = 120_000 * Math.max(1, scale);

const TENANTS = ['acme', 'globex', undefined] as const;

const limits: fc.Arbitrary<TenantLimits> = fc.record(
  {
    concurrency: fc.constantFrom(1, 2, 5),
    queueLimit: fc.constantFrom(0, 1, 3),
    ratePerSecond: fc.constantFrom(2, 50),
    burst: fc.constantFrom(1, 4),
    weight: fc.constantFrom(0.5, 3),
  },
  { requiredKeys: [] },
);

/** A world whose tasks belong to tenants, chosen by what else they are. */
class TenantWorld extends LifeWorld {
  readonly #limits: TenantLimits;
  readonly #drops: boolean;
  #limited = true;
  /** Started by tenants, and let in, since when. */
  readonly #letIn = new Map<string, number[]>();

  constructor(options: ConstructorParameters<typeof LifeWorld>[0], own: TenantLimits) {
    super({ ...options, tenants: own });
    this.#limits = own;
    this.#drops = options.queue?.whenFull === 'drop-oldest';
  }

  override start(given: LifeOptions): void {
    const tenant = TENANTS[(given.action + (given.options.priority ?? 0) + (given.options.maxRetries ?? 0)) % TENANTS.length];
    const before = this.runtime.stats();
    const { queued = 0, running = 0 } = before.tenants.find((each) => each.tenant === tenant) ?? {};
    const started = this.lives.length;
    super.start({ ...given, options: { ...given.options, ...(tenant === undefined ? {} : { tenant }) } });
    const life = this.lives[started];
    if (life?.ref === undefined || tenant === undefined || !this.#limited) return;
    const [outcome] = life.outcomes;
    const refused = outcome?.ok === false && outcome.error.details['tenant'] === tenant;
    const { queueLimit = Number.POSITIVE_INFINITY, concurrency = Number.POSITIVE_INFINITY } = this.#limits;
    if (refused && outcome.error.details['limit'] === 'queueLimit')
      hold(queued >= queueLimit, 'a tenant is refused when its queue is full');
    if (life.ref.status !== 'settled') {
      // Then the oldest has gone for it.
      if (this.#drops) return;
      const free = Math.min(concurrency - running, this.threads);
      hold(queued < queueLimit + Math.max(0, free), 'no more wait of a tenant than may');
      this.#countRate(tenant);
    }
  }

  get threads(): number {
    return 3;
  }

  #countRate(tenant: string): void {
    const { ratePerSecond, burst = Math.max(1, ratePerSecond ?? 1) } = this.#limits;
    if (ratePerSecond === undefined) return;
    const letIn = this.#letIn.get(tenant) ?? [];
    this.#letIn.set(tenant, letIn);
    const nowMs = this.clock.now();
    letIn.push(nowMs);
    for (const [index, sinceMs] of letIn.entries()) {
      const allowed = burst + ((nowMs - sinceMs) * ratePerSecond) / 1000;
      hold(letIn.length - index <= allowed + 1e-6, 'no tenant starts more than its rate allows, over any time');
    }
  }

  override fill(count: number): void {
    this.#limited = false;
    super.fill(count);
  }

  override check(): void {
    super.check();
    const { tenants, queued, running } = this.runtime.stats();
    const { concurrency = Number.POSITIVE_INFINITY } = this.#limits;
    const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);
    hold(sum(tenants.map((each) => each.queued)) === queued, 'whatever waits is somebody’s');
    // What is on a thread that is being ended is on no lane any more, and still somebody's.
    hold(sum(tenants.map((each) => each.running)) >= running, 'whatever is on a lane is somebody’s');
    for (const each of tenants)
      hold(each.tenant === undefined || each.running <= concurrency, 'no more of a tenant are on lanes than may be');
  }

  /** Holds when all has ended, and every rate has been made good. */
  checkForgotten(): void {
    hold(this.runtime.stats().tenants.length === 0, 'tenants with nothing are forgotten');
  }
}

async function play(world: TenantWorld, steps: readonly Step[]): Promise<void> {
  for (const each of steps) await perform(world, each);
  await world.runOut();
  world.checkIdle();
}

describe('tenants under any schedule', () => {
  it('R-14 E-8 exceed no limit, leak no seat, lose no task, and are forgotten when they have nothing', { timeout }, async () => {
    await fc.assert(
      fc.asyncProperty(worlds, limits, schedule, async (options, own, steps) => {
        const world = new TenantWorld(options, own);
        await play(world, steps);
        await world.clock.advance(5000);
        world.checkForgotten();
        await world.closeOut();
        world.checkClosed();
        world.checkForgotten();
      }),
      parameters,
    );
  });

  it('R-14 E-8 with a limit of one each, have their one place again after it all', { timeout }, async () => {
    await fc.assert(
      fc.asyncProperty(worlds, schedule, async (options, steps) => {
        const world = new TenantWorld({ ...options, queue: {}, threads: { min: 0, max: 3, concurrency: 1 } }, { concurrency: 1 });
        await play(
          world,
          // A lane that could not be opened is not asked for again at once.
          steps.filter(({ kind }) => kind !== 'close' && kind !== 'openFails'),
        );
        const endless = { timeoutMs: Number.POSITIVE_INFINITY };
        for (const action of [0, 1])
          world.start({
            action,
            options: endless,
            deadlineInMs: Number.POSITIVE_INFINITY,
            signal: undefined,
            payload: 'plain',
            by: 'start',
          });
        for (let round = 0; round < 3; round++) {
          for (const { open } of world.pool.opens.splice(0)) open();
          await settle();
        }
        const { tenants } = world.runtime.stats();
        hold(tenants.length === 2 && tenants.every(({ running }) => running === 1), 'each has one on a lane');
        await world.closeOut();
        world.checkClosed();
      }),
      { ...parameters, numRuns: Math.ceil(parameters.numRuns / 5) },
    );
  });
});
