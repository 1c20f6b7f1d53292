import { createRuntime, type Runtime, type RuntimeOptions, type RuntimeStats } from '@heddle/worker-pool';
import type { SoakService } from '../work/mischief/family-action.ts';
import { quiet } from './quiet.ts';
import type { Random } from './random.ts';
import type { Place } from './stage.ts';

const soak: SoakService = {
  adds: (value) => value + 1,
  waits: async (value) => {
    await null;
    return value;
  },
  throws: () => {
    throw new Error('the service throws');
  },
  never: () => new Promise(() => {}),
};

/** Limits that only a lost task meets: what the parts limit, they say. */
const BASE = {
  graceMs: 50,
  loadTimeoutMs: 60_000,
  logger: quiet,
  services: { soak },
  defaults: { timeoutMs: 60_000, maxRetries: 1, backoffMs: 1 },
} as const;

/**
 * The runtime that lasts as long as the soak, with an instance for what needs lanes of its own. What is cancelled there heeds it, and has the
 * time to, however busy the machine: a lane that is ended by force takes neighbours along.
 */
export function openLasting(onEvent: (kind: string) => void): Place {
  const { graceMs } = BASE;
  const runtime = createRuntime({
    ...BASE,
    graceMs: 20_000,
    name: 'lasting',
    threads: { max: 3 },
    onEvent: ({ kind }) => onEvent(kind),
  });
  const one = { threads: { max: 1 }, graceMs };
  runtime.instance('beside', one);
  runtime.instance('families', { threads: { max: 2 }, graceMs });
  runtime.instance('deaf', { threads: { max: 2 }, graceMs });
  runtime.instance('within', { isolation: 'inline', graceMs });
  runtime.instance('hungry', { ...one, resourceLimits: { maxOldGenerationSizeMb: 32 } });
  runtime.instance('apart', { ...one, isolation: 'process' });
  return {
    name: 'lasting',
    runtime,
    closing: false,
    limited: false,
    shared: false,
    families: { instance: 'families' },
    deaf: { instance: 'deaf' },
  };
}

/** A runtime that lasts for one round, made by chance. */
export function openPassing(random: Random, onEvent: (kind: string) => void): Place {
  const concurrency = random.pick([1, 1, 2, 8]);
  const limited = random.chance(0.5);
  const options: RuntimeOptions = {
    ...BASE,
    name: 'passing',
    threads: { min: random.whole(0, 2), max: random.whole(2, 4), concurrency },
    ownership: random.pick(['strict', 'shared']),
    onEvent: ({ kind }) => onEvent(kind),
    ...(limited ? { queue: { limit: random.whole(1, 50), whenFull: random.pick(['reject', 'wait', 'drop-oldest']) } } : {}),
    ...(random.chance(0.3) ? { memory: { maxRssMb: 100_000 } } : {}),
  };
  return {
    name: `passing (${JSON.stringify(options.threads)}, ${JSON.stringify(options.queue)})`,
    runtime: createRuntime(options),
    closing: false,
    limited,
    shared: true,
    families: {},
    deaf: {},
  };
}

/** What a runtime and its instances hold, in words; empty = nothing. */
export function heldBy(runtime: Runtime): string[] {
  return [runtime, ...runtime.instances.values()].flatMap((each) => busyIn(each.stats()));
}

function busyIn(stats: RuntimeStats): string[] {
  const { name, queued, running, retrying, compensating, coroutines, agents, zombies, lanes, statefulLanes } = stats;
  const onLanes = [...lanes, ...statefulLanes].reduce((sum, { inFlight }) => sum + inFlight, 0);
  const counts = { queued, running, retrying, compensating, coroutines: coroutines.open, agents, zombies, onLanes };
  return Object.entries(counts).flatMap(([count, value]) => (value === 0 ? [] : [`${name}: ${count} ${value}`]));
}
