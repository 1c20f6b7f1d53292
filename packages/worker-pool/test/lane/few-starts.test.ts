import { describe, expect, it } from 'vitest';
import { fewStarts } from '../../src/lane/few-starts.ts';
import type { LaneThread, ThreadPool } from '../../src/lane/thread-pool.ts';

/** A pool whose threads are up when the test says so. */
class HeldPool implements ThreadPool {
  readonly starting: { readonly up: (thread: LaneThread) => void; readonly fail: (error: Error) => void }[] = [];
  closed = false;

  open(): Promise<LaneThread> {
    return new Promise((up, fail) => this.starting.push({ up, fail }));
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}

const thread = (threadId: number): LaneThread => ({ threadId }) as LaneThread; // its name is all that is looked at here
const turn = (): Promise<void> => new Promise(setImmediate);

describe('threads that are asked for at once', () => {
  it('R-1 start a few at a time, in order, the next when one is up', async () => {
    const held = new HeldPool();
    const pool = fewStarts(held, 2);
    const up: number[] = [];
    const opened = [1, 2, 3, 4].map(() => pool.open().then(({ threadId }) => up.push(threadId)));
    expect(held.starting.length).toBe(2);
    held.starting[1]?.up(thread(12));
    await turn();
    expect([up, held.starting.length]).toEqual([[12], 3]);
    held.starting[0]?.up(thread(11));
    held.starting[2]?.up(thread(13));
    await turn();
    expect(held.starting.length).toBe(4);
    held.starting[3]?.up(thread(14));
    await Promise.all(opened);
    expect(up).toEqual([12, 11, 13, 14]);
  });

  it('E-10 go on after one that could not be started', async () => {
    const held = new HeldPool();
    const pool = fewStarts(held, 1);
    const [first, second] = [pool.open(), pool.open()];
    held.starting[0]?.fail(new Error('no thread'));
    await expect(first).rejects.toThrow('no thread');
    held.starting[1]?.up(thread(2));
    expect((await second).threadId).toBe(2);
  });

  it('R-6 are not started any more once the pool is closed; those that wait are told', async () => {
    const held = new HeldPool();
    const pool = fewStarts(held, 1);
    const [first, second] = [pool.open(), pool.open()];
    const refused = expect(second).rejects.toMatchObject({ type: 'closed' });
    await pool.close();
    await refused;
    held.starting[0]?.up(thread(1));
    expect((await first).threadId).toBe(1);
    expect([held.closed, held.starting.length]).toEqual([true, 1]);
  });
});
