import { describe, expect, it } from 'vitest';
import { createClaimMemory } from '../../src/lane/claims.ts';
import { LaneLoads, loadsEnded } from '../../src/lane/loads.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';

/** A thread that may be loading, and what the host that wants to end it hears. */
function world() {
  const memory = createClaimMemory();
  const clock = new FakeClock();
  let ended = false;
  const end = (): void => void loadsEnded(memory, clock).then(() => (ended = true));
  return { lane: new LaneLoads(memory), clock, end, hasEnded: () => ended };
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

  it('E-12 begins no load any more: it waits for its end', async () => {
    const { lane, clock, end, hasEnded } = world();
    lane.begin();
    end();
    const { wait } = Atomics;
    let waited = 0;
    Atomics.wait = (() => void waited++) as never; // its answer is not read
    try {
      lane.begin();
    } finally {
      Atomics.wait = wait;
    }
    expect(waited).toBe(1);
    lane.end();
    lane.end();
    await clock.advance(1);
    expect(hasEnded()).toBe(true);
  });
});
