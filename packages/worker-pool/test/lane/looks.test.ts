import { expect, it } from 'vitest';
import { Looks } from '../../src/lane/looks.ts';
import { lookInside } from '../../src/worker/look.ts';

it('R-13 a lane is asked once, however many wait for its answer, and again when it has answered', () => {
  let asked = 0;
  const looks = new Looks(() => asked++);
  const told: unknown[] = [];
  looks.ask((look) => told.push(['one', look]));
  looks.ask((look) => told.push(['two', look]));
  const leave = looks.ask((look) => told.push(['left', look]));
  leave();
  expect([asked, told]).toEqual([1, []]);
  const look = lookInside();
  looks.answered(look);
  looks.answered(look);
  expect(told).toEqual([
    ['one', look],
    ['two', look],
  ]);
  looks.ask((again) => told.push(again));
  expect(asked).toBe(2);
  looks.end();
  looks.ask((late) => told.push(late));
  expect([asked, told.slice(2)]).toEqual([2, [{}, {}]]);
});

it('R-13 whoever looks again and again while a lane computes leaves nothing behind', () => {
  let asked = 0;
  const looks = new Looks(() => asked++);
  for (let time = 0; time < 1000; time++)
    looks.ask(() => {
      throw new Error('told after it had left');
    })();
  looks.answered({});
  expect(asked).toBe(1);
});
