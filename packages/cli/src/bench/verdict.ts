import { breakEvenMs, type CallCosts } from './break-even.ts';
import { countText, shareText, timesText, timeText, upperFirst } from './format.ts';

/**
 * What it comes to: threads give more throughput; they do not, but keep the event loop free; neither; the action waits rather than
 * computes; it runs on threads only, so that there is nothing to hold them against; the rounds contradict each other.
 */
export type VerdictKind = 'pays' | 'frees-loop' | 'does-not-pay' | 'waits' | 'threads-only' | 'unclear';

/** What is judged. */
export interface Findings {
  readonly action: string;
  /** One call inline, from call to answer. Milliseconds; `undefined` where it does not run inline. */
  readonly inlineMs: number | undefined;
  /** The part of a call in which something is computed, 0 to 1. */
  readonly workShare: number;
  readonly costs: CallCosts;
  /** Throughput by the baseline's, of each number of threads. */
  readonly gains: readonly Gain[];
  /** The same of `runtime.map`. */
  readonly mapGain: Gain | undefined;
  readonly cores: number;
  readonly inFlight: number;
  /** Baseline against itself; 1 where all is still. */
  readonly control: { readonly ratio: number; readonly valid: boolean };
}

/** What some threads give. */
export interface Gain {
  readonly threads: number;
  /** Throughput by the baseline's, median over rounds, and the extremes. */
  readonly speedUp: number;
  readonly low: number;
  readonly high: number;
  /** Cores that the process had meanwhile: CPU time by time. */
  readonly coresUsed: number;
}

/** What is said of it. */
export interface Verdict {
  readonly kind: VerdictKind;
  /** The length of a call from which threads pay. Milliseconds; `null` where they never do, or where it was not measured. */
  readonly breakEvenMs: number | null;
  /** In whole sentences, the first of which says it all. */
  readonly sentences: readonly string[];
}

/** Less than that is not worth a thread. */
const WORTH = 1.1;
/** A call that computes for less than this part of its time waits. */
const WAITS = 0.5;
/** Handing over a call that carries little costs a fraction of it: where it costs more, what is copied is large. Milliseconds. */
const COPIES_MS = 0.1;
/** Threads that compute all the time and get less than this part of their cores share them with somebody. */
const STARVED = 0.75;
/** The main thread is free where handing over costs less than this part of a call. */
const FREE = 0.5;

/** Says plainly what threads are good for here. */
export function judge(findings: Findings): Verdict {
  const { inlineMs, gains, control } = findings;
  const best = gains.reduce((most, gain) => (gain.speedUp > most.speedUp ? gain : most), {
    threads: 1,
    speedUp: 0,
    low: 0,
    high: 0,
    coresUsed: 0,
  });
  const verdict = inlineMs === undefined ? judgeThreads(findings, best) : judgeInline(findings, inlineMs, best);
  if (control.valid) return verdict;
  const doubt = `The baseline against itself gave ${timesText(control.ratio)}: something else was at work on this machine, so the figures are rough.`;
  return { ...verdict, sentences: [...verdict.sentences, doubt] };
}

function judgeInline(findings: Findings, inlineMs: number, best: Gain): Verdict {
  const { action, workShare, costs, mapGain, control } = findings;
  const pays = best.speedUp >= WORTH;
  // A gain no larger than what the baseline gains on itself is none.
  if (pays && (best.low < 1 || best.speedUp < WORTH * Math.max(control.ratio, 1 / control.ratio))) return unclear(findings, inlineMs, best);
  if (workShare < WAITS && !pays) return judgeWaiting(findings, inlineMs, best);
  const computed = breakEvenMs(costs, most(findings), findings.cores);
  const from = consistent(computed, inlineMs, pays);
  const [takes, host] = [`${timeText(inlineMs)} inline`, timeText(costs.hostMs)];
  const length = from === undefined ? undefined : `from about ${timeText(from)} a call on`;
  const asBatch = batchText(mapGain, best);
  if (pays) {
    const gain = `with ${threadsText(best.threads)} you get ${timesText(best.speedUp)}`;
    const sentences = [
      `A call of \`${action}\` takes ${takes}. Handing it to a thread costs ${host} of the main thread.`,
      length === undefined ? `${upperFirst(gain)}.` : `Threads pay ${length}; ${gain}.`,
    ];
    return { kind: 'pays', breakEvenMs: from ?? null, sentences: [...sentences, ...asBatch] };
  }
  const starved = computed !== undefined && computed < inlineMs / 2 ? starvedText(findings, inlineMs, computed) : undefined;
  if (starved !== undefined) return { kind: 'unclear', breakEvenMs: null, sentences: starved };
  const bestText = `the best, ${threadsText(best.threads)}, gives ${timesText(best.speedUp)} the throughput`;
  if (costs.hostMs <= FREE * inlineMs) {
    const sentences = [
      `Threads don't pay here for throughput: a call of \`${action}\` takes ${takes}, and ${bestText}.`,
      `They still keep the event loop free: a call on a thread keeps the main thread busy for ${host} instead of ${timeText(inlineMs)}.`,
      ...(length === undefined ? [] : [`For throughput they would pay ${length}.`]),
    ];
    return { kind: 'frees-loop', breakEvenMs: from ?? null, sentences: [...sentences, ...asBatch] };
  }
  const sentences = [
    `Threads don't pay here: a call of \`${action}\` takes ${takes}, and handing it to a thread costs ${host} of the main thread; ${bestText}.`,
    ...(length === undefined ? [] : [`They would ${length}.`]),
    costs.hostMs > COPIES_MS
      ? 'What costs so much is copying params and value: call it directly, or send and give back less.'
      : 'Call it directly, or give each call more to do: a chunk of rows in the place of one.',
  ];
  return { kind: 'does-not-pay', breakEvenMs: from ?? null, sentences: [...sentences, ...asBatch] };
}

/** By what a call costs, threads should pay, and they do not: told where they had no cores to do it on. */
function starvedText({ action, gains, cores, costs }: Findings, inlineMs: number, computed: number): readonly string[] | undefined {
  const widest = gains.at(-1);
  if (widest === undefined) return undefined;
  const wanted = Math.min(widest.threads, cores);
  if (widest.coresUsed >= STARVED * wanted) return undefined;
  return [
    `Whether threads pay here cannot be told: ${threadsText(widest.threads)} got ${countText(widest.coresUsed)} of ${wanted} cores, so something else was at work on this machine, or the calls wait for each other.`,
    `A call of \`${action}\` takes ${timeText(inlineMs)} inline, and handing it to a thread costs ${timeText(costs.hostMs)} of the main thread: by that, threads should pay from about ${timeText(computed)} a call on.`,
  ];
}

function unclear({ action }: Findings, inlineMs: number, { threads, low, high }: Gain): Verdict {
  const sentences = [
    `Whether threads pay here cannot be told: ${threadsText(threads)} gave between ${timesText(low)} and ${timesText(high)} the throughput from one round to the next.`,
    `A call of \`${action}\` takes ${timeText(inlineMs)} inline. Measure again on a quiet machine, or for longer (\`--duration 1m\`).`,
  ];
  return { kind: 'unclear', breakEvenMs: null, sentences };
}

/** The main thread waits for as many calls as one likes; a thread, unless told otherwise, for one. */
function judgeWaiting({ action, workShare, inFlight }: Findings, inlineMs: number, best: Gain): Verdict {
  const sentences = [
    `Threads don't pay here: a call of \`${action}\` takes ${timeText(inlineMs)} inline, and computes for ${shareText(workShare)} of it; the rest it waits.`,
    `Waiting needs no thread: inline, ${countText(inFlight)} calls wait at once, and the best, ${threadsText(best.threads)}, gives ${timesText(best.speedUp)} the throughput.`,
    'On threads, `threads: { concurrency }` of the runtime, `--concurrency` of `heddle batch`, lets several calls of one thread wait at once.',
  ];
  return { kind: 'waits', breakEvenMs: null, sentences };
}

function judgeThreads({ action, costs }: Findings, best: Gain): Verdict {
  const sentences = [
    `\`${action}\` runs on threads only, so they are held against one: ${threadsText(best.threads)}, ${timesText(best.speedUp)} its throughput.`,
    `Handing a call to a thread costs ${timeText(costs.hostMs)} of the main thread.`,
  ];
  return { kind: 'threads-only', breakEvenMs: null, sentences };
}

/** What was computed must not contradict what was seen: where threads pay, they do so from this very length on; where they don't, from a larger one. */
function consistent(from: number | undefined, inlineMs: number, pays: boolean): number | undefined {
  if (from === undefined) return undefined;
  if (pays) return Math.min(from, inlineMs);
  return from > inlineMs ? from : undefined;
}

function batchText(mapGain: Gain | undefined, best: Gain): readonly string[] {
  if (mapGain === undefined || mapGain.speedUp < WORTH || mapGain.speedUp < WORTH * best.speedUp) return [];
  return [
    `As a batch (\`runtime.map\`, \`heddle batch\`) ${threadsText(mapGain.threads)} give ${timesText(mapGain.speedUp)} the throughput: tiny calls share the way there and back.`,
  ];
}

function most({ gains }: Findings): number {
  return Math.max(1, ...gains.map(({ threads }) => threads));
}

function threadsText(threads: number): string {
  return threads === 1 ? '1 thread' : `${threads} threads`;
}
