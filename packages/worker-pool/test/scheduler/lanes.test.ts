import { describe, expect, it } from 'vitest';
import { estimateOf, SchedulerWorld, type SimLane, type SimTask } from '../support/scheduler-world.ts';

const numbers = (tasks: readonly SimTask[]): number[] => tasks.map(({ number }) => number);
const waiting = (world: SchedulerWorld): number[] => numbers([...world.scheduler.waiting]);
const tiny = (): { estimate: ReturnType<typeof estimateOf> } => ({ estimate: estimateOf(10) });

describe('lanes that come', () => {
  it('are asked for while tasks wait, one a task, up to the limit', () => {
    const world = new SchedulerWorld({ maxLanes: 3 });
    world.submitAll(2);
    expect(world.opening).toBe(2);
    world.submitAll(5);
    expect(world.opening).toBe(3);
  });

  it('are not asked for when those that are there take everything', () => {
    const world = new SchedulerWorld({ maxLanes: 3 });
    world.openLane();
    world.submitAll(10, tiny());
    expect(world.opening).toBe(0);
  });

  it('get work as soon as they are there', () => {
    const world = new SchedulerWorld({ maxLanes: 2 });
    world.submitAll(3);
    const first = world.openLane();
    const second = world.openLane();
    expect([numbers(first.tasks), numbers(second.tasks), waiting(world)]).toEqual([[0], [1], [2]]);
  });

  it('are asked for again after one could not be opened, when there is reason to', () => {
    const world = new SchedulerWorld({ maxLanes: 1 });
    world.submit();
    world.turn();
    world.opening--;
    world.scheduler.laneFailed();
    expect([world.scheduler.opening, world.opening]).toEqual([0, 0]);
    world.submitAll(1);
    expect(world.opening).toBe(1);
    expect(numbers(world.openLane().tasks)).toEqual([0]);
  });

  it('E-7 are fewer by the places that zombies take', () => {
    const world = new SchedulerWorld({ maxLanes: 2 });
    world.scheduler.reserve(1);
    world.submitAll(5);
    expect([world.opening, world.scheduler.maxLanes]).toEqual([1, 1]);
    world.scheduler.reserve(0);
    expect([world.opening, world.scheduler.maxLanes]).toEqual([2, 2]);
    world.scheduler.reserve(7);
    expect(world.scheduler.maxLanes).toBe(0);
  });
});

describe('lanes that go', () => {
  it('E-10 give back what they had not begun, before all others and in order; another lane is asked for', () => {
    const world = new SchedulerWorld({ maxLanes: 1 });
    const lane = world.openLane();
    world.submitAll(6, tiny());
    const begun = lane.begin();
    world.submitAll(2);
    expect(world.lose(lane)).toEqual([begun]);
    expect(waiting(world)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(world.opening).toBe(1);
    expect(numbers(world.openLane().tasks)).toEqual([1, 2, 3, 4, 5]);
  });

  it('get nothing new once they retire, and say how much came back', () => {
    const world = new SchedulerWorld({ maxLanes: 1 });
    const lane = world.openLane();
    world.submitAll(4, tiny());
    const begun = lane.begin();
    expect(world.retire(lane)).toBe(3);
    expect(world.scheduler.retire(lane)).toBe(0);
    world.submitAll(1);
    expect(lane.tasks).toEqual([begun]);
    world.finish(lane, ...lane.tasks);
    expect([world.lanes, world.opening]).toEqual([[], 1]);
  });

  it('are not idle any more, so that nothing is sent to them', () => {
    const world = new SchedulerWorld({ maxLanes: 1 });
    const lane = world.openLane();
    expect(world.scheduler.idle).toBe(1);
    world.close(lane);
    expect(world.scheduler.idle).toBe(0);
    world.submitAll(1);
    expect(lane.sent).toEqual([]);
  });

  it('take nothing with them from the share of the others', () => {
    const world = new SchedulerWorld({ maxLanes: 2, concurrency: 8 });
    for (let lost = 0; lost < 5; lost++) {
      const lane = world.openLane();
      world.submitAll(8);
      while (lane.begin() !== undefined);
      world.lose(lane);
    }
    const lanes = [world.openLane(), world.openLane()];
    world.submitAll(8);
    expect(lanes.map(({ inFlight }) => inFlight)).toEqual([4, 4]);
  });

  it('are not missed when they say so late', () => {
    const world = new SchedulerWorld({ maxLanes: 1 });
    const lane = world.openLane();
    const task = world.submit();
    world.lose(lane);
    world.scheduler.taskLeft(lane, task);
    world.scheduler.progressed(lane);
    world.scheduler.laneClosed(lane);
    expect([world.scheduler.lanes, world.scheduler.retire(lane)]).toEqual([0, 0]);
  });
});

describe('tasks that are cancelled', () => {
  it('E-7 are skipped while they wait, and nothing else is touched', () => {
    const world = new SchedulerWorld({ maxLanes: 1 });
    const lane = world.openLane();
    const [, second] = world.submitAll(3) as [SimTask, SimTask, SimTask];
    world.withdraw(second);
    expect(world.scheduler.queued).toBe(1);
    world.finish(lane, ...lane.tasks);
    expect(numbers(lane.tasks)).toEqual([2]);
  });

  it('E-7 leave room on their lane when they are taken back from it', () => {
    const world = new SchedulerWorld({ maxLanes: 1 });
    const lane = world.openLane();
    world.submitAll(20, { estimate: estimateOf(90) });
    lane.begin();
    const held = lane.inFlight;
    for (const task of lane.tasks.slice(-6)) world.takeBack(lane, task);
    expect(lane.inFlight).toBeGreaterThan(held - 6);
    expect(lane.inFlight + world.scheduler.queued).toBe(14);
  });

  it('E-13 are found by their age when the queue drops its oldest', () => {
    const world = new SchedulerWorld({ maxLanes: 1 });
    world.submit({ priority: 1 });
    world.submit();
    world.submit();
    expect(world.scheduler.oldest()?.number).toBe(1);
  });

  it('a lane whose every task was cancelled is idle again', () => {
    const world = new SchedulerWorld({ maxLanes: 1 });
    const lane: SimLane = world.openLane();
    world.submitAll(3, tiny());
    for (const task of [...lane.tasks]) world.takeBack(lane, task);
    expect(world.scheduler.idle).toBe(1);
    world.advance(10);
    expect(world.tickRequested).toBe(false);
  });
});

describe('lanes of isolated tasks', () => {
  it('R-3 are fresh, hold nobody else, and end with their task', () => {
    const world = new SchedulerWorld({ maxLanes: 2 });
    const used = world.openLane();
    world.submitAll(1);
    world.finish(used, ...used.tasks);
    world.submitAll(1, { isolate: true });
    expect([used.sent, world.opening]).toEqual([[[0]], 1]);
    const fresh = world.openLane();
    world.submitAll(3);
    expect([numbers(fresh.tasks), numbers(used.tasks)]).toEqual([[1], [2]]);
    world.finish(fresh, ...fresh.tasks);
    expect([world.lanes, numbers(fresh.tasks)]).toEqual([[used], []]);
  });

  it('R-3 take the place of an idle lane where no more may be opened', () => {
    const world = new SchedulerWorld({ maxLanes: 1 });
    const used = world.openLane();
    world.submitAll(1);
    world.finish(used, ...used.tasks);
    world.submitAll(1, { isolate: true });
    expect([world.lanes, world.opening]).toEqual([[], 1]);
    expect(numbers(world.openLane().tasks)).toEqual([1]);
  });

  it('R-3, E-7 take it also where a zombie holds the place of the next', () => {
    const world = new SchedulerWorld({ maxLanes: 1 });
    const used = world.openLane();
    world.submitAll(1);
    world.finish(used, ...used.tasks);
    world.scheduler.reserve(1);
    world.submitAll(1, { isolate: true });
    expect([world.lanes, world.opening]).toEqual([[], 1]);
    expect(numbers(world.openLane().tasks)).toEqual([1]);
  });

  it('R-3 are made by emptying one, where all always have something to do', () => {
    const world = new SchedulerWorld({ maxLanes: 1 });
    const lane = world.openLane();
    world.submitAll(60, tiny());
    const ahead = lane.inFlight;
    world.submitAll(1, { isolate: true });
    for (let count = 0; count < ahead; count++) world.finish(lane, ...lane.tasks.slice(0, 1));
    expect([world.lanes, world.opening, world.scheduler.queued]).toEqual([[], 1, 60 - ahead + 1]);
    expect(numbers(world.openLane().tasks)).toEqual([60]);
  });

  it('R-3 are not emptied for a task that waits no longer', () => {
    const world = new SchedulerWorld({ maxLanes: 1 });
    const lane = world.openLane();
    world.submitAll(1);
    const [isolated] = world.submitAll(1, { isolate: true }) as [SimTask];
    const [last] = world.submitAll(1) as [SimTask];
    world.withdraw(isolated);
    world.finish(lane, ...lane.tasks);
    expect([world.lanes, numbers(lane.tasks)]).toEqual([[lane], [last.number]]);
  });

  it('R-3 come back before all others when the lane is lost and they had not begun', () => {
    const world = new SchedulerWorld({ maxLanes: 1 });
    const [task] = world.submitAll(1, { isolate: true });
    const lane = world.openLane();
    expect(world.lose(lane)).toEqual([]);
    expect(world.openLane().tasks).toEqual([task]);
  });
});

describe('lanes where tasks wait for children', () => {
  /** A lane with a task that waits on it. */
  function parked(world: SchedulerWorld): { lane: SimLane; parent: SimTask } {
    const lane = world.openLane();
    world.submitAll(1);
    const parent = lane.begin() as SimTask;
    world.park(lane, parent);
    return { lane, parent };
  }

  it('A-9 have its place free for others', () => {
    const world = new SchedulerWorld({ maxLanes: 1 });
    const { lane, parent } = parked(world);
    world.submitAll(2);
    expect([numbers(lane.tasks), world.scheduler.parked]).toEqual([[0, 1], 1]);
    world.unpark(lane, parent);
    world.finish(lane, parent);
    expect([numbers(lane.tasks), world.scheduler.parked]).toEqual([[1], 0]);
  });

  it('A-9 are not stalled by it', () => {
    const world = new SchedulerWorld({ maxLanes: 1 });
    const lane = world.openLane();
    world.submitAll(3, tiny());
    const parent = lane.begin() as SimTask;
    world.advance(5);
    expect(lane.inFlight).toBe(1);
    world.park(lane, parent);
    expect(lane.inFlight).toBe(3);
  });

  it('A-9 give children the way before all others, whatever their priority', () => {
    const world = new SchedulerWorld({ maxLanes: 1 });
    const { lane } = parked(world);
    world.submit({ priority: 9 });
    world.submit({ priority: -9, nested: true });
    world.turn();
    expect(numbers(lane.tasks)).toEqual([0, 2]);
  });

  it('A-9 take only children from a certain number on', () => {
    const world = new SchedulerWorld({ maxLanes: 1 });
    const lane = world.openLane();
    world.submitAll(100);
    for (let begun = lane.begin(); begun !== undefined; begun = lane.begin()) world.park(lane, begun);
    expect(lane.parked).toBe(64);
    const [child] = world.submitAll(1, { nested: true });
    expect(lane.tasks.at(-1)).toBe(child);
  });

  it('E-11 take children also while they retire, where no other lane will', () => {
    const world = new SchedulerWorld({ maxLanes: 1 });
    const { lane } = parked(world);
    world.retire(lane);
    world.submitAll(1);
    const [child] = world.submitAll(1, { nested: true }) as [SimTask];
    expect(lane.tasks.slice(1)).toEqual([child]);
  });

  it('E-11 take their children again that they had not begun when they came to retire, late as they were', () => {
    const world = new SchedulerWorld({ maxLanes: 1 });
    const { lane } = parked(world);
    world.submitAll(5, { ...tiny(), nested: true });
    world.advance(3);
    world.retire(lane);
    expect(lane.inFlight).toBeGreaterThan(1);
  });

  it('R-3, A-9 take the children of an isolated task, where no other lane will', () => {
    const world = new SchedulerWorld({ maxLanes: 1 });
    world.submitAll(1, { isolate: true });
    const lane = world.openLane();
    world.park(lane, lane.begin() as SimTask);
    const [child] = world.submitAll(1, { nested: true }) as [SimTask];
    expect(lane.tasks.slice(1)).toEqual([child]);
  });

  it('E-10 take children also when the lane that was to serve them cannot be opened', () => {
    const world = new SchedulerWorld({ maxLanes: 2 });
    const { lane } = parked(world);
    world.retire(lane);
    const [child] = world.submitAll(1, { nested: true }) as [SimTask];
    expect([lane.inFlight, world.opening]).toEqual([1, 1]);
    world.opening--;
    world.scheduler.laneFailed();
    expect(lane.tasks.slice(1)).toEqual([child]);
  });

  it('E-10 are forgotten with those who wait there', () => {
    const world = new SchedulerWorld({ maxLanes: 1 });
    const { lane, parent } = parked(world);
    expect(world.lose(lane)).toEqual([parent]);
    world.scheduler.unpark(lane, parent);
    expect(world.scheduler.parked).toBe(0);
  });

  it('E-13 are not robbed of their children by a queue that drops its oldest', () => {
    const world = new SchedulerWorld({ maxLanes: 1 });
    parked(world);
    world.submitAll(1);
    world.submitAll(2, { nested: true });
    expect(world.scheduler.oldest()).toBeUndefined();
    world.submitAll(1, { isolate: true });
    expect(world.scheduler.oldest()?.isolate).toBe(true);
  });
});
