import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heap, type Heaped } from '../../src/tenant/heap.ts';
import { hold } from '../support/hold.ts';

interface Ranked extends Heaped {
  rank: number;
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), rank: fc.nat({ max: 50 }) }),
  fc.record({ kind: fc.constantFrom('remove' as const, 'first' as const), pick: fc.nat() }),
  fc.record({ kind: fc.constant('move' as const), pick: fc.nat(), rank: fc.nat({ max: 50 }) }),
);

describe('a heap whose entries may leave it and change their rank', () => {
  it('has the least rank first after any sequence of steps', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
        const heap = new Heap<Ranked>((a, b) => a.rank < b.rank);
        const inside: Ranked[] = [];
        const leave = (entry: Ranked): void => {
          heap.remove(entry);
          inside.splice(inside.indexOf(entry), 1);
          hold(entry.place === -1, 'what has left stands nowhere');
        };
        for (const each of steps) {
          const entry =
            each.kind === 'add' ? undefined : each.kind === 'first' ? heap.first : inside[each.pick % Math.max(1, inside.length)];
          if (each.kind === 'add') {
            const added = { rank: each.rank, place: -1 };
            inside.push(added);
            heap.add(added);
          } else if (entry !== undefined && each.kind === 'move') {
            entry.rank = each.rank;
            heap.moved(entry);
          } else if (entry !== undefined) leave(entry);
          hold(heap.first?.rank === (inside.length === 0 ? undefined : Math.min(...inside.map(({ rank }) => rank))), 'the least is first');
        }
      }),
    );
  });

  it('is empty without entries', () => {
    expect(new Heap<Ranked>(() => true).first).toBeUndefined();
  });
});
