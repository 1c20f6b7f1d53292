import { setTimeout as sleep } from 'node:timers/promises';
import { quantityOf } from '@heddle/measure';
import type { BenchOptions } from '../options.ts';
import { heddle, heddlePlain } from '../peer/heddle.ts';
import type { Peer } from '../peer/peer.ts';
import { piscina } from '../peer/piscina.ts';
import { orderAt } from '../work/order.ts';
import { orderWork } from '../work/order-work.ts';
import type { Progress, Scenario } from './scenario.ts';

const MILLION = 1_000_000;
const PEERS: readonly Peer[] = [piscina, heddlePlain, heddle];

/** A very long queue. */
export const queue: Scenario = {
  name: 'queue',
  summary:
    'A million tasks started at once, all with the same params: what each holds while it waits, how long all take, what stays behind.',
  async run(options, progress) {
    // Each peer needs minutes, and memory does not jitter as time does: few rounds do.
    const rounds = Math.min(options.rounds, 2);
    const held = new Map<string, number[]>();
    const times = new Map<string, number[]>();
    const left = new Map<string, number[]>();
    for (let round = 0; round < rounds; round++) {
      for (const peer of PEERS) {
        progress(peer.name);
        const { heldBytes, wallMs, leftBytes } = await fill(peer, options, progress);
        held.set(peer.name, [...(held.get(peer.name) ?? []), heldBytes]);
        times.set(peer.name, [...(times.get(peer.name) ?? []), wallMs]);
        left.set(peer.name, [...(left.get(peer.name) ?? []), leftBytes / 1e6]);
      }
    }
    const count = countOf(options);
    return {
      sections: [
        {
          title: `${count} queued tasks`,
          quantities: [
            quantityOf({ name: 'held', unit: 'B/task', rounds: held, targets: [{ contender: 'heddle', atMost: 350 }] }),
            quantityOf({
              name: 'through in',
              unit: 'ms',
              rounds: times,
              base: 'piscina',
              targets: [{ contender: 'heddle', against: 'piscina', atMost: 1 / 12 }],
            }),
            quantityOf({ name: 'heap left behind', unit: 'MB', rounds: left }),
          ],
        },
      ],
      notes: ['What a task holds includes the promise of its call, and nothing of its params, which are shared.'],
    };
  },
};

interface Filled {
  readonly heldBytes: number;
  readonly wallMs: number;
  readonly leftBytes: number;
}

function countOf({ quick }: BenchOptions): number {
  return quick ? MILLION / 10 : MILLION;
}

async function fill(peer: Peer, options: BenchOptions, progress: Progress): Promise<Filled> {
  const count = countOf(options);
  const open = await peer.open(orderWork, options.threads);
  const params = orderAt(7);
  for (let warm = 0; warm < 2000; warm++) await open.run(params);
  await sleep(50);
  const base = heapBytes();
  const begun = performance.now();
  let settled: Promise<void> | undefined = runAll(
    count,
    () => open.run(params),
    (value) => orderWork.check(params, open.valueOf(value)),
  );
  const startedMs = performance.now() - begun;
  // Still the same turn: nothing but the first of each thread has been sent.
  const heldBytes = (heapBytes() - base) / count;
  progress(`${peer.name}: all started in ${Math.round(startedMs)} ms`);
  const resumed = performance.now();
  await settled;
  const wallMs = startedMs + performance.now() - resumed;
  settled = undefined;
  await sleep(50);
  const leftBytes = heapBytes() - base;
  await open.close();
  return { heldBytes, wallMs, leftBytes };
}

/** Starts all at once. Holds none of the promises itself: what is held is the peer's. */
function runAll(count: number, run: () => Promise<unknown>, check: (value: unknown) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = count;
    const settle = (value: unknown): void => {
      try {
        check(value);
      } catch (error) {
        reject(error);
      }
      if (--left === 0) resolve();
    };
    for (let started = 0; started < count; started++) void run().then(settle, reject); // `resolve` waits for all
  });
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
