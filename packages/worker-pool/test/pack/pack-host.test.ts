import { ok } from '@heddle/core';
import { expect, it } from 'vitest';
import type { ActionEntry } from '../../src/action-table.ts';
import type { Lane } from '../../src/lane/lane.ts';
import { Frame, RESULT_NUMBER } from '../../src/pack/frame.ts';
import { type PackSink, packOf } from '../../src/pack/pack.ts';
import { PackHost } from '../../src/pack/pack-host.ts';
import { OUTPUT_PACK } from '../../src/protocol/output.ts';
import { PACK_DONE, PACK_MORE } from '../../src/protocol/pack.ts';
import { Estimate } from '../../src/scheduler/estimate.ts';
import type { Task } from '../../src/task.ts';
import { DEFAULT_TASK_OPTIONS } from '../../src/task-options.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { simAction } from '../support/sim-runtime.ts';

/** A pack of three on a lane that is the test. `submitted` is the queue. */
function openPack() {
  const clock = new FakeClock();
  const told: unknown[] = [];
  const submitted: Task[] = [];
  const entry: ActionEntry = {
    action: simAction(),
    params: undefined,
    objectParams: false,
    options: DEFAULT_TASK_OPTIONS,
    estimate: new Estimate(),
    role: 'run',
    compensation: undefined,
  };
  const scheduler = {
    submit: (task: Task) => submitted.push(task),
    resubmit: (tasks: readonly Task[]) => {
      for (const each of tasks) submitted.unshift(each);
    },
    replace: (waiting: Task, others: readonly Task[]) => void submitted.splice(submitted.indexOf(waiting), 1, ...others),
    taskLeft: () => {},
    stuck: false,
  };
  const progressed: Lane[] = [];
  let keys = 0;
  const host = new PackHost(clock, scheduler, true, {
    reserveKeys: (count) => {
      keys += count;
      return keys - count;
    },
    started: () => {},
    completed: () => {},
    single: () => {},
    attemptEnded: (task, outcome) => told.push([task.key, outcome]),
    end: () => {},
    progressed: (of) => progressed.push(of),
    each: () => false,
  });
  const sink: PackSink = {
    oneByOne: true,
    settledAll: () => {},
    settled: (index, _params, outcome) => told.push([index, outcome]),
    continues: () => {},
    told: () => {},
  };
  const plan = { entry, options: DEFAULT_TASK_OPTIONS, context: undefined, sink };
  host.submit(plan, 0, [10, 11, 12]);
  const [task] = submitted.splice(0);
  const pack = task && packOf(task);
  if (task === undefined || pack === undefined) throw new Error('nothing was submitted');
  let held: Task = task;
  const replace = (_pack: Task, runner: Task): void => {
    held = runner;
    runner.phase = 'sent';
  };
  const released: Task[] = [];
  const settle = (): Task => {
    released.push(held);
    return held;
  };
  // As much of a lane as packs see.
  const lane = { threadId: 1, replace, settle, frameLeft: () => {}, recallTask: () => false } as unknown as Lane;
  const frame = new Frame();
  frame.open(3);
  Object.assign(pack, { lane, frame });
  Object.assign(task, { lane, phase: 'sent' });
  const end = (item: number): void => {
    frame.results[item] = RESULT_NUMBER;
    frame.values[item] = item;
    frame.claim();
  };
  return { clock, told, host, lane, frame, end, submitted, released, progressed, plan };
}

it('E-8 tells of an item once, though its frame was read before the message of it came', async () => {
  const { clock, told, host, lane, frame, end } = openPack();
  frame.claim();
  end(0);
  end(1);
  // The last one runs long: what ended before it is read from the frame.
  await clock.advance(10);
  expect(told).toEqual([
    [0, ok(0)],
    [1, ok(1)],
  ]);
  host.receive(lane, [OUTPUT_PACK, 0, PACK_MORE, 1, [], undefined, []]);
  end(2);
  host.receive(lane, [OUTPUT_PACK, 0, PACK_DONE, 3, [], undefined, []]);
  expect(told.slice(2)).toEqual([[2, ok(2)]]);
});

it('E-7 lets go of a lane that has claimed nothing of a pack taken back from it, and only then', () => {
  const { host, lane, told, submitted, released } = openPack();
  // It has begun the pack, and is about to claim the first item.
  host.dissolve();
  expect(submitted).toHaveLength(3);
  expect(released).toEqual([]);
  host.receive(lane, [OUTPUT_PACK, 0, PACK_DONE, 0, [], undefined, []]);
  expect([told, released.length]).toEqual([[], 1]);
});

it('E-8 has a lane looked after that holds nothing more when its pack was taken back: no outcome will come from it', async () => {
  const { host, lane, submitted, progressed } = openPack();
  Object.assign(lane, { recallTask: () => true, inFlight: 0 });
  host.dissolve();
  expect(submitted).toHaveLength(3);
  // Whoever asked may end what is back first.
  expect(progressed).toEqual([]);
  await Promise.resolve();
  expect(progressed).toEqual([lane]);
});

it('R-3 keeps the order of items when packs are taken apart: those that come back from a lane first, the others where their pack stood', () => {
  const { host, frame, submitted, plan } = openPack();
  frame.claim();
  host.submit(plan, 3, [13, 14, 15]);
  host.submit(plan, 6, [16, 17]);
  host.dissolve();
  expect(submitted.map(({ key, params }) => [key, params])).toEqual([
    [1, 11],
    [2, 12],
    [3, 13],
    [4, 14],
    [5, 15],
    [6, 16],
    [7, 17],
  ]);
});

it('R-3 keeps the order of items when a lane is lost with several packs', () => {
  const { host, lane, frame, submitted, plan } = openPack();
  frame.claim();
  host.submit(plan, 3, [13, 14]);
  const [second] = submitted.splice(0);
  const pack = second && packOf(second);
  if (second === undefined || pack === undefined) throw new Error('nothing was submitted');
  const next = new Frame();
  next.open(2);
  Object.assign(pack, { lane, frame: next });
  Object.assign(second, { lane, phase: 'sent' });
  const { moved } = host.lost(lane, []);
  expect(moved).toBe(4);
  expect(submitted.flatMap((task) => packOf(task)?.params)).toEqual([11, 12, 13, 14]);
});
