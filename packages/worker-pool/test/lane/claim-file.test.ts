import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createClaimFile, FileHostClaims, FileLaneClaims } from '../../src/lane/claim-file.ts';
import { LOADING } from '../../src/lane/claims.ts';
import { hold } from '../support/hold.ts';

function ends(orphaned: () => void = () => {}): { host: FileHostClaims; lane: FileLaneClaims; path: string } {
  const file = createClaimFile();
  const host = new FileHostClaims(file.descriptor);
  onTestFinished(() => {
    host.close();
    file.unlink();
  });
  return { host, lane: new FileLaneClaims(file.path, orphaned), path: file.path };
}

function acquire(host: FileHostClaims): { slot: number; generation: number } {
  const slot = host.acquire();
  if (slot === undefined) throw new Error('no slot is free');
  return { slot, generation: host.generation(slot) };
}

describe('a claim in a file', () => {
  it('goes from sent to begun to done, and says when it began and whether it ran', () => {
    const { host, lane } = ends();
    const { slot, generation } = acquire(host);
    expect([host.state(slot), host.startedMs(slot), host.hasRun(slot)]).toEqual(['sent', LOADING, false]);
    expect(lane.begin(slot, generation)).toBe(true);
    expect([host.state(slot), host.startedMs(slot)]).toEqual(['begun', LOADING]);
    lane.started(slot, 1234.9);
    lane.ran(slot, generation);
    lane.finish(slot, generation);
    expect([host.state(slot), host.startedMs(slot), host.hasRun(slot)]).toEqual(['done', 1234, true]);
  });

  it('E-7 is taken back while it is sent, and then does not begin', () => {
    const { host, lane } = ends();
    const { slot, generation } = acquire(host);
    expect([host.recall(slot), lane.begin(slot, generation)]).toEqual([true, false]);
  });

  it('E-7 is not taken back once it has begun, nor when it is done', () => {
    const { host, lane } = ends();
    const { slot, generation } = acquire(host);
    lane.begin(slot, generation);
    expect(host.recall(slot)).toBe(false);
    lane.finish(slot, generation);
    expect([host.recall(slot), host.state(slot)]).toEqual([false, 'done']);
  });

  it('starts afresh in a slot that is used again: not cancelled, not started, not run', () => {
    const { host, lane } = ends();
    const first = acquire(host);
    lane.begin(first.slot, first.generation);
    lane.started(first.slot, 123);
    lane.ran(first.slot, first.generation);
    host.cancel(first.slot);
    lane.finish(first.slot, first.generation);
    host.release(first.slot);
    const next = acquire(host);
    expect(next.slot).toBe(first.slot);
    expect([host.state(next.slot), host.startedMs(next.slot), host.hasRun(next.slot)]).toEqual(['sent', LOADING, false]);
    expect(lane.isCancelled(next.slot, next.generation)).toBe(false);
    lane.begin(next.slot, next.generation);
    expect([host.state(next.slot), host.startedMs(next.slot)]).toEqual(['begun', LOADING]);
  });

  it('is no longer begun by whoever comes late for the last task of its slot', () => {
    const { host, lane } = ends();
    const late = acquire(host);
    host.recall(late.slot);
    host.release(late.slot);
    const next = acquire(host);
    expect(lane.begin(late.slot, late.generation)).toBe(false);
    expect([host.recall(next.slot), lane.begin(late.slot, late.generation)]).toEqual([true, false]);
  });

  it('is begun, however often its slot was used since something was last taken back there', () => {
    const { host, lane } = ends();
    const first = acquire(host);
    host.recall(first.slot);
    host.release(first.slot);
    let { slot, generation } = first;
    for (let uses = 0; uses < 3 * 2 ** 20; uses++) {
      ({ slot, generation } = acquire(host));
      host.release(slot);
    }
    expect([slot, lane.begin(slot, generation)]).toEqual([first.slot, true]);
  });

  it('can be asked for when the lane is gone and the file as well', () => {
    const { host, lane, path } = ends();
    const { slot, generation } = acquire(host);
    lane.begin(slot, generation);
    lane.started(slot, 5);
    host.close();
    host.close();
    expect([host.state(slot), host.startedMs(slot), host.recall(slot), host.recall(acquire(host).slot)]).toEqual(['begun', 5, false, true]);
    expect(existsSync(path)).toBe(true);
  });
});

describe('a cancel in a file', () => {
  it('A-9 is seen when the lane looks again, at once when it is told to', () => {
    let looks = 0;
    const { host, lane } = ends(() => looks++);
    const { slot, generation } = acquire(host);
    lane.begin(slot, generation);
    expect(lane.isCancelled(slot, generation)).toBe(false);
    host.cancel(slot);
    lane.look();
    expect([lane.isCancelled(slot, generation), lane.isCancelled(slot, generation)]).toEqual([true, true]);
    expect(looks).toBe(1);
  });

  it('A-9 is seen by a loop that does nothing but ask', () => {
    const { host, lane } = ends();
    const { slot, generation } = acquire(host);
    lane.isCancelled(slot, generation);
    host.cancel(slot);
    while (!lane.isCancelled(slot, generation));
  });
});

type Step = { readonly kind: 'send' } | { readonly kind: 'begin' | 'finish' | 'recall'; readonly pick: number };
type Held = { readonly slot: number; readonly generation: number; state: 'sent' | 'begun' | 'done' | 'recalled' };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('send' as const) }),
    fc.record({ kind: fc.constantFrom('begin' as const, 'finish' as const, 'recall' as const), pick: fc.nat(7) }),
  ),
  { maxLength: 60 },
);

/** The slot of one that was taken back is used again before the lane has come upon it. */
const CROSSED: Step[] = [
  { kind: 'send' },
  { kind: 'recall', pick: 0 },
  { kind: 'send' },
  { kind: 'begin', pick: 7 },
  { kind: 'begin', pick: 0 },
  { kind: 'recall', pick: 1 },
];

describe('the model of claims in a file', () => {
  it('E-7 begins what was sent and not taken back, in any order of steps, and nothing else', () => {
    const { host, lane } = ends();
    fc.assert(
      fc.property(steps, (script) => {
        const sent: Held[] = [];
        for (const step of script) play(host, lane, sent, step);
        for (const held of sent) if (held.state !== 'recalled') host.release(held.slot);
      }),
      { numRuns: 300, examples: [[CROSSED]] },
    );
  });
});

function play(host: FileHostClaims, lane: FileLaneClaims, sent: Held[], step: Step): void {
  if (step.kind === 'send') {
    sent.push({ ...acquire(host), state: 'sent' });
    return;
  }
  const held = sent[step.pick % Math.max(1, sent.length)];
  if (held === undefined) return;
  const { slot, generation, state } = held;
  if (step.kind === 'begin') {
    if (state === 'begun' || state === 'done') return;
    // A lane comes upon tasks in the order they were sent: what it begins in a slot is never older than what it has begun there.
    if (sent.slice(sent.indexOf(held)).some((later) => later.slot === slot && (later.state === 'begun' || later.state === 'done'))) return;
    hold(lane.begin(slot, generation) === (state === 'sent'), `begins from ${state}`);
    if (state === 'sent') held.state = 'begun';
  } else if (step.kind === 'finish') {
    if (state !== 'begun') return;
    lane.finish(slot, generation);
    held.state = 'done';
    hold(host.state(slot) === 'done', 'is done');
  } else if (state !== 'recalled') {
    hold(host.recall(slot) === (state === 'sent'), `is taken back from ${state}`);
    if (state !== 'sent') return;
    held.state = 'recalled';
    host.release(slot);
  }
}

describe('a lane and its host at once', () => {
  it('E-7 each task is begun or taken back, never both, never neither', async () => {
    const { host, path } = ends();
    const total = 20_000;
    const begun = new Int32Array(new SharedArrayBuffer(4 * total));
    const worker = new Worker(new URL('../fixtures/racing-file-lane.mjs', import.meta.url), { workerData: { path, begun } });
    onTestFinished(async () => void (await worker.terminate()));
    await new Promise((resolve) => worker.once('message', resolve));
    const recalled = new Int32Array(total);
    const answered = new Promise((resolve) => worker.once('message', resolve));
    for (let task = 0; task < total; task++) {
      const { slot, generation } = acquire(host);
      worker.postMessage([task, slot, generation]);
      if (host.recall(slot)) recalled[task] = 1;
      // As with an outcome: whoever has begun keeps the slot until it is done.
      else while (host.state(slot) !== 'done');
      host.release(slot);
    }
    worker.postMessage('end');
    await answered;
    const sums = Array.from({ length: total }, (_, task) => (begun[task] ?? 0) + (recalled[task] ?? 0));
    expect(sums.filter((sum) => sum !== 1)).toEqual([]);
    expect(recalled.some((value) => value === 1)).toBe(true);
  });
});
