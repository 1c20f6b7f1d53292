import { setImmediate as nextTurn } from 'node:timers/promises';
import { addRound, measureLoopDelay, type Slices, type Contender as Turn, takeTurns } from '@heddle/measure';
import type { Contender, ThreadClock } from './contender.ts';
import type { Aspect, Plan } from './plan.ts';
import { joinSlices, type Slice } from './slice.ts';

/** A contender and how its slices of one aspect are made. */
export interface Entry {
  readonly aspect: Aspect;
  readonly contender: Contender;
  readonly inFlight: number;
}

/** A slice, and what its aspect looks into. */
export interface Sample extends Slice {
  /** Of `loop`: how late timers of the main thread were, p99. Milliseconds. */
  readonly delayMs?: number;
  /** Of `handover`: the calls' own time in their thread. Milliseconds. */
  readonly runMs?: number;
}

/** The slices of a round, as one and each. */
export interface RoundSample extends Sample {
  readonly parts: readonly Sample[];
}

/** The samples of each aspect, one a round, by contender. */
export type Measured = Readonly<Record<Aspect, ReadonlyMap<string, readonly RoundSample[]>>>;

/** What steers the rounds. */
export interface MeasureOptions {
  readonly plan: Plan;
  readonly signal: AbortSignal;
  /** Told after each slice: the part done, 0 to 1, and what comes. */
  readonly onProgress: (fraction: number, text: string) => void;
}

const ASPECTS: readonly Aspect[] = ['saturated', 'single', 'loop', 'handover'];

/** Measures round by round. An aborted signal ends it after the rounds that are whole. */
export async function measure(entries: readonly Entry[], clock: ThreadClock, options: MeasureOptions): Promise<Measured> {
  const { plan, signal } = options;
  const slices = new Map(ASPECTS.map((aspect) => [aspect, new Map() as Slices<Sample>]));
  const contenders = contendersOf(entries, clock, options);
  try {
    for (let round = 0; round < plan.rounds; round++) {
      const whole = new Map<Aspect, Map<string, Sample[]>>();
      for (const aspect of ASPECTS) whole.set(aspect, await takeTurns(contenders(aspect), passesOf(aspect, plan), round));
      for (const [aspect, results] of whole) addRound(slices.get(aspect) ?? new Map(), results);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return collect(slices);
}

/** Those of an aspect, each with its slice as it is planned; the progress is told after each. */
function contendersOf(
  entries: readonly Entry[],
  clock: ThreadClock,
  { plan, signal, onProgress }: MeasureOptions,
): (aspect: Aspect) => Turn<Sample>[] {
  const perRound = entries.reduce((sum, { aspect }) => sum + passesOf(aspect, plan), 0);
  let made = 0;
  const tell = (): void => {
    made += 1;
    onProgress(made / (perRound * plan.rounds), `round ${Math.min(plan.rounds, Math.floor(made / perRound) + 1)} of ${plan.rounds}`);
  };
  const all = entries.map((entry, at) => {
    const slice = (): Promise<Sample> => abortable(signal, () => sliceOf(entry, plan.calls[at] ?? 0, clock), tell);
    return { aspect: entry.aspect, turn: { name: entry.contender.name, slice } };
  });
  return (wanted) => all.flatMap(({ aspect, turn }) => (aspect === wanted ? [turn] : []));
}

function passesOf(aspect: Aspect, { passes }: Plan): number {
  return aspect === 'saturated' ? passes : 1;
}

/** Rejects when the signal aborts: a slice of slow calls is not waited for. */
export async function abortable<T>(signal: AbortSignal, work: () => Promise<T>, done: () => void = () => {}): Promise<T> {
  // A turn of the loop: signals and what was left undone are heard between slices, not in them.
  await nextTurn();
  signal.throwIfAborted();
  let stop: () => void = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    const result = await Promise.race([work(), aborted]);
    done();
    return result;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function sliceOf({ aspect, contender, inFlight }: Entry, calls: number, clock: ThreadClock): Promise<Sample> {
  if (aspect === 'loop') return await lateSlice(() => contender.drive(calls, inFlight));
  const slice = await contender.drive(calls, inFlight);
  return aspect === 'handover' ? { ...slice, runMs: clock.takeRunMs() } : slice;
}

async function lateSlice(work: () => Promise<Slice>): Promise<Sample> {
  const slices: Slice[] = [];
  const delayMs = await measureLoopDelay(async () => void slices.push(await work()));
  return { ...joinSlices(slices), delayMs };
}

function collect(slices: ReadonlyMap<Aspect, Slices<Sample>>): Measured {
  const of = (aspect: Aspect): ReadonlyMap<string, readonly RoundSample[]> =>
    new Map([...(slices.get(aspect) ?? [])].map(([name, rounds]) => [name, rounds.map(joinSamples)]));
  return { saturated: of('saturated'), single: of('single'), loop: of('loop'), handover: of('handover') };
}

/** The slices of one round. What only one of them has, as there is one a round, stays. */
function joinSamples(parts: readonly Sample[]): RoundSample {
  const { delayMs, runMs } = parts[0] ?? {};
  return { ...joinSlices(parts), parts, ...(delayMs === undefined ? {} : { delayMs }), ...(runMs === undefined ? {} : { runMs }) };
}
