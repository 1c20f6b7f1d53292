import { fail, type HeddleError, type Outcome } from '@heddle/core';
import type { Clock } from './clock.ts';
import type { Lane } from './lane/lane.ts';
import type { LaneKeeper } from './lane/lane-keeper.ts';
import type { LaneScheduler } from './scheduler/ports.ts';
import type { Task } from './task.ts';
import type { ClockEffects } from './task-clocks.ts';

/** What the ladder asks of the dispatcher. */
export interface LadderEffects {
  settle(task: Task, outcome: Outcome): void;
  /** Ends a task with what hangs on it. */
  end(task: Task, error: HeddleError): void;
  /** A task that waited no longer does. */
  leftQueue(): void;
  /** A retry that waited no longer does. */
  leftRetrying(task: Task): void;
  /** Somebody asks for the end of a task that is being compensated. */
  cancelCompensation(task: Task, error: HeddleError): void;
  /** A task left its lane without the lane's doing. */
  leftLane(lane: Lane): void;
}

/**
 * How a task is ended before its time (SEMANTICS E-7): queued → withdrawn; sent, not begun → taken back; begun → asked, and after the
 * grace its thread is ended. A task that has finished, its outcome on the way, keeps its outcome.
 */
export class Ladder implements ClockEffects {
  readonly #clock: Clock;
  readonly #graceMs: number;
  readonly #scheduler: LaneScheduler<Task>;
  readonly #keeper: LaneKeeper;
  readonly #effects: LadderEffects;

  constructor(clock: Clock, graceMs: number, scheduler: LaneScheduler<Task>, keeper: LaneKeeper, effects: LadderEffects) {
    this.#clock = clock;
    this.#graceMs = graceMs;
    this.#scheduler = scheduler;
    this.#keeper = keeper;
    this.#effects = effects;
  }

  end(task: Task, error: HeddleError): void {
    if (error.type === 'cancelled') task.cancelled = true;
    switch (task.phase) {
      case 'settled':
        return;
      case 'ending':
        // Somebody wants it gone that only ran out of time: it must not be tried again.
        if (error.type !== 'cancelled') return;
        task.lastAttempt = true;
        if (task.ending?.type === 'timeout') task.ending = error;
        return;
      case 'queued':
        this.#effects.settle(task, fail(error));
        this.#scheduler.withdrawn(task);
        this.#effects.leftQueue();
        return;
      case 'retrying':
        this.#effects.leftRetrying(task);
        this.#effects.settle(task, fail(error));
        return;
      case 'hosted':
        task.host?.end(error);
        return;
      case 'compensating':
        if (error.type === 'cancelled') this.#effects.cancelCompensation(task, error);
        return;
      case 'sent':
        this.#endSent(task, error);
        return;
    }
  }

  /** Ends a task only if it has not begun: it waits, or it can be taken back. */
  withdraw(task: Task, error: HeddleError): boolean {
    // While it is sent, this attempt is counted already.
    const begunBefore = task.attempts > (task.phase === 'sent' ? 1 : 0);
    return !begunBefore && this.leaveQueue(task, error);
  }

  /** Ends a task only if its next attempt has not begun; answers whether it had not. */
  leaveQueue(task: Task, error: HeddleError): boolean {
    if (task.phase === 'sent') return this.#takeBack(task, error);
    if (task.phase !== 'queued') return false;
    this.end(task, error);
    return true;
  }

  /** Ends a task for good: all of its time is over. */
  expire(task: Task, error: HeddleError): void {
    task.lastAttempt = true;
    this.#effects.end(task, error);
  }

  #takeBack(task: Task, error: HeddleError): boolean {
    const { lane } = task;
    if (lane?.recallTask(task) !== true) return false;
    this.#scheduler.taskLeft(lane, task);
    this.#effects.settle(task, fail(error));
    this.#effects.leftLane(lane);
    return true;
  }

  #endSent(task: Task, error: HeddleError): void {
    const { lane } = task;
    if (this.#takeBack(task, error)) return;
    // Without a lane it has just come off one, and its `retryIf` is being asked.
    if (lane === undefined || lane.state(task) === 'done') {
      task.lastAttempt = true;
      return;
    }
    task.phase = 'ending';
    task.ending = error;
    const nowMs = this.#clock.now();
    task.mark = { sinceMs: nowMs, dueMs: nowMs + this.#graceMs };
    lane.signal(task, error);
    if (this.#graceMs > 0) this.#keeper.prepareSpare(lane);
    if (this.#graceMs === Number.POSITIVE_INFINITY) return;
    task.timer = this.#clock.after(this.#graceMs, () => this.#clock.turn(() => this.#force(task)));
  }

  /** Ends a begun task without asking: nothing in it listens. */
  endByForce(task: Task, error: HeddleError): void {
    task.ending = error;
    task.phase = 'ending';
    this.#force(task);
  }

  #force(task: Task): void {
    if (task.phase === 'ending' && task.lane !== undefined) this.#keeper.kill(task.lane);
  }
}
