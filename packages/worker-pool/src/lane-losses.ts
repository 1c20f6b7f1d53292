import { fail, type HeddleError, type Outcome } from '@heddle/core';
import type { ActionEntry } from './action-table.ts';
import { tenantOf } from './event.ts';
import type { Lane } from './lane/lane.ts';
import type { LossEvents } from './lane/lane-keeper.ts';
import type { ThreadEnd } from './lane/thread-pool.ts';
import type { Overdue } from './lane/watch.ts';
import type { ParsedRuntimeOptions } from './options.ts';
import { actionEntryOf } from './pack/pack.ts';
import type { Lost } from './pack/pack-host.ts';
import type { Reporter } from './reporter.ts';
import type { LaneScheduler } from './scheduler/ports.ts';
import type { Task } from './task.ts';
import { forcedError, loadTimeoutError, overloadedError, timeoutError, workerLostError } from './task-error.ts';

/** Why nothing can run any more. */
export const STUCK = 'Every thread is stuck in native code, and `zombieLimit` allows no more';

/** What is asked of the dispatcher. */
export interface LossEffects {
  attemptEnded(task: Task, outcome: Outcome): void;
  end(task: Task, error: HeddleError): void;
  /** One more lane may be opened than before: whoever waits outside a full queue may come in. */
  placeFreed(): void;
  endByForce(task: Task, error: HeddleError): void;
  /** The item that runs in a pack may be past its time. */
  packOverdue(task: Task, lane: Lane): void;
  /** The tasks that are lost with a lane, packs taken apart. */
  lostOf(lane: Lane, begun: readonly Task[]): Lost;
}

/** What becomes of the tasks of a lane that is gone, that will not go, or that never came. Source: SEMANTICS E-7, E-10. */
export class LaneLosses implements LossEvents {
  readonly #loadTimeoutMs: number;
  readonly #idPrefix: string;
  readonly #scheduler: Pick<LaneScheduler<Task>, 'waiting' | 'lanes' | 'opening' | 'stuck'>;
  readonly #reporter: Reporter;
  readonly #effects: LossEffects;

  constructor(
    { loadTimeoutMs }: Pick<ParsedRuntimeOptions, 'loadTimeoutMs'>,
    idPrefix: string,
    scheduler: LaneScheduler<Task>,
    reporter: Reporter,
    effects: LossEffects,
  ) {
    this.#loadTimeoutMs = loadTimeoutMs;
    this.#idPrefix = idPrefix;
    this.#scheduler = scheduler;
    this.#reporter = reporter;
    this.#effects = effects;
  }

  /** A begun task is past its time, or its module past the time it has to load. */
  overdue(task: Task, what: Overdue): void {
    const { action, role } = task.entry;
    if (role === 'pack') {
      if (task.lane !== undefined) this.#effects.packOverdue(task, task.lane);
      return;
    }
    if (what === 'timeout') {
      this.#effects.end(task, timeoutError(action.name, task.options.timeoutMs));
      return;
    }
    if (what === 'lost') {
      this.#effects.endByForce(
        task,
        workerLostError(action.name, { exitCode: undefined, error: new Error('it was done, and its outcome did not come') }),
      );
      return;
    }
    // Nothing in a module that is still loading listens to a signal.
    const error = loadTimeoutError(action.name, action.module, this.#loadTimeoutMs);
    this.loadFailed(task.entry, error);
    this.#effects.endByForce(task, error);
  }

  /** A module that does not load fails everything that waits for it: each would only need another thread to learn the same. */
  loadFailed(entry: ActionEntry, error: HeddleError): void {
    for (const task of [...this.#scheduler.waiting]) if (actionEntryOf(task) === entry) this.#effects.end(task, error);
  }

  /** The thread has ended, by our hand (`killed`) or by its own. What had begun on it fails; `moved` tasks had not. */
  laneGone(lane: Lane, begun: readonly Task[], moved: number, end: ThreadEnd, killed: boolean): void {
    const { tasks, moved: items } = this.#effects.lostOf(lane, begun);
    for (const task of tasks) {
      const lost = workerLostError(task.entry.action.name, end);
      this.#lose(task, task.ending === undefined ? lost : forcedError(task.ending, false));
    }
    this.#endIfStuck();
    this.#effects.placeFreed();
    if (killed) return;
    const error = workerLostError('(lane)', end);
    this.#reporter.tell({ kind: 'laneLost', threadId: lane.threadId, error, tasksLost: tasks.length, tasksMoved: moved + items });
  }

  /** The thread ignores its end. */
  zombie(lane: Lane, begun: readonly Task[]): void {
    const { tasks } = this.#effects.lostOf(lane, begun);
    const [first] = tasks;
    const whose = first === undefined ? {} : { taskId: this.#idPrefix + first.key, action: first.entry.action.name, ...tenantOf(first) };
    this.#reporter.tell({ kind: 'zombie', threadId: lane.threadId, ...whose });
    for (const task of tasks) {
      // The thread may still be running it: a second attempt would run beside the first.
      task.lastAttempt = true;
      this.#lose(
        task,
        forcedError(task.ending ?? workerLostError(task.entry.action.name, { exitCode: undefined, error: undefined }), true),
      );
    }
    this.#endIfStuck();
    this.#effects.placeFreed();
  }

  /** With every place taken by a thread that will not end, nothing that waits would ever begin. */
  #endIfStuck(): void {
    if (this.#scheduler.stuck) this.#endWaiting(overloadedError(STUCK));
  }

  zombieEnded(lane: Lane): void {
    this.#reporter.tell({ kind: 'zombieEnded', threadId: lane.threadId });
  }

  /** A thread could not be started. What waits fails with it when there is no other lane to wait for. */
  openFailed(error: HeddleError): void {
    this.#reporter.tell({ kind: 'laneFailed', error });
    if (this.#scheduler.lanes === 0 && this.#scheduler.opening === 0) this.#endWaiting(error);
    this.#effects.placeFreed();
  }

  #lose(task: Task, error: HeddleError): void {
    task.ending = undefined;
    this.#effects.attemptEnded(task, fail(error));
  }

  #endWaiting(error: HeddleError): void {
    for (const task of [...this.#scheduler.waiting]) this.#effects.end(task, error);
  }
}
