import type { HeddleError } from '@heddle/core';
import { PinnedScheduler } from '../coroutine/pinned-scheduler.ts';
import type { Dispatcher, DispatcherParts } from '../dispatcher.ts';
import type { Lane } from '../lane/lane.ts';
import type { AgentSaying } from '../protocol/agent.ts';
import type { SchedulerLane } from '../scheduler/ports.ts';
import type { Task } from '../task.ts';
import { workerLostError } from '../task-error.ts';

/** What the lanes of a runtime's stateful work are made with. */
export interface StatefulLanesPorts {
  /** Where the runtime counts, watches and ends what it has started. */
  readonly main: Dispatcher;
  readonly maxLanes: number;
  /** Makes the dispatcher of these lanes. Called at most once, for the first that lives on them. */
  createDispatcher(parts: DispatcherParts): Dispatcher;
}

/** Told of what happens on the lanes. */
export interface StatefulListener {
  /** A lane is gone, with everything that rested on it. What computed there is told by its own step. */
  laneClosed(lane: SchedulerLane<Task>): void;
  /** An agent on one of them says something. */
  agentSaid?(saying: AgentSaying): void;
}

/**
 * The lanes where coroutines, streams and agents live, started with the first of them. Apart from the others, so that killing a plain task
 * never takes along what rests. Source: SEMANTICS C-8, W-1.
 */
export class StatefulLanes {
  readonly #ports: StatefulLanesPorts;
  readonly #listeners: StatefulListener[] = [];
  #opened: { readonly dispatcher: Dispatcher; readonly scheduler: PinnedScheduler } | undefined;

  constructor(ports: StatefulLanesPorts) {
    this.#ports = ports;
  }

  listen(listener: StatefulListener): void {
    this.#listeners.push(listener);
  }

  /** Where they are carried, if any was ever started. */
  get opened(): Dispatcher | undefined {
    return this.#opened?.dispatcher;
  }

  launch(step: Task): void {
    this.#open().dispatcher.launch(step);
  }

  end(step: Task, error: HeddleError): void {
    this.#open().dispatcher.end(step, error);
  }

  /** Whether a lane is there, and nobody is ending it. */
  knows(lane: SchedulerLane<Task>): boolean {
    return this.#opened?.scheduler.knows(lane) === true;
  }

  /** Whether nothing could ever begin there any more. */
  get stuck(): boolean {
    return this.#opened?.scheduler.stuck === true;
  }

  /** One that lived on this lane has ended. */
  left(lane: SchedulerLane<Task>): void {
    this.#opened?.scheduler.left(lane);
  }

  #open(): { readonly dispatcher: Dispatcher; readonly scheduler: PinnedScheduler } {
    this.#opened ??= this.#create();
    return this.#opened;
  }

  #create(): { readonly dispatcher: Dispatcher; readonly scheduler: PinnedScheduler } {
    const { maxLanes, main, createDispatcher } = this.#ports;
    let scheduler: PinnedScheduler | undefined;
    const dispatcher = createDispatcher({
      nestedIn: main,
      createScheduler: (effects) => {
        scheduler = new PinnedScheduler(maxLanes, effects, {
          orphaned: (task) => queueMicrotask(() => dispatcher.end(task, homeLostError(task.entry.action.name))),
          laneClosed: (lane) => {
            for (const listener of this.#listeners) listener.laneClosed(lane);
          },
        });
        return scheduler;
      },
      agentSaid: (saying) => {
        for (const listener of this.#listeners) listener.agentSaid?.(saying);
      },
    });
    if (scheduler === undefined) throw new Error('internal: a dispatcher makes its scheduler when it is made');
    return { dispatcher, scheduler };
  }

  /** After `graceMs`, what computes there is cancelled. Settles when nothing does. */
  async drain(graceMs: number): Promise<void> {
    await this.#opened?.dispatcher.drain(graceMs);
  }

  async closeLanes(): Promise<void> {
    await this.#opened?.dispatcher.closeLanes();
  }
}

/** The lane as what lives on it may talk to it. */
export function laneOf(home: SchedulerLane<Task>): Lane {
  return home as Lane; // a runtime's schedulers are given no other lanes
}

/** The error of what rested on a lane that is gone. */
export function homeLostError(action: string): HeddleError {
  return workerLostError(action, { exitCode: undefined, error: new Error('it ended while this rested on it') });
}
