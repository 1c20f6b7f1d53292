import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TaskQueue } from '../../src/scheduler/queue.ts';
import { hold } from '../support/hold.ts';

interface Item {
  readonly id: number;
  readonly priority: number;
  readonly nested: boolean;
  waiting: boolean;
}

const item = (id: number, priority = 0, nested = false): Item => ({ id, priority, nested, waiting: true });
const ids = (items: Iterable<Item>): number[] => [...items].map(({ id }) => id);

function filled(...items: readonly Item[]): TaskQueue<Item> {
  const queue = new TaskQueue<Item>();
  for (const each of items) queue.push(each);
  return queue;
}

function drain(queue: TaskQueue<Item>): number[] {
  const out: number[] = [];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) out.push(next.id);
  return out;
}

describe('the queue', () => {
  it('R-3 gives higher priorities first, and equal ones in the order they came', () => {
    expect(drain(filled(item(1), item(2, 5), item(3, -1), item(4), item(5, 5)))).toEqual([2, 5, 1, 4, 3]);
  });

  it('A-9 gives what belongs to a task that has begun before everything else, whatever the priority', () => {
    expect(drain(filled(item(1, 9), item(2, -1, true), item(3), item(4, 2, true)))).toEqual([4, 2, 1, 3]);
  });

  it('R-3 puts others in the place of one that waits, in order', () => {
    const one = item(2);
    const queue = filled(item(0), item(1), one, item(3), item(4, 1));
    expect([queue.shift()?.id, queue.shift()?.id]).toEqual([4, 0]);
    queue.replace(one, [item(20), item(21), item(22)]);
    expect(queue.size).toBe(5);
    expect(drain(queue)).toEqual([1, 20, 21, 22, 3]);
  });

  it('puts what comes back before all others of its priority', () => {
    const queue = filled(item(1), item(2), item(3));
    const first = queue.shift();
    const second = queue.shift();
    for (const back of [second, first]) if (back !== undefined) queue.unshift(back);
    expect(drain(queue)).toEqual([1, 2, 3]);
  });

  it('puts what comes back to a queue that never gave anything out before all others', () => {
    const queue = filled(item(1));
    queue.unshift(item(2));
    queue.unshift(item(3, 1));
    expect(drain(queue)).toEqual([3, 2, 1]);
  });

  it('E-7 skips what was withdrawn, wherever it lies', () => {
    const items = [item(1), item(2), item(3), item(4)];
    const queue = filled(...items);
    for (const each of items.filter(({ id }) => id !== 3)) {
      each.waiting = false;
      queue.withdrawn();
    }
    expect(queue.size).toBe(1);
    expect(ids(queue)).toEqual([3]);
    expect(drain(queue)).toEqual([3]);
    expect(queue.peek()).toBeUndefined();
  });

  it('E-13 names the one that has waited longest at the lowest priority as its oldest', () => {
    const queue = filled(item(1, 1), item(2), item(3));
    expect(queue.oldest()?.id).toBe(2);
    queue.shift();
    queue.shift();
    expect(queue.oldest()?.id).toBe(3);
    queue.shift();
    expect(queue.oldest()).toBeUndefined();
  });

  it('is used again after it was empty', () => {
    const queue = filled(item(1));
    expect(drain(queue)).toEqual([1]);
    queue.push(item(2));
    expect([queue.size, queue.peek()?.id]).toEqual([1, 2]);
  });

  it('withdraws a hundred thousand in any order and keeps the rest', () => {
    const items = Array.from({ length: 100_000 }, (_, id) => item(id, id % 3));
    const queue = filled(...items);
    for (const each of items) {
      if (each.id % 10 === 0) continue;
      each.waiting = false;
      queue.withdrawn();
    }
    expect(queue.size).toBe(10_000);
    expect(drain(queue)).toEqual([2, 1, 0].flatMap((priority) => ids(items.filter((each) => each.waiting && each.priority === priority))));
  });
});

type Step =
  | { readonly kind: 'push' | 'back'; readonly priority: number }
  | { readonly kind: 'shift' }
  | { readonly kind: 'withdraw'; readonly pick: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom('push' as const, 'push' as const, 'back' as const), priority: fc.integer({ min: -1, max: 1 }) }),
  fc.record({ kind: fc.constant('shift' as const) }),
  fc.record({ kind: fc.constant('withdraw' as const), pick: fc.nat() }),
);

/** The queue as anybody would write it: one sorted list. */
class PlainQueue {
  items: Item[] = [];

  push(each: Item): void {
    const index = this.items.findIndex(({ priority }) => priority < each.priority);
    this.items.splice(index === -1 ? this.items.length : index, 0, each);
  }

  unshift(each: Item): void {
    const index = this.items.findIndex(({ priority }) => priority <= each.priority);
    this.items.splice(index === -1 ? this.items.length : index, 0, each);
  }
}

function perform(each: Step, id: number, queue: TaskQueue<Item>, plain: PlainQueue): void {
  switch (each.kind) {
    case 'push':
    case 'back': {
      const one = item(id, each.priority);
      const put = each.kind === 'push' ? 'push' : 'unshift';
      queue[put](one);
      plain[put](one);
      return;
    }
    case 'shift':
      hold(queue.shift() === plain.items.shift(), 'the next is the same');
      return;
    case 'withdraw': {
      const [gone] = plain.items.splice(each.pick % Math.max(1, plain.items.length), 1);
      if (gone === undefined) return;
      gone.waiting = false;
      queue.withdrawn();
    }
  }
}

describe('the queue beside a plain sorted list', () => {
  it('gives the same, whatever is pushed, put back, taken and withdrawn', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
        const queue = new TaskQueue<Item>();
        const plain = new PlainQueue();
        for (const [id, each] of steps.entries()) {
          perform(each, id, queue, plain);
          hold(queue.size === plain.items.length, 'the size is the same');
          hold(queue.peek() === plain.items[0], 'the first is the same');
        }
        expect(ids(queue)).toEqual(ids(plain.items));
      }),
      { numRuns: 1_000 },
    );
  });

  it('gives the same over thousands of entries, where it compacts itself', () => {
    const long = fc.array(fc.tuple(step, fc.integer({ min: 1, max: 1500 })), { maxLength: 20, size: 'max' });
    fc.assert(
      fc.property(long, (blocks) => {
        const queue = new TaskQueue<Item>();
        const plain = new PlainQueue();
        let id = 0;
        for (const [each, times] of blocks) {
          // Blocks of one kind let the dead outnumber the living, and the head run far ahead.
          for (let time = 0; time < times; time++) perform(each.kind === 'back' ? { ...each, kind: 'push' } : each, id++, queue, plain);
          hold(queue.size === plain.items.length, 'the size is the same');
          hold(queue.peek() === plain.items[0], 'the first is the same');
        }
        expect(ids(queue)).toEqual(ids(plain.items));
      }),
      { numRuns: 30 },
    );
  });
});
