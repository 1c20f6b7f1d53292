import type { Coroutine } from '@heddle/core';
import { measureUsage, quantileOf, quantityOf, type Section } from '@heddle/measure';
import { createRuntime, type Runtime } from '@heddle/worker-pool';
import { calibrate, type Driven, drive, warmUp } from '../measure/drive.ts';
import { sendScouts, timed, weigh } from '../measure/weigh.ts';
import type { BenchOptions } from '../options.ts';
import { STOP } from '../work/echo.ts';
import { echoes } from '../work/echo-action.ts';
import { type Order, orderAt, type PricedOrder } from '../work/order.ts';
import { orderWork } from '../work/order-work.ts';
import type { Progress } from './scenario.ts';

const COROUTINES = 'coroutines';
const THREADS = 2;
const WITHOUT = 'without';
const AGAIN = 'without again';
const WITH = 'with';
const SLICES = 12;
/** Weighing collects all garbage, after which V8 has to learn the code anew. */
const WARM_CALLS = 40_000;
/** Of CPU time: long enough for every call of a warm-up. */
const WARM_CAP_MS = 10_000;

interface Crowd {
  readonly hostBytes: number;
  readonly threadBytes: number;
  readonly residentBytes: number;
  readonly startUs: number;
  readonly resumeUs: number;
  readonly endUs: number;
  readonly leftBytes: number;
  /** Plain actions a second: before, while, and after. */
  readonly plain: readonly [before: number, during: number, after: number];
}

/** A hundred thousand coroutines on two threads: what each holds and costs, and what they cost others. */
export async function crowdSections({ rounds, quick }: BenchOptions, progress: Progress): Promise<Section[]> {
  const count = quick ? 10_000 : 100_000;
  const crowds: Crowd[] = [];
  for (let round = 0; round < rounds; round++) {
    progress(`${count} suspended, round ${round + 1} of ${rounds}`);
    crowds.push(await takeCrowd(count));
  }
  const of = (read: (crowd: Crowd) => number): Map<string, number[]> => new Map([[COROUTINES, crowds.map(read)]]);
  const atMost = (bytes: number) => [{ contender: COROUTINES, atMost: bytes }];
  const plain = new Map([
    [WITHOUT, crowds.map(({ plain: [before, , after] }) => (before + after) / 2)],
    [WITH, crowds.map(({ plain: [, during] }) => during)],
    [AGAIN, crowds.map(({ plain: [before] }) => before)],
  ]);
  return [
    {
      title: `${count} suspended on ${THREADS} threads`,
      quantities: [
        quantityOf({ name: 'host heap', unit: 'B each', rounds: of((crowd) => crowd.hostBytes), targets: atMost(4096) }),
        quantityOf({ name: 'thread heap', unit: 'B each', rounds: of((crowd) => crowd.threadBytes), targets: atMost(4096) }),
        quantityOf({ name: 'resident', unit: 'B each', rounds: of((crowd) => crowd.residentBytes), targets: atMost(4096) }),
        quantityOf({ name: 'start', unit: 'µs each', rounds: of((crowd) => crowd.startUs) }),
        quantityOf({ name: 'resume', unit: 'µs each', rounds: of((crowd) => crowd.resumeUs) }),
        quantityOf({ name: 'end', unit: 'µs each', rounds: of((crowd) => crowd.endUs) }),
        quantityOf({ name: 'left behind', unit: 'B each', rounds: of((crowd) => crowd.leftBytes) }),
      ],
    },
    {
      title: `plain actions, 256 in flight, beside ${count} suspended`,
      quantities: [
        quantityOf({
          name: 'throughput',
          unit: 'calls/s',
          base: WITHOUT,
          again: AGAIN,
          rounds: plain,
          targets: [{ contender: WITH, against: WITHOUT, atLeast: 0.95 }],
        }),
      ],
    },
  ];
}

async function takeCrowd(count: number): Promise<Crowd> {
  const runtime = createRuntime({ threads: { min: 1, max: 1 }, stateful: { threads: THREADS } });
  await runtime.ready();
  const plain = plainOf(runtime);
  await warmUp(plain, WARM_CAP_MS);
  const calls = await calibrate(plain, 256, 60);
  const scouts = await sendScouts(runtime, THREADS);
  // Hot on both sides, and with the room that such a crowd needs for a moment.
  await finish(await begin(runtime, count / 10));
  const takePlain = async (): Promise<number> => {
    await drive(plain, WARM_CALLS, 256);
    const rates: number[] = [];
    for (let slice = 0; slice < SLICES; slice++) {
      const { tasks, wallMs } = await measureUsage(calls, () => drive(plain, calls, 256));
      rates.push((tasks * 1000) / wallMs);
    }
    return quantileOf(rates, 0.5);
  };
  const before = await takePlain();
  const base = await weigh(scouts);
  const started = await timed(() => begin(runtime, count));
  const held = await weigh(scouts);
  const during = await takePlain();
  const resumed = await timed(() => Promise.all(started.value.map((coroutine) => coroutine.next(1))));
  const ended = await timed(() => finish(started.value));
  resumed.value.length = 0;
  started.value.length = 0;
  const left = await weigh(scouts);
  const after = await takePlain();
  await runtime.close({ graceMs: 0 });
  const each = (total: number): number => total / count;
  return {
    hostBytes: each(held.host - base.host),
    threadBytes: each(held.threads - base.threads),
    residentBytes: each(held.resident - base.resident),
    startUs: each(started.ms * 1000),
    resumeUs: each(resumed.ms * 1000),
    endUs: each(ended.ms * 1000),
    leftBytes: each(left.host + left.threads - base.host - base.threads),
    plain: [before, during, after],
  };
}

function plainOf(runtime: Runtime): Driven<Order, PricedOrder> {
  const params = Array.from({ length: 1024 }, (_, index) => orderAt(index));
  const peer = {
    run: (order: Order) => runtime.run(orderWork.checkedAction, order),
    valueOf: (settled: unknown) => {
      const outcome = settled as Awaited<ReturnType<typeof peer.run>>; // what `run` above gave
      if (!outcome.ok) throw outcome.error;
      return outcome.value;
    },
    close: () => runtime.close(),
  };
  return { peer, work: orderWork, params };
}

type Echo = Coroutine<unknown, number, unknown>;

async function begin(runtime: Runtime, count: number): Promise<Echo[]> {
  const coroutines = Array.from({ length: count }, () => runtime.coroutine(echoes, {}));
  // No limit: what is measured is not how soon the last of them has its turn.
  await Promise.all(coroutines.map((coroutine) => coroutine.next(undefined, UNLIMITED)));
  return coroutines;
}

const UNLIMITED = { timeoutMs: Number.POSITIVE_INFINITY } as const;

async function finish(coroutines: readonly Echo[]): Promise<void> {
  const steps = await Promise.all(coroutines.map((coroutine) => coroutine.next(STOP, UNLIMITED)));
  for (const { kind } of steps) if (kind !== 'completed') throw new Error(`a coroutine ended with ${kind}`);
}
