import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createClaimMemory, HostClaims, LaneClaims, LOADING, nextGeneration, SLOTS } from '../../src/lane/claims.ts';
import { hold } from '../support/hold.ts';

function ends(): { host: HostClaims; lane: LaneClaims } {
  const memory = createClaimMemory();
  return { host: new HostClaims(memory), lane: new LaneClaims(memory) };
}

function acquire(host: HostClaims): { slot: number; generation: number } {
  const slot = host.acquire();
  if (slot === undefined) throw new Error('no slot is free');
  return { slot, generation: host.generation(slot) };
}

describe('a claim', () => {
  it('goes from sent to begun to done', () => {
    const { host, lane } = ends();
    const { slot, generation } = acquire(host);
    expect(host.state(slot)).toBe('sent');
    expect(lane.begin(slot, generation)).toBe(true);
    expect(host.state(slot)).toBe('begun');
    lane.finish(slot, generation);
    expect(host.state(slot)).toBe('done');
  });

  it('E-7 is taken back while it is sent, and then does not begin', () => {
    const { host, lane } = ends();
    const { slot, generation } = acquire(host);
    expect(host.recall(slot)).toBe(true);
    expect([host.state(slot), lane.begin(slot, generation), host.recall(slot)]).toEqual(['recalled', false, false]);
  });

  it('E-7 is not taken back once it has begun, nor when it is done', () => {
    const { host, lane } = ends();
    const { slot, generation } = acquire(host);
    lane.begin(slot, generation);
    expect(host.recall(slot)).toBe(false);
    lane.finish(slot, generation);
    expect([host.recall(slot), host.state(slot)]).toEqual([false, 'done']);
  });

  it('begins once', () => {
    const { host, lane } = ends();
    const { slot, generation } = acquire(host);
    expect([lane.begin(slot, generation), lane.begin(slot, generation)]).toEqual([true, false]);
  });
});

describe('a slot that is used again', () => {
  it('is no longer begun by whoever comes late for its last task', () => {
    const { host, lane } = ends();
    const late = acquire(host);
    host.recall(late.slot);
    host.release(late.slot);
    const next = acquire(host);
    expect(next.slot).toBe(late.slot);
    expect(next.generation).not.toBe(late.generation);
    expect(lane.begin(late.slot, late.generation)).toBe(false);
    expect(lane.begin(next.slot, next.generation)).toBe(true);
  });

  it('starts afresh: not cancelled, not started', () => {
    const { host, lane } = ends();
    const first = acquire(host);
    lane.begin(first.slot, first.generation);
    lane.started(first.slot, 123);
    host.cancel(first.slot);
    lane.finish(first.slot, first.generation);
    host.release(first.slot);
    const next = acquire(host);
    expect([lane.isCancelled(next.slot, next.generation), host.startedMs(next.slot)]).toEqual([false, LOADING]);
    host.cancel(next.slot);
    expect([lane.isCancelled(next.slot, next.generation), lane.isCancelled(first.slot, first.generation)]).toEqual([true, false]);
  });

  it('counts its generations round, and never comes to zero, which would read as cancelled', () => {
    expect([nextGeneration(0), nextGeneration(1), nextGeneration(0x1ffffffe), nextGeneration(0x1fffffff)]).toEqual([1, 2, 0x1fffffff, 1]);
  });
});

describe('slots', () => {
  it('are given out until none is free, and again when they are back', () => {
    const { host } = ends();
    const slots = Array.from({ length: SLOTS }, () => acquire(host).slot);
    expect([new Set(slots).size, host.freeSlots, host.acquire()]).toEqual([SLOTS, 0, undefined]);
    host.release(slots[3] ?? -1);
    expect([host.freeSlots, host.acquire()]).toEqual([1, slots[3]]);
  });
});

describe('when a task began', () => {
  it('R-4 is told on a clock cut to 32 bits, and never reads as loading', () => {
    const { host, lane } = ends();
    const { slot } = acquire(host);
    for (const [nowMs, told] of [
      [1234.9, 1234],
      [0, 1],
      [2 ** 32, 1],
      [2 ** 31 + 5, -(2 ** 31) + 5],
    ] as const) {
      lane.started(slot, nowMs);
      expect(host.startedMs(slot)).toBe(told);
    }
  });
});

type Step = { readonly kind: 'send' } | { readonly kind: 'begin' | 'beginLate' | 'finish' | 'recall' | 'cancel'; readonly pick: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('send' as const) }),
  fc.record({
    kind: fc.constantFrom('begin' as const, 'beginLate' as const, 'finish' as const, 'recall' as const, 'cancel' as const),
    pick: fc.nat(),
  }),
);

interface Entry {
  readonly slot: number;
  readonly generation: number;
  state: 'sent' | 'begun' | 'gone';
  cancelled: boolean;
}

describe('any order of what host and lane do', () => {
  it('E-8 begins each task at most once, and none that was taken back; cancels reach their own task alone', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100, size: 'max' }), (steps) => {
        const { host, lane } = ends();
        const all: Entry[] = [];
        for (const each of steps) {
          if (each.kind === 'send') all.push({ ...acquire(host), state: 'sent', cancelled: false });
          else perform(each.kind, all[each.pick % Math.max(1, all.length)], host, lane);
          for (const { slot, generation, state, cancelled } of all)
            if (state !== 'gone') hold(lane.isCancelled(slot, generation) === cancelled, 'a cancel reaches its own task alone');
        }
        expect(host.freeSlots).toBe(SLOTS - all.filter(({ state }) => state !== 'gone').length);
      }),
      { numRuns: 300 },
    );
  });
});

function perform(
  kind: 'begin' | 'beginLate' | 'finish' | 'recall' | 'cancel',
  entry: Entry | undefined,
  host: HostClaims,
  lane: LaneClaims,
): void {
  if (entry === undefined) return;
  const { slot, generation, state } = entry;
  switch (kind) {
    case 'begin':
    case 'beginLate':
      hold(lane.begin(slot, generation) === (state === 'sent'), 'what was sent begins, once');
      if (state === 'sent') entry.state = 'begun';
      return;
    case 'finish':
      if (state !== 'begun') return;
      lane.finish(slot, generation);
      host.release(slot);
      entry.state = 'gone';
      return;
    case 'recall':
      if (state === 'gone') return;
      hold(host.recall(slot) === (state === 'sent'), 'what was sent is taken back, once');
      if (state !== 'sent') return;
      host.release(slot);
      entry.state = 'gone';
      return;
    case 'cancel':
      if (state === 'gone') return;
      host.cancel(slot);
      entry.cancelled = true;
  }
}

describe('two threads', () => {
  it('E-8 race a hundred thousand tasks with recalls: none is done twice, none is lost', async () => {
    const memory = createClaimMemory();
    const host = new HostClaims(memory);
    // The built module: a thread cannot load this one's source on every Node.
    const claimsModule = new URL('../../dist/lane/claims.js', import.meta.url).href;
    const worker = new Worker(new URL('../fixtures/racing-lane.mjs', import.meta.url), {
      workerData: { claims: memory, claimsModule },
      execArgv: [],
    });
    try {
      expect(await race(worker, host, 100_000)).toEqual({ doubled: 0, lost: 0 });
    } finally {
      await worker.terminate();
    }
  });
});

/** Sends tasks in batches and takes back the newest of them meanwhile; what was taken back is sent again. */
async function race(worker: Worker, host: HostClaims, count: number): Promise<{ doubled: number; lost: number }> {
  const done = new Uint8Array(count);
  const pending = Array.from({ length: count }, (_, task) => task);
  let recalled = 0;
  let begunFirst = 0;
  while (pending.length > 0) {
    const sent = pending.splice(-256).map((task) => ({ task, ...acquire(host) }));
    const answer = new Promise<number[]>((resolve) => worker.once('message', resolve));
    worker.postMessage(sent.flatMap(({ task, slot, generation }) => [slot, generation, task]));
    // Long enough for the lane to be somewhere in the middle of it, more or less.
    for (let spins = 0; spins < (recalled % 40) * 500; spins++) host.freeSlots;
    for (const { task, slot } of sent.toReversed()) {
      if (host.recall(slot)) {
        recalled++;
        pending.push(task);
        host.release(slot);
      } else begunFirst++;
    }
    const begun = await answer;
    for (let index = 0; index < begun.length; index += 2) {
      const task = begun[index] ?? -1;
      done[task] = (done[task] ?? 0) + 1;
      host.release(begun[index + 1] ?? -1);
    }
  }
  expect(begunFirst).toBe(count);
  expect(recalled).toBeGreaterThan(0);
  return { doubled: done.filter((times) => times > 1).length, lost: done.filter((times) => times === 0).length };
}
