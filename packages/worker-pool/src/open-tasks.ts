import type { Clock } from './clock.ts';
import type { Compensations } from './compensation.ts';
import type { LaneKeeper } from './lane/lane-keeper.ts';
import type { Retries } from './retries.ts';
import type { LaneScheduler } from './scheduler/ports.ts';
import type { Task } from './task.ts';

/** The tasks that have not settled: how many, which, and when there are none. */
export class OpenTasks implements Iterable<Task> {
  readonly #scheduler: Pick<LaneScheduler<Task>, 'waiting'>;
  readonly #retries: Retries;
  readonly #compensations: Compensations;
  readonly #keeper: LaneKeeper;
  readonly #hosted = new Set<Task>();
  // Invariant: tasks started and not settled. The close waits for it to be zero.
  #active = 0;
  #onIdle: (() => void) | undefined;

  constructor(scheduler: LaneScheduler<Task>, retries: Retries, compensations: Compensations, keeper: LaneKeeper) {
    this.#scheduler = scheduler;
    this.#retries = retries;
    this.#compensations = compensations;
    this.#keeper = keeper;
  }

  started(count = 1): void {
    this.#active += count;
  }

  /** One that stands for work somebody else carries out. */
  hosted(task: Task): void {
    this.#active++;
    this.#hosted.add(task);
  }

  hostEnded(task: Task): void {
    this.#hosted.delete(task);
  }

  settled(count = 1): void {
    this.#active -= count;
    if (this.#active === 0) this.#onIdle?.();
  }

  /** All of them, gathered where they are: rarely asked for, and tasks pay nothing for it. A compensation stands for none of its own. */
  *[Symbol.iterator](): Iterator<Task> {
    yield* this.waiting();
    yield* this.begun();
  }

  /** Those that wait for a lane: a million of them, maybe. */
  *waiting(): IterableIterator<Task> {
    for (const task of this.#scheduler.waiting) if (task.compensates === undefined) yield task;
  }

  /** All others. */
  *begun(): IterableIterator<Task> {
    for (const task of this.#retries) if (task.compensates === undefined) yield task;
    yield* this.#compensations.tasks();
    yield* this.#hosted;
    for (const lane of this.#keeper.all())
      yield* lane.tasks().filter(({ compensates, entry }) => compensates === undefined && entry.role !== 'pack');
  }

  /** Settles when every task has. After `graceMs`, `endAll` is called for what is left. */
  async drain(graceMs: number, clock: Clock, endAll: () => void): Promise<void> {
    if (this.#active === 0) return;
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
    const limit = graceMs === Number.POSITIVE_INFINITY ? undefined : clock.after(graceMs, endAll);
    if (graceMs === 0) endAll();
    await idle;
    limit?.cancel();
  }
}
