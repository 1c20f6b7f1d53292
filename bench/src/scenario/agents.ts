import { all } from '@heddle/await';
import type { AgentRef } from '@heddle/core';
import { measureUsage, quantileOf, quantityOf, type Section, takeTurns, type Usage } from '@heddle/measure';
import { createRuntime, type Runtime } from '@heddle/worker-pool';
import { sendScouts, timed, weigh } from '../measure/weigh.ts';
import { openEmitters, signalEmitters } from '../peer/emitter.ts';
import { sendAll } from '../work/send-all.ts';
import { emptyTally, SENDERS, type Tally, type TallySignal } from '../work/tally.ts';
import { tallies } from '../work/tally-agent.ts';
import type { Scenario } from './scenario.ts';

const AGENTS = 'agents';
const EMITTERS = 'emitters';
const EMITTERS_AGAIN = 'emitters again';
const THREADS = 2;
const EMITTER_SLICES = 8;

/** How many receivers, and how many signals each is sent. */
interface Size {
  readonly count: number;
  readonly signals: number;
}

interface AgentRound {
  readonly usage: Usage;
  readonly hostBytes: number;
  readonly threadBytes: number;
  readonly residentBytes: number;
  /** Host and threads, beyond what they held at rest before. */
  readonly grownBytes: number;
  readonly leftBytes: number;
  readonly startUs: number;
  readonly awaitUs: number;
  readonly stopUs: number;
}

interface EmitterRound {
  readonly slices: ReadonlyMap<string, readonly Usage[]>;
  readonly hostBytes: number;
}

/** Ten thousand agents that ten senders send signals. */
export const agents: Scenario = {
  name: 'agents',
  summary:
    'Thousands of agents on two threads, each sent signals by ten senders, all awaited at once; order and number are checked. Beside event emitters of the main thread that keep the same state by the same function.',
  async run({ rounds, quick }, progress) {
    const size: Size = quick ? { count: 1000, signals: 20 } : { count: 10_000, signals: 100 };
    const ours: AgentRound[] = [];
    const theirs: EmitterRound[] = [];
    for (let round = 0; round < rounds; round++) {
      progress(`round ${round + 1} of ${rounds}`);
      ours.push(await takeAgents(size));
      theirs.push(await takeEmitters(size, round));
    }
    return {
      sections: [signalSection(size, ours, theirs), memorySection(size, ours, theirs), timeSection(size, ours)],
      notes: ['`resident` is of the first round alone: later ones find the room that the signals of the first have left.'],
    };
  },
};

type TallyRef = AgentRef<Tally, { readonly add: TallySignal }>;

async function takeAgents(size: Size): Promise<AgentRound> {
  const runtime = createRuntime({ threads: { min: 1, max: 1 }, stateful: { threads: THREADS } });
  await runtime.ready();
  const scouts = await sendScouts(runtime, THREADS);
  const few = { ...size, count: size.count / 10 };
  await stopAll(await startAll(runtime, few));
  const base = await weigh(scouts);
  const started = await timed(() => startAll(runtime, size));
  const refs = started.value;
  const held = await weigh(scouts);
  // Weighing collects all garbage, after which V8 has to learn the code anew.
  const warm = await startAll(runtime, few);
  await signalAll(warm, size);
  await stopAll(warm);
  const usage = await measureUsage(size.count * size.signals, () => signalAll(refs, size));
  const awaited = await timed(() => checkAll(refs, size));
  const grown = await weigh(scouts);
  const stopped = await timed(() => stopAll(refs));
  refs.length = 0;
  warm.length = 0;
  const left = await weigh(scouts);
  await runtime.close({ graceMs: 0 });
  const each = (total: number): number => total / size.count;
  return {
    usage,
    hostBytes: each(held.host - base.host),
    threadBytes: each(held.threads - base.threads),
    residentBytes: each(held.resident - base.resident),
    grownBytes: each(grown.host + grown.threads - held.host - held.threads),
    leftBytes: each(left.host + left.threads - base.host - base.threads),
    startUs: each(started.ms * 1000),
    awaitUs: each(awaited.ms * 1000),
    stopUs: each(stopped.ms * 1000),
  };
}

/** Started, and heard of. */
async function startAll(runtime: Runtime, { count, signals }: Size): Promise<TallyRef[]> {
  const refs = Array.from({ length: count }, () => runtime.startAgent(tallies, emptyTally(signals)));
  await Promise.all(refs.map((ref) => ref.state()));
  return refs;
}

/** Waits for all of them before the first signal is sent. */
async function signalAll(refs: readonly TallyRef[], size: Size): Promise<void> {
  const completed = checkAll(refs, size);
  await sendAll(refs, size.signals / SENDERS, (ref, signal) => ref.send('add', signal));
  await completed;
}

async function checkAll(refs: readonly TallyRef[], { signals }: Size): Promise<void> {
  const done = await all(refs, Number.POSITIVE_INFINITY);
  if (!done.ok) throw done.error;
  if (done.value.size !== refs.length) throw new Error(`${done.value.size} of ${refs.length} agents have completed`);
  for (const [{ id }, { status, result }] of done.value)
    if (status !== 'completed' || result !== signals) throw new Error(`agent ${id} is ${status} with ${result}`);
}

async function stopAll(refs: readonly TallyRef[]): Promise<void> {
  const outcomes = await Promise.all(refs.map((ref) => ref.stop()));
  for (const outcome of outcomes) if (!outcome.ok) throw outcome.error;
}

async function takeEmitters({ count, signals }: Size, round: number): Promise<EmitterRound> {
  const slice = (): Promise<Usage> => {
    const emitters = openEmitters(count, signals);
    return measureUsage(count * signals, () => signalEmitters(emitters, signals));
  };
  const before = await weigh([]);
  const emitters = openEmitters(count, signals);
  const held = await weigh([]);
  await signalEmitters(emitters, signals);
  await slice();
  const contenders = [EMITTERS, EMITTERS_AGAIN].map((name) => ({ name, slice }));
  return { slices: await takeTurns(contenders, EMITTER_SLICES, round), hostBytes: (held.host - before.host) / count };
}

function signalSection({ count, signals }: Size, ours: readonly AgentRound[], theirs: readonly EmitterRound[]): Section {
  const of = (read: (usage: Usage) => number): Map<string, number[]> => {
    const median = (name: string): number[] => theirs.map(({ slices }) => quantileOf((slices.get(name) ?? []).map(read), 0.5));
    return new Map([
      [EMITTERS, median(EMITTERS)],
      [EMITTERS_AGAIN, median(EMITTERS_AGAIN)],
      [AGENTS, ours.map(({ usage }) => read(usage))],
    ]);
  };
  const common = { base: EMITTERS, again: EMITTERS_AGAIN };
  return {
    title: `${count} receivers, ${signals} signals each from ${SENDERS} senders`,
    quantities: [
      quantityOf({ ...common, name: 'throughput', unit: 'signals/s', rounds: of(({ wallMs, tasks }) => (tasks * 1000) / wallMs) }),
      quantityOf({ ...common, name: 'CPU', unit: 'µs/signal', rounds: of(({ cpuMs, tasks }) => (cpuMs * 1000) / tasks) }),
    ],
  };
}

function memorySection({ count }: Size, ours: readonly AgentRound[], theirs: readonly EmitterRound[]): Section {
  const unit = 'B each';
  const of = (read: (round: AgentRound) => number, rounds = ours): Map<string, number[]> => new Map([[AGENTS, rounds.map(read)]]);
  const host = of(({ hostBytes }) => hostBytes).set(
    EMITTERS,
    theirs.map(({ hostBytes }) => hostBytes),
  );
  return {
    title: `${count} at rest, the agents on ${THREADS} threads`,
    quantities: [
      quantityOf({ name: 'host heap', unit, rounds: host }),
      quantityOf({ name: 'thread heap', unit, rounds: of(({ threadBytes }) => threadBytes) }),
      quantityOf({ name: 'resident', unit, rounds: of(({ residentBytes }) => residentBytes, ours.slice(0, 1)) }),
      quantityOf({ name: 'grown by their signals', unit, rounds: of(({ grownBytes }) => grownBytes) }),
      quantityOf({ name: 'left behind when stopped', unit, rounds: of(({ leftBytes }) => leftBytes) }),
    ],
  };
}

function timeSection({ count }: Size, ours: readonly AgentRound[]): Section {
  const of = (read: (round: AgentRound) => number): Map<string, number[]> => new Map([[AGENTS, ours.map(read)]]);
  return {
    title: `all ${count} at once`,
    quantities: [
      quantityOf({ name: 'start and first `state()`', unit: 'µs each', rounds: of(({ startUs }) => startUs) }),
      quantityOf({ name: '`all` of completed ones', unit: 'µs each', rounds: of(({ awaitUs }) => awaitUs) }),
      quantityOf({ name: 'stop', unit: 'µs each', rounds: of(({ stopUs }) => stopUs) }),
    ],
  };
}
