import { describe, expect, it } from 'vitest';
import type { ActionEntry } from '../../src/action-table.ts';
import { PinnedScheduler } from '../../src/coroutine/pinned-scheduler.ts';
import { createResumeEntry } from '../../src/coroutine/resume-entry.ts';
import type { SchedulerLane } from '../../src/scheduler/ports.ts';
import { Task } from '../../src/task.ts';
import { DEFAULT_TASK_OPTIONS } from '../../src/task-options.ts';

const RESUME_ENTRY = createResumeEntry('resumed');
const FIRST_ENTRY: ActionEntry = { ...RESUME_ENTRY, role: 'coroutine' };

/** A lane of a few hundred places that notes how much each message carries. */
class NotedLane implements SchedulerLane<Task> {
  inFlight = 0;
  readonly capacity = 300;
  readonly hasBegun = false;
  readonly sizes: number[] = [];

  send(tasks: readonly Task[]): void {
    this.sizes.push(tasks.length);
    this.inFlight += tasks.length;
    for (const task of tasks) task.phase = 'sent';
  }

  recall(): readonly Task[] {
    return [];
  }
}

function open(): { scheduler: PinnedScheduler; lane: NotedLane; asked: { flush: number; tick: number; open: number } } {
  const asked = { flush: 0, tick: 0, open: 0 };
  const effects = {
    requestFlush: () => void asked.flush++,
    requestTick: () => void asked.tick++,
    openLane: () => void asked.open++,
    replaceLane: () => {},
    now: () => 0,
  };
  const scheduler = new PinnedScheduler(2, effects, { orphaned: () => {}, laneClosed: () => {} });
  const lane = new NotedLane();
  scheduler.laneOpened(lane);
  scheduler.flush();
  return { scheduler, lane, asked };
}

function stepOn(lane: NotedLane, key: number): Task {
  const task = new Task(key, RESUME_ENTRY, DEFAULT_TASK_OPTIONS, [0, key], undefined);
  task.home = lane;
  return task;
}

describe('where coroutines go', () => {
  it('C-8 a step in lock-step goes out at once; many at once share a message', () => {
    const { scheduler, lane } = open();
    scheduler.submit(stepOn(lane, 0));
    expect(lane.sizes).toEqual([]);
    scheduler.flush();
    expect(lane.sizes).toEqual([1]);
    lane.inFlight = 0;
    scheduler.submit(stepOn(lane, 0));
    expect(lane.sizes).toEqual([1, 1]);
    for (let key = 1; key <= 5; key++) scheduler.submit(stepOn(lane, key));
    scheduler.flush();
    expect(lane.sizes).toEqual([1, 1, 5]);
    expect(scheduler.queued).toBe(0);
  });

  it('C-8 the first steps of coroutines never go out before it was asked whether they need another lane', () => {
    const { scheduler, lane, asked } = open();
    scheduler.submit(new Task(0, FIRST_ENTRY, DEFAULT_TASK_OPTIONS, {}, undefined));
    scheduler.flush();
    lane.inFlight = 0;
    scheduler.submit(new Task(1, FIRST_ENTRY, DEFAULT_TASK_OPTIONS, {}, undefined));
    expect(lane.sizes).toEqual([1]);
    scheduler.flush();
    expect(asked.open).toBe(1);
  });

  it('C-8 steps for a lane that is nearly full wait for company, and not for long', () => {
    const { scheduler, lane, asked } = open();
    for (let key = 0; key < 700; key++) scheduler.submit(stepOn(lane, key));
    scheduler.flush();
    expect(lane.sizes).toEqual([300]);
    lane.inFlight -= 8;
    scheduler.progressed(lane);
    scheduler.progressed(lane);
    expect(lane.sizes).toEqual([300]);
    expect(asked.tick).toBe(1);
    lane.inFlight -= 120;
    scheduler.progressed(lane);
    expect(lane.sizes).toEqual([300, 128]);
    lane.inFlight -= 1;
    scheduler.tick();
    expect(lane.sizes).toEqual([300, 128, 1]);
    expect(scheduler.queued).toBe(271);
    expect([...scheduler.waiting].length).toBe(271);
  });

  it('C-8 first steps and later ones never share a message', () => {
    const { scheduler, lane } = open();
    scheduler.submit(stepOn(lane, 0));
    scheduler.submit(new Task(1, FIRST_ENTRY, DEFAULT_TASK_OPTIONS, {}, undefined));
    scheduler.submit(stepOn(lane, 2));
    scheduler.flush();
    expect(lane.sizes).toEqual([1, 2]);
  });
});
