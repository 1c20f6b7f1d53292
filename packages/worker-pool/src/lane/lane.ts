import { MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { fail, type HeddleError, type Outcome } from '@heddle/core';
import type { ActionEntry } from '../action-table.ts';
import { encodeOutcome } from '../protocol/codec.ts';
import {
  INPUT_ACTION,
  INPUT_CANCEL,
  INPUT_CHILD,
  INPUT_CREDIT,
  INPUT_STEPS,
  INPUT_TASKS,
  type LaneInput,
  pushStep,
  pushTask,
} from '../protocol/input.ts';
import type { LaneOutput } from '../protocol/output.ts';
import type { StepInput } from '../protocol/step.ts';
import { TO_THREAD, uncloneableError } from '../protocol/uncloneable.ts';
import type { SchedulerLane } from '../scheduler/ports.ts';
import { ServiceHost, type ServiceSettings } from '../service/service-host.ts';
import type { Task, TaskKey } from '../task.ts';
import { type ClaimState, HostClaims, type HostWords, SLOTS } from './claims.ts';
import type { LaneThread, ThreadEnd } from './thread-pool.ts';

/** Messages taken in one turn of the event loop. */
const MAX_RECEIVED = 32;

/** What a lane tells its runtime. */
export interface LaneEvents {
  /** A message of the thread. */
  message(lane: Lane, output: LaneOutput): void;
  /** A task could not be sent; nothing of it reached the thread. It is off the lane. */
  unsendable(lane: Lane, task: Task, error: HeddleError): void;
  /** Tasks are on their way. */
  sent(lane: Lane, tasks: readonly Task[]): void;
  /** The thread has ended and everything it had posted has been received. */
  ended(lane: Lane, end: ThreadEnd): void;
}

/**
 * The host's side of one leased thread: gives tasks slots, sends them, takes them back, knows what is on it.
 * Guarantees: while anything is in flight the port keeps the process alive, and otherwise it does not.
 */
export class Lane implements SchedulerLane<Task> {
  readonly threadId: number;
  readonly capacity: number = SLOTS;
  readonly #thread: LaneThread;
  readonly #claims: HostWords;
  readonly #events: LaneEvents;
  readonly #services: ServiceHost | undefined;
  // Invariant: a task stands at its slot exactly while it is in flight here, and `#inFlight` counts them.
  readonly #bySlot: (Task | undefined)[] = new Array<Task | undefined>(SLOTS).fill(undefined);
  #inFlight = 0;
  #settled = 0;
  /** In the order they were sent, for taking back the newest; entries that have left are skipped where they lie. */
  #order: Task[] = [];
  readonly #actionNumbers = new Map<ActionEntry, number>();
  readonly #loaded = new Set<ActionEntry>();

  constructor(thread: LaneThread, events: LaneEvents, { services, idPrefix }: ServiceSettings) {
    this.#thread = thread;
    this.#events = events;
    this.threadId = thread.threadId;
    const { claims, port } = thread;
    this.#claims = claims instanceof SharedArrayBuffer ? new HostClaims(claims) : claims;
    port.on(
      'message',
      port instanceof MessagePort
        ? (output) => this.#receive(port, output as LaneOutput) // only a lane writes to this port
        : (output) => events.message(this, output as LaneOutput), // as above
    );
    port.unref();
    if (services !== undefined && thread.services !== undefined)
      this.#services = new ServiceHost(thread.services, services, idPrefix, (slot, generation) => this.#caller(slot, generation));
    thread.onEnd((end) => {
      this.#services?.close();
      events.ended(this, end);
    });
  }

  /** The task that may call services from a slot: one that has begun. */
  #caller(slot: number, generation: number): Task | undefined {
    const task = this.at(slot, generation);
    return task === undefined || this.state(task) === 'sent' ? undefined : task;
  }

  /** Takes what has come meanwhile as well: a turn of the event loop costs more than a message. Bounded, so that no lane holds the loop. */
  #receive(port: MessagePort, output: LaneOutput): void {
    this.#events.message(this, output);
    for (let count = 1; count < MAX_RECEIVED; count++) {
      const more = receiveMessageOnPort(port);
      if (more === undefined) return;
      this.#events.message(this, more.message as LaneOutput); // only a lane writes to this port
    }
  }

  /** Has the thread load these actions before it is asked to run them. */
  preload(entries: Iterable<ActionEntry>): void {
    for (const entry of entries) this.#introduce(entry);
  }

  /** The actions it has run. */
  get loaded(): ReadonlySet<ActionEntry> {
    return this.#loaded;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Tasks that have left it settled, not taken back. */
  get settled(): number {
    return this.#settled;
  }

  send(tasks: readonly Task[]): void {
    if (this.#inFlight === 0) this.#thread.port.ref();
    // A lane that is never idle would otherwise remember everything it was ever sent.
    if (this.#order.length > 2 * SLOTS) this.#order = this.#order.filter((task) => task.lane === this);
    // What is transferred does not clone again: its task shares no message, so that nothing has to be told apart in the thread.
    const together = tasks.some(isAlone) ? tasks.filter((task) => !task.alone) : tasks;
    if (together.length < tasks.length) for (const task of tasks.filter(isAlone)) this.#sendBatch([task]);
    if (together.length > 0) this.#sendBatch(together);
  }

  #sendBatch(tasks: readonly Task[]): void {
    const batch = batchFor(tasks[0]);
    for (const task of tasks) this.#place(task, batch);
    this.#events.sent(this, tasks);
    try {
      this.#post(batch as unknown as LaneInput, tasks[0]?.options.transfer);
    } catch (cause) {
      // Nothing of a message that fails to clone is sent. Find the faulty: each goes alone.
      if (tasks.length === 1) this.#refuse(tasks[0], cause);
      else for (const task of tasks) this.#sendAgain(task);
    }
  }

  #place(task: Task, batch: unknown[]): void {
    const slot = this.#claims.acquire();
    if (slot === undefined) throw new Error('internal: the scheduler sent more than the lane has room for');
    this.#bySlot[slot] = task;
    this.#inFlight++;
    task.lane = this;
    task.slot = slot;
    task.phase = 'sent';
    task.attempts++;
    task.threadId = this.threadId;
    this.#order.push(task);
    this.#push(batch, task);
  }

  #push(batch: unknown[], task: Task): void {
    if (batch[0] === INPUT_STEPS) {
      pushStep(batch, task.slot, this.#claims.generation(task.slot), task.key, task.params as StepInput); // as `CoroutineRun` made it
      return;
    }
    pushTask(batch, {
      action: this.#introduce(task.entry),
      slot: task.slot,
      generation: this.#claims.generation(task.slot),
      task: task.key,
      attempt: task.attempts,
      timeoutMs: task.options.timeoutMs,
      deadlineMs: task.deadlineMs,
      params: task.params,
      context: task.carried === undefined ? task.context : [task.context, task.carried],
    });
  }

  #introduce(entry: ActionEntry): number {
    const known = this.#actionNumbers.get(entry);
    if (known !== undefined) return known;
    const number = this.#actionNumbers.size;
    this.#actionNumbers.set(entry, number);
    this.#post([INPUT_ACTION, number, entry.action.module, entry.action.name, entry.role]);
    return number;
  }

  #sendAgain(task: Task): void {
    const batch = batchFor(task);
    this.#push(batch, task);
    try {
      this.#post(batch as unknown as LaneInput, task.options.transfer);
    } catch (cause) {
      this.#refuse(task, cause);
    }
  }

  #refuse(task: Task | undefined, cause: unknown): void {
    // A getter among its params may have cancelled it, which took it off the lane.
    if (task?.lane !== this) return;
    const { name } = task.entry.action;
    const { crossing = TO_THREAD } = this.#thread;
    const [what, value] = crossing.clones(task.params) ? ['context', task.context] : ['params', task.params];
    const error = uncloneableError(name, String(what), value, cause, undefined, crossing);
    this.leave(task);
    task.attempts--;
    this.#events.unsendable(this, task, error);
  }

  #post(message: LaneInput, transfer?: readonly unknown[]): void {
    this.#thread.port.postMessage(message, transfer as never); // checked by Node itself
  }

  /** Takes a task off the lane: settled, recalled or lost. */
  leave(task: Task): void {
    if (task.entry.compensation !== undefined && this.#claims.hasRun(task.slot)) task.ran = true;
    this.#services?.left(task);
    this.#bySlot[task.slot] = undefined;
    task.trace?.leftLane(this.#claims.startedMs(task.slot));
    this.#claims.release(task.slot);
    task.slot = -1;
    task.lane = undefined;
    this.#inFlight--;
    if (this.#inFlight > 0) return;
    this.#order.length = 0;
    this.#thread.port.unref();
  }

  /** The task of a message that names its slot; it is off the lane from here on. */
  settle(slot: number): Task | undefined {
    const task = this.#bySlot[slot];
    if (task === undefined) return undefined;
    this.#loaded.add(task.entry);
    this.#settled++;
    this.leave(task);
    return task;
  }

  at(slot: number, generation: number): Task | undefined {
    return this.#claims.generation(slot) === generation ? this.#bySlot[slot] : undefined;
  }

  /** Everything in flight, begun or not. */
  tasks(): Task[] {
    return this.#bySlot.filter((task) => task !== undefined);
  }

  recall(limit: number): Task[] {
    const recalled: Task[] = [];
    const kept: Task[] = [];
    while (recalled.length < limit) {
      const task = this.#order.pop();
      if (task === undefined) break;
      // It has left, or it was recalled and sent here again, which put it further down.
      if (task.lane !== this || task.phase !== 'sent') continue;
      // What was transferred is not there any more to be sent again.
      if (!task.alone && this.recallTask(task)) {
        recalled.push(task);
        continue;
      }
      kept.push(task);
      // Begun, and so is everything sent before it; one that was transferred may not have, and stays.
      if (!task.alone || this.state(task) !== 'sent') break;
    }
    this.#order.push(...kept.reverse());
    return recalled;
  }

  /** Takes one task back, if it has not begun: it waits again, or, if it was transferred, has to be settled. */
  recallTask(task: Task): boolean {
    if (!this.#claims.recall(task.slot)) return false;
    this.leave(task);
    task.phase = 'queued';
    task.attempts--;
    task.threadId = undefined;
    return true;
  }

  state(task: Task): ClaimState {
    return this.#claims.state(task.slot);
  }

  /** When the task's own time began, on the process-wide clock cut to 32 bits; 0 while its module loads. */
  startedMs(task: Task): number {
    return this.#claims.startedMs(task.slot);
  }

  hasLoaded(entry: ActionEntry): boolean {
    return this.#loaded.has(entry);
  }

  /** Asks a task that has begun to end: the flag for a synchronous loop, the message for code that awaits. */
  signal(task: Task, error: HeddleError): void {
    this.#claims.cancel(task.slot);
    const type = error.type === 'timeout' ? 'timeout' : 'cancelled';
    this.#post([INPUT_CANCEL, task.slot, this.#claims.generation(task.slot), type, error.message]);
  }

  /** Tells a parent that waits here how its child ended; nobody, when its attempt is over. */
  answer(slot: number, generation: number, child: TaskKey, outcome: Outcome): void {
    const parent = this.at(slot, generation);
    if (parent === undefined) return;
    try {
      this.#post([INPUT_CHILD, slot, generation, child, ...encodeOutcome(outcome)]);
    } catch (cause) {
      const value = outcome.ok ? outcome.value : outcome.directive;
      const error = uncloneableError(parent.entry.action.name, 'the result of a child', value, cause, undefined, this.#thread.crossing);
      this.#post([INPUT_CHILD, slot, generation, child, ...encodeOutcome(fail(error))]);
    }
  }

  /** A stream on it may yield so many values more. */
  credit(task: Task, credit: number): void {
    if (task.lane === this) this.#post([INPUT_CREDIT, task.slot, this.#claims.generation(task.slot), credit]);
  }

  /** Says what belongs to no task. */
  tell(message: LaneInput): void {
    this.#post(message);
  }

  terminate(): void {
    // Its end must be heard, and nothing else may be keeping the process until then.
    this.#thread.port.ref();
    this.#thread.terminate();
  }
}

/** Steps share no message with anything else. */
function batchFor(task: Task | undefined): unknown[] {
  return [task?.entry.role === 'resume' ? INPUT_STEPS : INPUT_TASKS];
}

function isAlone({ alone }: Task): boolean {
  return alone;
}
