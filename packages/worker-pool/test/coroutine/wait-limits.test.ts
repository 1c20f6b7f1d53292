import { describe, expect, it } from 'vitest';
import { type LimitedWait, WaitLimits } from '../../src/coroutine/wait-limits.ts';
import { FakeClock } from '../support/fake-clock.ts';

class Wait implements LimitedWait {
  dueMs = 0;
  earlier: LimitedWait | undefined = undefined;
  later: LimitedWait | undefined = undefined;
  readonly #ended: string[];
  readonly #name: string;

  constructor(ended: string[], name: string) {
    this.#ended = ended;
    this.#name = name;
  }

  expire(): void {
    this.#ended.push(this.#name);
  }
}

describe('the limits of waits for steps', () => {
  it('C-3 ends waits of one length in the order they began, with one timer', async () => {
    const clock = new FakeClock();
    const limits = new WaitLimits(clock);
    const ended: string[] = [];
    for (const name of ['a', 'b', 'c', 'd']) {
      limits.add(new Wait(ended, name), 100);
      await clock.advance(10);
    }
    expect(clock.pending).toBe(1);
    await clock.advance(60);
    expect(ended).toEqual(['a']);
    await clock.advance(15);
    expect(ended).toEqual(['a', 'b']);
    await clock.advance(100);
    expect(ended).toEqual(['a', 'b', 'c', 'd']);
    expect(clock.pending).toBe(0);
  });

  it('C-3 a wait whose limit was taken off does not end, wherever it stood', async () => {
    const clock = new FakeClock();
    const limits = new WaitLimits(clock);
    const ended: string[] = [];
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => new Wait(ended, name)) as [Wait, Wait, Wait, Wait];
    for (const wait of [a, b, c, d]) limits.add(wait, 100);
    limits.remove(b, 100);
    limits.remove(a, 100);
    limits.remove(d, 100);
    limits.remove(d, 100);
    await clock.advance(100);
    expect(ended).toEqual(['c']);
  });

  it('C-3 gives a step that is already here one turn of the loop', async () => {
    const ended: string[] = [];
    const late = new Wait(ended, 'late');
    const clock: FakeClock = new FakeClock(() => limits.remove(late, 100));
    const limits = new WaitLimits(clock);
    limits.add(late, 100);
    await clock.advance(1000);
    expect(ended).toEqual([]);
  });

  it('C-3 a wait that begins while another ends has its whole time', async () => {
    const clock = new FakeClock();
    const limits = new WaitLimits(clock);
    const ended: string[] = [];
    const second = new Wait(ended, 'second');
    const first = new Wait(ended, 'first');
    first.expire = () => {
      ended.push('first');
      limits.add(second, 100);
    };
    limits.add(first, 100);
    await clock.advance(150);
    expect(ended).toEqual(['first']);
    await clock.advance(50);
    expect(ended).toEqual(['first', 'second']);
  });

  it('C-3 keeps few timers, however many lengths there were, and none when it is closed', () => {
    const clock = new FakeClock();
    const limits = new WaitLimits(clock);
    for (let limitMs = 1; limitMs <= 1000; limitMs++) {
      const wait = new Wait([], 'short');
      limits.add(wait, limitMs);
      limits.remove(wait, limitMs);
    }
    expect(clock.pending).toBeLessThanOrEqual(8);
    limits.close();
    expect(clock.pending).toBe(0);
  });
});
