import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Frame } from '../../src/pack/frame.ts';

describe('the memory of a pack', () => {
  it('E-7 gives each item to the lane or back to the host, never both, whoever comes first', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.array(fc.boolean(), { maxLength: 60 }), (count, claims) => {
        const host = new Frame();
        const lane = new Frame(host.memory);
        host.open(count);
        const begun: number[] = [];
        let backFrom = count;
        for (const claims_ of claims) {
          if (claims_) {
            const item = lane.claim();
            if (item >= 0) begun.push(item);
          } else backFrom = Math.min(backFrom, host.close().claimed);
        }
        expect(begun).toEqual(Array.from({ length: begun.length }, (_, item) => item));
        expect(begun.length).toBeLessThanOrEqual(backFrom);
        // Closed, it gives no more than it had given.
        if (backFrom < count) expect([begun.length, lane.claim()]).toEqual([backFrom, -1]);
      }),
    );
  });

  it('tells how many have ended: all before the one claimed last, and that one too when the lane asks for another', () => {
    const frame = new Frame();
    frame.open(2);
    expect(frame.progress).toEqual({ claimed: 0, ended: 0 });
    frame.claim();
    expect(frame.progress).toEqual({ claimed: 1, ended: 0 });
    frame.claim();
    expect(frame.progress).toEqual({ claimed: 2, ended: 1 });
    expect(frame.claim()).toBe(-1);
    expect(frame.progress).toEqual({ claimed: 2, ended: 2 });
    expect(frame.close()).toEqual({ claimed: 2, ended: 2 });
  });

  it('keeps what runs when it is closed, and sees its end', () => {
    const frame = new Frame();
    frame.open(10);
    frame.claim();
    frame.claim();
    expect(frame.close()).toEqual({ claimed: 2, ended: 1 });
    expect(frame.claim()).toBe(-1);
    expect(frame.close()).toEqual({ claimed: 2, ended: 2 });
  });

  it('is as new when it is opened again', () => {
    const frame = new Frame();
    frame.open(1);
    frame.claim();
    frame.claim();
    frame.open(3);
    expect([frame.claim(), frame.progress]).toEqual([0, { claimed: 1, ended: 0 }]);
  });
});
