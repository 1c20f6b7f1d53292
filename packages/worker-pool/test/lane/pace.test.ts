import { describe, expect, it } from 'vitest';
import { CLAIM_WORDS, createClaimMemory } from '../../src/lane/claims.ts';
import { HostPace, LanePace } from '../../src/lane/pace.ts';

describe('the pace of a lane', () => {
  it('C-9 never waits while the host keeps up', () => {
    const memory = createClaimMemory();
    const [lane, host] = [new LanePace(memory), new HostPace(memory)];
    const wait = Atomics.wait;
    Atomics.wait = () => {
      throw new Error('it waited');
    };
    try {
      for (let message = 0; message < 10_000; message++) {
        lane.wait();
        lane.posted();
        host.take();
      }
    } finally {
      Atomics.wait = wait;
    }
    expect(Atomics.load(new Int32Array(memory), CLAIM_WORDS)).toBe(10_000 - (10_000 % 64));
  });

  it('C-9 waits once it is 256 messages ahead, for as long as the host takes none, and no longer', () => {
    const memory = createClaimMemory();
    const [lane, host] = [new LanePace(memory), new HostPace(memory)];
    const waits: number[] = [];
    const wait = Atomics.wait;
    Atomics.wait = ((_words: Int32Array, index: number) => void waits.push(index)) as never; // its answer is not read
    try {
      for (let message = 0; message < 256; message++) {
        lane.wait();
        lane.posted();
      }
      expect(waits).toEqual([]);
      lane.wait();
      expect(waits).toEqual([CLAIM_WORDS]);
      for (let message = 0; message < 64; message++) host.take();
      lane.wait();
      expect(waits).toHaveLength(1);
    } finally {
      Atomics.wait = wait;
    }
  });
});
