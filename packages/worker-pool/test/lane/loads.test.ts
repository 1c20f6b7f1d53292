import { describe, expect, it } from 'vitest';
import { createClaimMemory } from '../../src/lane/claims.ts';
import { LaneLoads, loadsEnded } from '../../src/lane/loads.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';

/** A thread that may be loading, and what the host that wants to end it hears. */
function world() {
  const memory = createClaimMemory();
  const clock = new FakeClock();
  let ended = false;
  let over = false;
  const end = (): void => void loadsEnded(memory, clock, () => over).then(() => (ended = true));
  return { lane: new LaneLoads(memory), clock, end, hasEnded: () => ended, isOver: () => (over = true) };
}

describe('a thread that is to be ended', () => {
  it('E-7 is ended at once while it loads nothing', async () => {
    const { end, hasEnded } = world();
    end();
    await settle();
    expect(hasEnded()).toBe(true);
  });

  it('E-12 is not ended in the midst of a load, nor of one inside it', async () => {
    const { lane, clock, end, hasEnded } = world();
    lane.begin();
    lane.begin();
    end();
    await clock.advance(100);
    lane.end();
    await clock.advance(100);
    expect(hasEnded()).toBe(false);
    lane.end();
    await clock.advance(1);
    expect(hasEnded()).toBe(true);
  });

  it('E-12 is ended all the same when what it loads never ends', async () => {
    const { lane, clock, end, hasEnded } = world();
    lane.begin();
    end();
    await clock.advance(499);
    expect(hasEnded()).toBe(false);
    await clock.advance(1);
    expect(hasEnded()).toBe(true);
  });

  it('E-12 is waited for as long as it loads what is sure to end, however busy the machine', async () => {
    const { lane, clock, end, hasEnded } = world();
    lane.begin();
    lane.begin(true);
    end();
    await clock.advance(5000);
    expect(hasEnded()).toBe(false);
    lane.end(true);
    await clock.advance(1);
    expect(hasEnded()).toBe(true);
  });

  it('E-12 is not waited for when it is over by itself, whatever it was loading', async () => {
    const { lane, clock, end, hasEnded, isOver } = world();
    lane.begin(true);
    end();
    await clock.advance(10);
    isOver();
    await clock.advance(1);
    expect([hasEnded(), clock.pending]).toEqual([true, 0]);
  });

  it('E-12 begins no load any more: it waits for its end', async () => {
    const { lane, clock, end, hasEnded } = world();
    lane.begin();
    end();
    const { wait } = Atomics;
    Atomics.wait = ((_words: Int32Array, _index: number, _value: number, timeoutMs?: number) => {
      throw new Error(`waits ${timeoutMs ?? 'for ever'}`);
    }) as never; // one form of it is called
    try {
      expect(() => lane.begin(true)).toThrow('waits for ever');
      expect(() => lane.begin()).toThrow('waits for ever');
    } finally {
      Atomics.wait = wait;
    }
    lane.end();
    await clock.advance(1);
    expect(hasEnded()).toBe(true);
  });
});
