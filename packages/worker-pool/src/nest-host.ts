import { fail, HeddleError, type ParentDeathPolicy } from '@heddle/core';
import { toHeddleError } from '@heddle/core/engine';
import type { ActionEntry, ActionTable } from './action-table.ts';
import type { Clock } from './clock.ts';
import { tenantOf } from './event.ts';
import { SLOTS } from './lane/claims.ts';
import type { Lane } from './lane/lane.ts';
import { type NestOutput, OUTPUT_END_CHILD, OUTPUT_PARK, OUTPUT_START, type ParkOutput, type StartOutput } from './protocol/output.ts';
import type { Reporter } from './reporter.ts';
import type { LaneScheduler } from './scheduler/ports.ts';
import type { Child, Task, TaskKey } from './task.ts';
import { cancelledError, overloadedError } from './task-error.ts';
import { type ParsedTaskOptions, parseTaskOptions } from './task-options.ts';

/** How deep tasks may stand below one another. An action that runs itself without end is found out by it. */
const MAX_DEPTH = 256;

/** Where a task stands below the one that started it. */
export interface Nested {
  readonly key: TaskKey;
  readonly parent: Task;
}

/** What is asked of the dispatcher. */
export interface NestEffects {
  start(entry: ActionEntry, options: ParsedTaskOptions, params: unknown, context: unknown, nested: Nested): Task;
  end(task: Task, error: HeddleError): void;
}

/** A start that waits for its action's module; somebody may ask for its end meanwhile. */
interface Starting {
  readonly parent: Task;
  readonly key: string;
  readonly action: string;
  /** Refuses it now, and whatever its module does. */
  refuse(error: HeddleError): void;
}

/**
 * The host's side of nested work: starts what running actions ask for, tells them how it ended, and ends it with them.
 * A parent that waits for a child gives its place on the lane up, and its child goes before everything that has not begun; so a pool of
 * one manages a chain of any length up to the limit of depth. Source: SEMANTICS, W-6.
 */
export class NestHost {
  readonly #actions: ActionTable;
  readonly #scheduler: Pick<LaneScheduler<Task>, 'park' | 'unpark' | 'parked' | 'lanes'>;
  readonly #clock: Clock;
  readonly #reporter: Reporter;
  readonly #idPrefix: string;
  readonly #effects: NestEffects;
  // Invariant: starts that have been asked for and neither begun nor refused.
  readonly #starting = new Set<Starting>();
  #closed: ((action: string) => HeddleError) | undefined;

  constructor(
    actions: ActionTable,
    scheduler: LaneScheduler<Task>,
    clock: Clock,
    reporter: Reporter,
    idPrefix: string,
    effects: NestEffects,
  ) {
    this.#actions = actions;
    this.#scheduler = scheduler;
    this.#clock = clock;
    this.#reporter = reporter;
    this.#idPrefix = idPrefix;
    this.#effects = effects;
  }

  /** Nothing is started any more, whoever asks. */
  close(error: (action: string) => HeddleError): void {
    this.#closed = error;
  }

  /** What a running action says of its children. One whose attempt is over is heard no more. */
  receive(lane: Lane, message: NestOutput): void {
    const parent = lane.at(message[1], message[2]);
    if (parent === undefined) return;
    switch (message[0]) {
      case OUTPUT_START:
        this.#start(lane, parent, message);
        return;
      case OUTPUT_PARK:
        this.#park(lane, parent, message);
        return;
      case OUTPUT_END_CHILD:
        this.#endChild(parent, message[3], message[4]);
        return;
    }
  }

  /** The parent's attempt is over: what hangs on it ends too. */
  attemptEnded(parent: Task): void {
    const { children } = parent;
    parent.children = undefined;
    for (const child of children?.values() ?? []) {
      if (child.policy === 'stop') this.#stop(child, parent, 'has ended');
      if (child.policy === 'orphan') this.#tellOrphan(child.task, parent);
    }
  }

  /** The parent is being asked to end: so is what hangs on it, at once, for the parent may be waiting for it. */
  parentEnding(parent: Task): void {
    const why = parent.ending?.type === 'timeout' ? 'ran out of time' : 'was cancelled';
    for (const child of [...(parent.children?.values() ?? [])]) if (child.policy === 'stop') this.#stop(child, parent, why);
  }

  #stop(child: Child, parent: Task, why: string): void {
    if (child.asked) return;
    child.asked = true;
    this.#effects.end(child.task, this.#parentGone(child.task.entry.action.name, parent, why));
  }

  #parentGone(action: string, parent: Task, why: string): HeddleError {
    return cancelledError(action, `${this.#idPrefix}${parent.key}, which started it, ${why}`);
  }

  #tellOrphan(task: Task, parent: Task): void {
    const { name } = task.entry.action;
    this.#reporter.tell({
      kind: 'taskOrphaned',
      taskId: this.#idPrefix + task.key,
      action: name,
      parentId: this.#idPrefix + parent.key,
      ...tenantOf(task),
    });
  }

  #park(lane: Lane, parent: Task, [, , , parked]: ParkOutput): void {
    if (parked) {
      parent.mark = { sinceMs: this.#clock.now(), dueMs: undefined };
      this.#scheduler.park(lane, parent);
    } else this.#scheduler.unpark(lane, parent);
  }

  #endChild(parent: Task, key: string, reason: string): void {
    for (const starting of this.#starting)
      if (starting.parent === parent && starting.key === key) starting.refuse(cancelledError(starting.action, reason));
    const task = parent.children?.get(key)?.task;
    if (task !== undefined) this.#effects.end(task, cancelledError(task.entry.action.name, reason));
  }

  #start(lane: Lane, parent: Task, message: StartOutput): void {
    const [, slot, generation, key, module, name] = message;
    const refuse = (error: unknown): void => lane.answer(slot, generation, key, fail(error));
    const refusal = this.#refusal(parent, name);
    if (refusal !== undefined) {
      refuse(refusal);
      return;
    }
    const known = this.#actions.find(module, name);
    if (known !== undefined) {
      this.#begin(lane, parent, message, known);
      return;
    }
    this.#load(lane, parent, message, refuse);
  }

  #load(lane: Lane, parent: Task, message: StartOutput, refuse: (error: unknown) => void): void {
    const [, slot, generation, key, module, name] = message;
    const starting: Starting = {
      parent,
      key,
      action: name,
      refuse: (error) => {
        if (this.#starting.delete(starting)) refuse(error);
      },
    };
    this.#starting.add(starting);
    const loaded = (entry: ActionEntry): void => {
      const isOver = lane.at(slot, generation) !== parent || parent.phase === 'ending';
      // Whom it would have ended with is gone, or going.
      if (message[9] === 'stop' && isOver) starting.refuse(this.#parentGone(name, parent, 'was cancelled'));
      else if (this.#closed !== undefined) starting.refuse(this.#closed(name));
      else if (this.#starting.delete(starting)) this.#begin(lane, parent, message, entry);
    };
    this.#actions.load(module, name).then(loaded, (thrown: unknown) => starting.refuse(toHeddleError(thrown)));
  }

  #refusal(parent: Task, name: string): HeddleError | undefined {
    if (this.#closed !== undefined) return this.#closed(name);
    if (parent.phase === 'ending') return this.#parentGone(name, parent, 'was cancelled');
    if (parent.depth >= MAX_DEPTH)
      return new HeddleError(
        'limit_exceeded',
        `Action ${name} would stand ${MAX_DEPTH + 1} tasks deep below the first; look for one that runs itself without end`,
      );
    // While half of all slots are free, a lane has room for the child, and so everybody who waits goes on some time.
    if (this.#scheduler.parked * 2 >= this.#scheduler.lanes * SLOTS)
      return overloadedError(`Too many tasks wait for others that they have started: ${this.#scheduler.parked}`);
    return undefined;
  }

  #begin(lane: Lane, parent: Task, message: StartOutput, entry: ActionEntry): void {
    const [, slot, generation, key, , , params, context, given, policy, parentEndMs] = message;
    let task: Task;
    try {
      task = this.#effects.start(entry, this.#options(parent, entry, given, policy, parentEndMs), params, context, { key, parent });
    } catch (thrown) {
      lane.answer(slot, generation, key, fail(thrown));
      return;
    }
    if (task.outcome !== undefined) {
      lane.answer(slot, generation, key, task.outcome);
      return;
    }
    // Its module took longer to load than the parent took to end.
    if (lane.at(slot, generation) !== parent) {
      if (policy === 'orphan') this.#tellOrphan(task, parent);
      return;
    }
    parent.children ??= new Map<TaskKey, Child>();
    const { children } = parent;
    children.set(key, { task, policy, asked: false });
    task.addWaiter((outcome) => {
      children.delete(key);
      lane.answer(slot, generation, key, outcome);
    });
  }

  /** The child's own options, its parent's priority below them, and no more time than its parent has left. */
  #options(parent: Task, entry: ActionEntry, given: unknown, policy: ParentDeathPolicy, parentEndMs: number): ParsedTaskOptions {
    const options = parseTaskOptions(given, {
      ...entry.options,
      priority: parent.priority,
      telemetry: parent.options.telemetry,
      tenant: parent.tenant,
    });
    if (policy !== 'stop' || parentEndMs === Number.POSITIVE_INFINITY) return options;
    const inherited = this.#clock.wall() + parentEndMs - this.#clock.now();
    return inherited < options.deadline ? { ...options, deadline: inherited, deadlineInherited: true } : options;
  }
}
