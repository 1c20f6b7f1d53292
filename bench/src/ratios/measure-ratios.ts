import { measureUsage, quantileOf, takeTurns, type Usage } from '@heddle/measure';
import { createRuntime } from '@heddle/worker-pool';
import { calibrate, type Driven, drive } from '../measure/drive.ts';
import { endableHeddle, endablePiscina } from '../peer/endable.ts';
import { heddle } from '../peer/heddle.ts';
import { piscina } from '../peer/piscina.ts';
import { type Order, orderAt, type PricedOrder } from '../work/order.ts';
import { orderWork } from '../work/order-work.ts';
import { addOneWork } from '../work/tiny-work.ts';
import type { RatioName, Ratios } from './margins.ts';

/** What is measured in one process: `time` wants all cores, `cpu` one. */
export type RatioPart = 'time' | 'cpu';

const OURS = 'heddle';
const THEIRS = 'piscina';
const THREADS = 2;
const LOADS = [1, 16, 256] as const;
/** Warm, not hot: a check has no time for more, and its margins have room for it. */
const WARM_CALLS = 15_000;
const SLICE_MS = 15;
const PASSES = 11;
/** Time enough for a spare to start, on a busy machine too. */
const GRACE_MS = 500;
const KILLS = 5;
const ITEMS = 5000;
const MAPS = 5;

/** The ratios of one part. */
export async function measureRatios(part: RatioPart): Promise<Ratios> {
  const calls = await measureCalls(part);
  return part === 'cpu' ? { ...calls, 'cpu-map': await measureMap() } : { ...calls, kill: await measureKill() };
}

async function measureCalls(part: RatioPart): Promise<Ratios> {
  const params = Array.from({ length: 1024 }, (_, index) => orderAt(index));
  const driven = new Map<string, Driven<Order, PricedOrder>>();
  for (const [name, peer] of [[OURS, heddle] as const, [THEIRS, piscina] as const])
    driven.set(name, { peer: await peer.open(orderWork, THREADS), work: orderWork, params });
  for (const each of driven.values()) await drive(each, WARM_CALLS, 256);
  const ratios: Partial<Record<RatioName, number>> = {};
  for (const inFlight of LOADS) {
    const contenders = [];
    for (const [name, each] of driven) {
      const count = await calibrate(each, inFlight, SLICE_MS);
      contenders.push({ name, slice: () => measureUsage(count, () => drive(each, count, inFlight)) });
    }
    const slices = await takeTurns(contenders, PASSES, inFlight);
    const read = ({ tasks, wallMs, cpuMs }: Usage): number => (part === 'cpu' ? cpuMs : wallMs) / tasks;
    ratios[`${part}-${inFlight}`] = ratioOf(new Map([...slices].map(([name, parts]) => [name, parts.map(read)])));
  }
  for (const { peer } of driven.values()) await peer.close();
  return ratios;
}

async function measureKill(): Promise<number> {
  const peers = [endableHeddle(OURS, GRACE_MS), endablePiscina(THEIRS)];
  for (const peer of peers) await peer.endAndServe('deaf');
  const contenders = peers.map((peer) => ({ name: peer.name, slice: () => peer.endAndServe('deaf') }));
  const slices = await takeTurns(contenders, KILLS, 0);
  for (const peer of peers) await peer.close();
  const beyond = (slices.get(OURS) ?? []).map((ms) => Math.max(0, ms - GRACE_MS));
  return ratioOf(new Map([...slices, [OURS, beyond]]));
}

async function measureMap(): Promise<number> {
  const runtime = createRuntime({ threads: { min: THREADS, max: THREADS } });
  await runtime.ready();
  const pool = await piscina.open(addOneWork, THREADS);
  const items = Array.from({ length: ITEMS }, (_, index) => index);
  const overMap = async (): Promise<void> => {
    for await (const { params, outcome } of runtime.map(addOneWork.checkedAction, items)) {
      if (!outcome.ok) throw outcome.error;
      addOneWork.check(params, outcome.value);
    }
  };
  const overPool = async (): Promise<void> => {
    const values = await Promise.all(items.map((item) => pool.run(item)));
    for (const [index, item] of items.entries()) addOneWork.check(item, pool.valueOf(values[index]));
  };
  const contenders = [
    { name: OURS, slice: () => costOf(overMap) },
    { name: THEIRS, slice: () => costOf(overPool) },
  ];
  await takeTurns(contenders, MAPS, 0);
  const slices = await takeTurns(contenders, MAPS, 1);
  await Promise.all([runtime.close(), pool.close()]);
  return ratioOf(slices);
}

async function costOf(run: () => Promise<void>): Promise<number> {
  return (await measureUsage(ITEMS, run)).cpuMs;
}

/** By the better quarter of each side's slices: what others at work on the machine have made slow says nothing. */
function ratioOf(slices: ReadonlyMap<string, readonly number[]>): number {
  return quantileOf(slices.get(OURS) ?? [], 0.25) / quantileOf(slices.get(THEIRS) ?? [], 0.25);
}
