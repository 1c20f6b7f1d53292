import type { HeddleError } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import type { RuntimeEvent } from '../../src/event.ts';
import { MemoryGovernor } from '../../src/memory/governor.ts';
import { FakeClock } from '../support/fake-clock.ts';

const MB = 2 ** 20;

interface FakeLane {
  readonly threadId: number;
  bytes: number | 'silent';
}

/** A process whose memory the test sets. */
class FakeProcess {
  readonly clock = new FakeClock();
  readonly lanes: FakeLane[] = [];
  readonly stopped: [threadId: number, error: HeddleError][] = [];
  readonly events: RuntimeEvent[] = [];
  readonly governor: MemoryGovernor<FakeLane>;
  rssMb = 50;

  constructor(maxRssMb: number) {
    this.governor = new MemoryGovernor<FakeLane>(maxRssMb, {
      clock: this.clock,
      rssBytes: () => this.rssMb * MB,
      lanes: () => this.lanes,
      bytesOf: async ({ bytes }) => (bytes === 'silent' ? new Promise(() => {}) : bytes),
      runningMs: () => 1000,
      stop: ({ threadId }, error) => void this.stopped.push([threadId, error]),
      tell: (event) => void this.events.push(event),
    });
  }

  lane(threadId: number, mb: number | 'silent'): void {
    this.lanes.push({ threadId, bytes: mb === 'silent' ? mb : mb * MB });
  }
}

describe('a limit on the memory of the process', () => {
  it('E-10 harms nobody below it', async () => {
    const world = new FakeProcess(100);
    world.lane(1, 80);
    world.rssMb = 100;
    await world.clock.advance(10_000);
    expect([world.stopped, world.events]).toEqual([[], []]);
  });

  it('E-10 ends the thread that holds the most, with an error that names the option, and tells of it', async () => {
    const world = new FakeProcess(100);
    world.lane(1, 20);
    world.lane(2, 60);
    world.rssMb = 130;
    await world.clock.advance(50);
    expect(world.stopped.map(([threadId]) => threadId)).toEqual([2]);
    expect(world.stopped[0]?.[1]).toMatchObject({
      type: 'limit_exceeded',
      retryable: false,
      message: expect.stringMatching(/used 130 MB, more than `memory.maxRssMb` \(100\), of which its thread held 60 MB/),
      details: { rssMb: 130, maxRssMb: 100, heldMb: 60 },
    });
    expect(world.events).toEqual([{ kind: 'memoryExceeded', rssMb: 130, maxRssMb: 100, heldMb: 60, threadId: 2 }]);
  });

  it('E-10 gives what was stopped time to be gone before anybody else is stopped', async () => {
    const world = new FakeProcess(100);
    world.lane(1, 50);
    world.rssMb = 130;
    await world.clock.advance(1000);
    expect(world.stopped).toHaveLength(1);
    await world.clock.advance(100);
    expect(world.stopped).toHaveLength(2);
  });

  it('E-10 does not wait for a thread that cannot say what it holds', async () => {
    const world = new FakeProcess(100);
    world.lane(1, 'silent');
    world.rssMb = 130;
    await world.clock.advance(149);
    expect(world.stopped).toEqual([]);
    await world.clock.advance(1);
    expect(world.stopped.map(([threadId]) => threadId)).toEqual([1]);
    expect(world.events).toEqual([{ kind: 'memoryExceeded', rssMb: 130, maxRssMb: 100, threadId: 1 }]);
  });

  it('E-10 says so, and harms nobody, when no thread holds enough for its end to help', async () => {
    const world = new FakeProcess(100);
    world.lane(1, 5);
    world.rssMb = 130;
    await world.clock.advance(50);
    expect(world.stopped).toEqual([]);
    expect(world.events).toEqual([{ kind: 'memoryExceeded', rssMb: 130, maxRssMb: 100 }]);
  });

  it('E-12 looks no more once it is closed', async () => {
    const world = new FakeProcess(100);
    world.governor.close();
    world.rssMb = 130;
    await world.clock.advance(10_000);
    expect([world.events, world.clock.pending]).toEqual([[], 0]);
  });
});
