import { pairedRatio, type Quantity, quantileOf, quantityOf, summarise } from '@heddle/measure';
import { threadsName } from './contender.ts';
import type { Measured, RoundSample, Sample } from './measure.ts';
import type { ActionReport, Costs, Latencies, ThreadGain } from './report.ts';
import { type Gain, judge } from './verdict.ts';

/** What is known beside the samples. */
export type Facts = Pick<
  ActionReport,
  'action' | 'module' | 'params' | 'machine' | 'rows' | 'inFlight' | 'quick' | 'end' | 'calls' | 'base' | 'notes'
> & {
  readonly threads: readonly number[];
  /** Cores that this process may use. */
  readonly cores: number;
  /** The name of the base measured once more. */
  readonly again: string;
  /** The name of the `map` contender. */
  readonly map: string;
};

type PerRound = ReadonlyMap<string, readonly RoundSample[]>;

/** Makes a report of the samples; expects one whole round or more. */
export function analyse(facts: Facts, measured: Measured): ActionReport {
  const { threads, cores, again, map, ...known } = facts;
  const { saturated, single, loop } = measured;
  const { base, action, inFlight } = known;
  const compared = { base, again };
  const throughput = quantity('throughput', 'calls/s', saturated, ({ calls, wallMs }) => (calls / wallMs) * 1000, compared);
  const gains = gainsOf(throughput, saturated, threads);
  const costs = costsOf(measured, base, known.rows);
  const verdict = judge({
    action,
    inlineMs: costs.inlineMs ?? undefined,
    ...{ workShare: costs.workShare, costs, cores, inFlight },
    gains: threads.flatMap((count) => gainOf(throughput, saturated, threadsName(count), count)),
    mapGain: gainOf(throughput, saturated, map, threads.at(-1) ?? 1)[0],
    control: throughput.control ?? { ratio: 1, valid: true },
  });
  return {
    ...known,
    ...failuresOf(measured),
    rounds: saturated.get(base)?.length ?? 0,
    ...{ throughput, gains, costs, verdict },
    single: latenciesOf(single),
    saturated: latenciesOf(saturated, again),
    loopDelay: quantity('loop delay p99', 'ms', loop, ({ delayMs }) => delayMs ?? Number.NaN),
    cpu: quantity('CPU', 'ms a call', saturated, ({ cpuMs, calls }) => cpuMs / calls, compared),
    mainThread: quantity('main thread', 'ms a call', saturated, ({ busyMs, calls }) => busyMs / calls, compared),
  };
}

function quantity(
  name: string,
  unit: string,
  of: PerRound,
  value: (sample: Sample) => number,
  compared: { readonly base?: string; readonly again?: string } = {},
): Quantity {
  return quantityOf({ name, unit, rounds: new Map([...of].map(([contender, rounds]) => [contender, rounds.map(value)])), ...compared });
}

function latenciesOf(of: PerRound, again?: string): Latencies {
  const timed = new Map([...of].filter(([name, rounds]) => name !== again && rounds.some(({ latenciesMs }) => latenciesMs.length > 0)));
  const at = (name: string, q: number): Quantity => quantity(name, 'ms', timed, ({ latenciesMs }) => quantileOf(latenciesMs, q));
  return { p50: at('p50', 0.5), p90: at('p90', 0.9), p99: at('p99', 0.99) };
}

function gainsOf(throughput: Quantity, saturated: PerRound, threads: readonly number[]): ThreadGain[] {
  const rates = (name: string): number[] => (saturated.get(name) ?? []).map(({ calls, wallMs }) => calls / wallMs);
  const one = rates(threadsName(1));
  return threads.flatMap((count) => {
    const row = throughput.rows.find(({ contender }) => contender === threadsName(count));
    if (row === undefined) return [];
    const efficiency = pairedRatio(rates(threadsName(count)), one).median / count;
    return [{ threads: count, callsPerSecond: row.value.median, speedUp: row.ratio?.median ?? 1, efficiency }];
  });
}

function gainOf({ rows }: Quantity, saturated: PerRound, name: string, threads: number): Gain[] {
  const ratio = rows.find(({ contender }) => contender === name)?.ratio;
  return ratio === undefined
    ? []
    : [
        {
          threads,
          speedUp: ratio.median,
          low: ratio.low,
          high: ratio.high,
          coresUsed: median(saturated.get(name) ?? [], ({ cpuMs, wallMs }) => cpuMs / wallMs),
        },
      ];
}

/** A call shorter than this leaves no time for its own thread to wait: what a thread has left over is seen in its pace. Milliseconds. */
const SHORT_MS = 0.1;

function costsOf({ saturated, single, handover }: Measured, base: string, rows: number): Costs {
  // Rows may differ in length, and the lowest slice be the one of the shortest rows.
  const typical = rows === 1 ? lowest : median;
  const inline = base === 'inline' ? (single.get(base) ?? []) : [];
  const workShare = inline.length === 0 ? 1 : Math.min(1, median(inline, workShareOf));
  const inlineMs = inline.length === 0 ? null : typical(inline, workShare < 0.5 ? wallOf : workOf);
  const thread = saturated.get(threadsName(1)) ?? [];
  // Of long calls the difference of two long times says nothing; of short ones the telemetry that tells their own time is dear.
  const threadMs =
    inlineMs !== null && inlineMs < SHORT_MS
      ? typical(thread, wallOf) - inlineMs
      : lowest(handover.get(threadsName(1)) ?? [], ({ wallMs, runMs = 0, calls }) => (wallMs - runMs) / calls);
  return { inlineMs, workShare, hostMs: lowest(thread, ({ busyMs, calls }) => busyMs / calls), threadMs: Math.max(0, threadMs) };
}

const wallOf = ({ wallMs, calls }: Sample): number => wallMs / calls;

/** Without the time in which the system had given the core to somebody else. */
const workOf = ({ wallMs, cpuMs, calls }: Sample): number => Math.min(wallMs, cpuMs) / calls;

/** What is computed on other threads of the process (a codec, a hash) leaves the main thread idle, and costs all the same. */
const workShareOf = ({ wallMs, cpuMs, busyMs }: Sample): number => Math.max(cpuMs, busyMs) / wallMs;

function failuresOf(measured: Measured): Pick<ActionReport, 'failed' | 'firstFailure'> {
  const all = Object.values(measured).flatMap((of) => [...of.values()].flat());
  const error = all.find((sample) => sample.error !== undefined)?.error;
  return {
    failed: all.reduce((sum, sample) => sum + sample.failed, 0),
    firstFailure: error === undefined ? null : { type: error.type, message: error.message },
  };
}

function median(samples: readonly RoundSample[], value: (sample: Sample) => number): number {
  return summarise(samples.map(value)).median;
}

/** Of all slices: the shorter they are, the sooner one of them was left alone by whatever else is at work. */
function lowest(samples: readonly RoundSample[], value: (sample: Sample) => number): number {
  return summarise(samples.flatMap(({ parts }) => parts.map(value))).low;
}
