import { setImmediate as nextTurn } from 'node:timers/promises';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { createClaimMemory } from '../../src/lane/claims.ts';
import { Lane, type LaneEvents } from '../../src/lane/lane.ts';
import type { LaneThread } from '../../src/lane/thread-pool.ts';
import type { LaneOutput } from '../../src/protocol/output.ts';

const open: MessagePort[] = [];

afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

/** A lane whose messages take the host some time each; `thread` is the thread's end. */
function slowLane(taken: number[], eachMs: number): { readonly lane: Lane; readonly thread: MessagePort } {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  const thread: LaneThread = { threadId: 1, port: port1, claims: createClaimMemory(), onEnd: () => {}, terminate: () => {} };
  const events: LaneEvents = {
    message: (_lane, output) => {
      const end = performance.now() + eachMs;
      while (performance.now() < end);
      taken.push(numberOf(output));
    },
    unsendable: () => {},
    sent: () => {},
    runnerAt: () => undefined,
    ended: () => {},
  };
  return { lane: new Lane(thread, events, { services: undefined, idPrefix: 'test-' }), thread: port2 };
}

function numberOf(output: LaneOutput): number {
  return (output as readonly unknown[])[1] as number; // as the test posts them
}

describe('a turn of the event loop', () => {
  it('ends while messages of lanes are still there: timers and sockets have their turn, and every message is taken, in order', async () => {
    const [one, two]: [number[], number[]] = [[], []];
    const first = slowLane(one, 1);
    const second = slowLane(two, 1);
    const numbers = Array.from({ length: 60 }, (_, index) => index);
    for (const number of numbers) {
      first.thread.postMessage([0, number]);
      second.thread.postMessage([0, number]);
    }
    const seen: number[] = [];
    while (one.length + two.length < 120) {
      await nextTurn();
      seen.push(one.length + two.length);
    }
    expect(one).toEqual(numbers);
    expect(two).toEqual(numbers);
    // Neither all at once, nor so few that a turn is wasted on each.
    expect(Math.max(...seen.map((count, index) => count - (seen[index - 1] ?? 0)))).toBeLessThan(40);
  });

  it('goes on where messages come one by one, as long as they come', async () => {
    const taken: number[] = [];
    const { thread } = slowLane(taken, 1);
    for (let number = 0; number < 30; number++) {
      thread.postMessage([0, number]);
      await nextTurn();
    }
    while (taken.length < 30) await nextTurn();
    expect(taken).toEqual(Array.from({ length: 30 }, (_, index) => index));
  });

  it('leaves the port of an idle lane without a hold on the process', async () => {
    const taken: number[] = [];
    const { thread } = slowLane(taken, 1);
    for (let number = 0; number < 20; number++) thread.postMessage([0, number]);
    while (taken.length < 20) await nextTurn();
    await nextTurn();
    const [port] = open;
    // Not in the types of Node 20.
    expect((port as MessagePort & { hasRef(): boolean }).hasRef()).toBe(false);
  });
});
