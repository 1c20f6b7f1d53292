import { describe, expect, it } from 'vitest';
import { OVERHEAD_US } from '../../src/scheduler/estimate.ts';
import { LARGE_SIZE, VALUE_US } from '../../src/scheduler/size.ts';
import { estimateOf, SchedulerWorld, type SimLane, type SimTask } from '../support/scheduler-world.ts';

const numbers = (tasks: readonly SimTask[]): number[] => tasks.map(({ number }) => number);
const waiting = (world: SchedulerWorld): number[] => numbers([...world.scheduler.waiting]);
const batches = (...lanes: readonly SimLane[]): number[][][] => lanes.map(({ sent }) => sent);

/** A world with its lanes open and idle. */
function opened(options: ConstructorParameters<typeof SchedulerWorld>[0]): { world: SchedulerWorld; lanes: SimLane[] } {
  const world = new SchedulerWorld(options);
  const lanes = Array.from({ length: options?.maxLanes ?? 2 }, () => world.openLane());
  return { world, lanes };
}

const tiny = (): { estimate: ReturnType<typeof estimateOf> } => ({ estimate: estimateOf(10) });

describe('what goes to a lane', () => {
  it('sends what came in one tick together, to the lane that was busy last', () => {
    const { world, lanes } = opened({ maxLanes: 2 });
    const [first, second] = lanes as [SimLane, SimLane];
    world.submit();
    expect(batches(first, second)).toEqual([[], []]);
    world.turn();
    expect(batches(first, second)).toEqual([[], [[0]]]);
    world.finish(second, ...second.tasks);
    world.submitAll(1);
    expect(batches(first, second)).toEqual([[], [[0], [1]]]);
  });

  it('sends one at once where the last one came alone, and those of a burst together', () => {
    const { world, lanes } = opened({ maxLanes: 1 });
    const [lane] = lanes as [SimLane];
    world.submitAll(1, tiny());
    world.finish(lane, ...lane.tasks);
    world.submit(tiny());
    expect(lane.sent).toEqual([[0], [1]]);
    // Something is under way: these wait for each other.
    for (let count = 0; count < 3; count++) world.submit(tiny());
    expect(lane.sent).toEqual([[0], [1]]);
    world.turn();
    expect(lane.sent).toEqual([[0], [1], [2, 3, 4]]);
    world.finish(lane, ...lane.tasks);
    for (let count = 0; count < 3; count++) world.submit(tiny());
    expect(lane.sent.length).toBe(3);
    world.turn();
    expect(lane.sent.at(-1)).toEqual([5, 6, 7]);
  });

  it('sends none at once while another is being refused', () => {
    const { world, lanes } = opened({ maxLanes: 1 });
    const [lane] = lanes as [SimLane];
    world.submitAll(1, tiny());
    world.finish(lane, ...lane.tasks);
    world.submit({ ...tiny(), faulty: true });
    world.turn();
    world.submitAll(1, tiny());
    expect(lane.sent).toEqual([[0], [1], [2]]);
  });

  it('sends tiny tasks ahead, about a millisecond of them', () => {
    const { world, lanes } = opened({ maxLanes: 1 });
    world.submitAll(200, { estimate: estimateOf(49) });
    // Fifty microseconds each with what one costs the lane, the first already there.
    expect(lanes[0]?.inFlight).toBe(20);
    expect(world.scheduler.queued).toBe(180);
  });

  it('fills a lane again when it holds less than half a millisecond, not at each outcome', () => {
    const { world, lanes } = opened({ maxLanes: 1 });
    const [lane] = lanes as [SimLane];
    world.submitAll(60, { estimate: estimateOf(49) });
    for (let outcomes = 0; outcomes < 10; outcomes++) world.finish(lane, ...lane.tasks.slice(0, 1));
    expect(lane.sent.length).toBe(1);
    world.finish(lane, ...lane.tasks.slice(0, 1));
    expect([lane.sent.length, lane.inFlight]).toEqual([2, 20]);
  });

  it('sends what it does not know, and what is long, one at a time', () => {
    for (const estimate of [estimateOf(), estimateOf(501), estimateOf(60_000_000)]) {
      const { world, lanes } = opened({ maxLanes: 1 });
      world.submitAll(3, { estimate });
      expect(batches(...lanes)).toEqual([[[0]]]);
    }
  });

  it('sends ahead less of what takes a while to be read, and nothing of what is large', () => {
    const { world, lanes } = opened({ maxLanes: 1 });
    const [lane] = lanes as [SimLane];
    world.submitAll(50, { ...tiny(), size: LARGE_SIZE });
    expect(lane.inFlight).toBe(Math.floor(1000 / (10 + OVERHEAD_US + LARGE_SIZE * VALUE_US)));
    while (lane.begin() !== undefined) world.finish(lane, ...lane.begun);
    const [only] = world.submitAll(5, { ...tiny(), size: LARGE_SIZE + 1 });
    expect(lane.tasks).toEqual([only]);
  });

  it('R-3 never sends ahead what is transferred, nor anything behind it', () => {
    const { world, lanes } = opened({ maxLanes: 1 });
    const [lane] = lanes as [SimLane];
    world.submitAll(1, { ...tiny(), alone: true });
    world.submitAll(2, tiny());
    expect(lane.sent).toEqual([[0]]);
    world.finish(lane, ...lane.tasks);
    world.submitAll(1, { ...tiny(), alone: true });
    expect(lane.sent.flat()).toEqual([0, 1, 2]);
    world.finish(lane, ...lane.tasks);
    expect(lane.sent.at(-1)).toEqual([3]);
  });

  it('never sends a lane more than its capacity', () => {
    const world = new SchedulerWorld({ maxLanes: 1, capacity: 5 });
    world.openLane();
    world.submitAll(50, { estimate: estimateOf(1) });
    expect(world.lanes[0]?.inFlight).toBe(5);
  });

  it('gives no lane more than an even share of what waits, so that the last tasks of a job end together', () => {
    const { world, lanes } = opened({ maxLanes: 4 });
    world.submitAll(12, tiny());
    expect(lanes.map(({ inFlight }) => inFlight)).toEqual([3, 3, 3, 3]);
  });

  it('R-3 sends higher priorities first, and equal ones in the order they came', () => {
    const { world, lanes } = opened({ maxLanes: 1 });
    const [lane] = lanes as [SimLane];
    world.submit();
    world.submitAll(2);
    world.submitAll(1, { priority: 3 });
    world.submitAll(1, { priority: -3 });
    for (let count = 0; count < 4; count++) world.finish(lane, ...lane.tasks);
    expect(lane.sent.flat()).toEqual([0, 3, 1, 2, 4]);
  });

  it('gives each lane as many as may run there at once, spread evenly', () => {
    const { world, lanes } = opened({ maxLanes: 2, concurrency: 3 });
    world.submitAll(4);
    expect(lanes.map(({ inFlight }) => inFlight)).toEqual([2, 2]);
    world.submitAll(4);
    expect(lanes.map(({ inFlight }) => inFlight)).toEqual([3, 3]);
    expect(waiting(world)).toEqual([6, 7]);
  });

  it('leaves no room on a lane unused because others are full', () => {
    const { world, lanes } = opened({ maxLanes: 2, concurrency: 4 });
    const [first, second] = lanes as [SimLane, SimLane];
    world.submitAll(8);
    world.finish(second, ...second.tasks);
    world.submitAll(4);
    expect([first.inFlight, second.inFlight, world.scheduler.queued]).toEqual([4, 4, 0]);
  });
});

describe('a slow task among tiny ones', () => {
  it('holds nothing up: what waits behind it is taken back and goes elsewhere, in order', () => {
    const { world, lanes } = opened({ maxLanes: 2 });
    const [first, second] = lanes as [SimLane, SimLane];
    world.submitAll(20, tiny());
    const slow = first.begin();
    while (second.inFlight > 0) world.finish(second, ...second.tasks.slice(0, 4));
    expect(slow).toBeDefined();
    world.advance(3);
    expect(first.tasks).toEqual([slow]);
    expect(second.inFlight).toBeGreaterThan(0);
    expect(numbers(second.tasks)).toEqual(numbers(second.tasks).toSorted((a, b) => a - b));
  });

  it('gets nothing more on its lane until it settles', () => {
    const { world, lanes } = opened({ maxLanes: 1 });
    const [lane] = lanes as [SimLane];
    world.submitAll(5, tiny());
    const slow = lane.begin();
    world.advance(3);
    world.submitAll(5, tiny());
    expect(lane.tasks).toEqual([slow]);
    expect(waiting(world)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    world.finish(lane, ...lane.tasks);
    expect(numbers(lane.tasks)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('is not suspected before two milliseconds without an outcome', () => {
    const { world, lanes } = opened({ maxLanes: 1 });
    const [lane] = lanes as [SimLane];
    world.submitAll(5, tiny());
    world.advance(2);
    expect([lane.inFlight, world.tickRequested]).toEqual([5, true]);
    world.finish(lane, ...lane.tasks.slice(0, 1));
    world.advance(2);
    expect(lane.inFlight).toBe(4);
  });

  it('E-8 leaves a lane that has begun nothing its first, which would else go to and fro for ever where it takes long to be read', () => {
    const { world, lanes } = opened({ maxLanes: 1 });
    const [lane] = lanes as [SimLane];
    const [first] = world.submitAll(5, tiny());
    world.advance(3);
    world.advance(3);
    expect(lane.tasks).toEqual([first]);
    expect(lane.sent.flat().filter((number) => number === first?.number)).toHaveLength(1);
    world.begin(lane);
    world.finish(lane, ...lane.tasks);
    expect(numbers(lane.tasks)).toEqual([1, 2, 3, 4]);
  });

  it('E-8 keeps what it can run at once, and is given more when any of that settles', () => {
    const { world, lanes } = opened({ maxLanes: 1, concurrency: 4 });
    const [lane] = lanes as [SimLane];
    world.submitAll(10, tiny());
    world.advance(3);
    expect(numbers(lane.tasks)).toEqual([0, 1, 2, 3]);
    lane.begin();
    const second = lane.begin();
    world.finish(lane, second as SimTask);
    expect(lane.busy).toBeGreaterThanOrEqual(4);
  });

  it('E-8 is free again when the first, which was left there, is taken back by somebody else', () => {
    const { world, lanes } = opened({ maxLanes: 1 });
    const [lane] = lanes as [SimLane];
    const [first] = world.submitAll(5, tiny()) as [SimTask];
    world.advance(3);
    lane.remove(first);
    first.place = 'queue';
    world.scheduler.taskLeft(lane, first);
    world.scheduler.resubmit([first]);
    lane.free();
    world.turn();
    expect(numbers(lane.tasks)).toEqual([0, 1, 2, 3, 4]);
  });

  it('is still found after a task that could not be sent', () => {
    const { world, lanes } = opened({ maxLanes: 1 });
    const [lane] = lanes as [SimLane];
    const estimate = estimateOf(10);
    world.submit({ estimate });
    world.submit({ estimate, faulty: true });
    world.submit({ estimate });
    world.turn();
    expect(numbers(lane.tasks)).toEqual([0, 2]);
    const slow = lane.begin();
    world.advance(3);
    expect(lane.tasks).toEqual([slow]);
    expect(waiting(world)).toEqual([2]);
  });
});

describe('a lane that runs dry', () => {
  it('takes half of what waits on the lane that holds most', () => {
    const { world, lanes } = opened({ maxLanes: 2 });
    const [first, second] = lanes as [SimLane, SimLane];
    world.submitAll(16, { estimate: estimateOf(99) });
    expect([first.inFlight, second.inFlight]).toEqual([8, 8]);
    first.begin();
    world.finish(second, ...second.tasks);
    expect([first.inFlight, second.inFlight]).toEqual([4, 4]);
  });

  it('leaves what is not worth the trouble', () => {
    const { world, lanes } = opened({ maxLanes: 2 });
    const [first, second] = lanes as [SimLane, SimLane];
    world.submitAll(8, { estimate: estimateOf(5) });
    first.begin();
    while (second.inFlight > 0) world.finish(second, ...second.tasks);
    expect(first.inFlight).toBe(4);
  });
});

describe('more lanes than cores', () => {
  it('share tiny tasks among as many lanes as there are cores: the others are left asleep', () => {
    const { world, lanes } = opened({ maxLanes: 4, cores: 2 });
    world.submitAll(12, tiny());
    expect(lanes.map(({ inFlight }) => inFlight)).toEqual([0, 0, 6, 6]);
  });

  it('send what comes later to lanes that are awake, until those hold half a millisecond', () => {
    const { world, lanes } = opened({ maxLanes: 4, cores: 1 });
    world.submitAll(10, { estimate: estimateOf(49) });
    world.submitAll(9, { estimate: estimateOf(49) });
    expect(lanes.map(({ inFlight }) => inFlight)).toEqual([0, 0, 9, 10]);
    world.submitAll(1, { estimate: estimateOf(49) });
    expect(lanes.map(({ inFlight }) => inFlight)).toEqual([0, 0, 10, 10]);
  });

  it('wake another for a tiny task where those that are awake run long ones', () => {
    const { world, lanes } = opened({ maxLanes: 3, cores: 1 });
    world.submitAll(1);
    world.submitAll(2, tiny());
    expect(lanes.map(({ sent }) => sent)).toEqual([[], [[1, 2]], [[0]]]);
  });

  it('run long tasks on all of them', () => {
    const { world, lanes } = opened({ maxLanes: 4, cores: 1 });
    world.submitAll(4);
    expect(lanes.map(({ inFlight }) => inFlight)).toEqual([1, 1, 1, 1]);
  });

  it('run what waits beside others on all of them', () => {
    const { world, lanes } = opened({ maxLanes: 2, cores: 1, concurrency: 3 });
    world.submitAll(4, tiny());
    expect(lanes.map(({ inFlight }) => inFlight)).toEqual([2, 2]);
  });
});
