import { MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { fail, type HeddleError, type Outcome } from '@heddle/core';
import { toHeddleError } from '@heddle/core/engine';
import type { ActionEntry } from '../action-table.ts';
import { PACK_ITEMS } from '../pack/frame.ts';
import { LaneFrames } from '../pack/lane-frames.ts';
import { actionEntryOf, type Pack, packOf } from '../pack/pack.ts';
import { encodeOutcome } from '../protocol/codec.ts';
import {
  INPUT_ACTION,
  INPUT_CANCEL,
  INPUT_CHILD,
  INPUT_CREDIT,
  INPUT_LOOK,
  INPUT_SHAPE,
  INPUT_STEPS,
  type LaneInput,
  pushStep,
} from '../protocol/input.ts';
import type { LaneLook, LaneOutput } from '../protocol/output.ts';
import { RowReader, RowWriter } from '../protocol/row.ts';
import type { StepInput } from '../protocol/step.ts';
import { TaskBatch } from '../protocol/task-batch.ts';
import { transferFault } from '../protocol/transfer-fault.ts';
import { TO_THREAD, uncloneableError } from '../protocol/uncloneable.ts';
import type { SchedulerLane } from '../scheduler/ports.ts';
import { SHARED_SIZE } from '../scheduler/size.ts';
import { ServiceHost, type ServiceSettings } from '../service/service-host.ts';
import type { Task, TaskKey } from '../task.ts';
import { type ClaimState, HostClaims, type HostWords, SLOTS } from './claims.ts';
import { Looks } from './looks.ts';
import { loopTurn } from './loop-turn.ts';
import { HostPace } from './pace.ts';
import type { EventLoopTimes, LaneMemory, LaneThread, ThreadEnd } from './thread-pool.ts';

/** Messages of a lane between two looks at the clock. */
const LOOK_EVERY = 8;

/** What a lane tells its runtime. */
export interface LaneEvents {
  /** A message of the thread. */
  message(lane: Lane, output: LaneOutput): void;
  /** A task could not be sent; nothing of it reached the thread. It is off the lane. */
  unsendable(lane: Lane, task: Task, error: HeddleError): void;
  /** Tasks are on their way. */
  sent(lane: Lane, tasks: readonly Task[]): void;
  /** The task of an item that runs now, in the pack that a task stands for. */
  runnerAt(pack: Pack, generation: number): Task | undefined;
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
  /** Of a lane that shares memory. */
  readonly #pace: HostPace | undefined;
  readonly #events: LaneEvents;
  readonly #services: ServiceHost | undefined;
  /** Where what has come can be taken before it is delivered. */
  readonly #mail: MessagePort | undefined;
  #taken = 0;
  // Invariant: a task stands at its slot exactly while it is in flight here, and `#inFlight` counts them.
  readonly #bySlot: (Task | undefined)[] = new Array<Task | undefined>(SLOTS).fill(undefined);
  #inFlight = 0;
  readonly #looks = new Looks(() => this.#post([INPUT_LOOK]));
  /** What a message did that no lane sends. */
  #misled: { readonly error: unknown } | undefined;
  #settled = 0;
  /** In the order they were sent, for taking back the newest; entries that have left are skipped where they lie. */
  #order: Task[] = [];
  readonly #actions = new Map<ActionEntry, IntroducedAction>();
  #shapes = 0;
  /** Makes its results of rows. */
  readonly rows: RowReader = new RowReader();
  #batch: TaskBatch | undefined = new TaskBatch();
  readonly #loaded = new Set<ActionEntry>();
  #lastLoaded: ActionEntry | undefined;
  readonly #frames = new LaneFrames();

  constructor(thread: LaneThread, events: LaneEvents, { services, idPrefix }: ServiceSettings) {
    this.#thread = thread;
    this.#events = events;
    this.threadId = thread.threadId;
    const { claims, port } = thread;
    this.#claims = claims instanceof SharedArrayBuffer ? new HostClaims(claims) : claims;
    this.#pace = claims instanceof SharedArrayBuffer ? new HostPace(claims) : undefined;
    this.#mail = port instanceof MessagePort ? port : undefined;
    port.on('message', this.#receive);
    this.#mail?.on('messageerror', (error) => this.#mislead(error));
    port.unref();
    if (services !== undefined && thread.services !== undefined)
      this.#services = new ServiceHost(thread.services, services, idPrefix, (slot, generation) => this.#caller(slot, generation));
    thread.onEnd((end) => {
      this.#services?.close();
      this.#looks.end();
      events.ended(this, this.#misled === undefined ? end : { ...end, ...this.#misled });
    });
  }

  /** The task that may call services from a slot: one that has begun. */
  #caller(slot: number, generation: number): Task | undefined {
    const task = this.at(slot, generation);
    return task === undefined || this.state(task) === 'sent' ? undefined : task;
  }

  /**
   * Takes what has come meanwhile as well: a turn of the event loop costs more than a message. Node itself goes on as long as messages are
   * there, and lanes that are kept busy post all the time: with a port that is not stopped the loop turned every 30 ms, with thousands of
   * calls in flight (`bench dispatch`).
   */
  readonly #receive = (output: unknown): void => {
    const mail = this.#mail;
    try {
      this.#events.message(this, output as LaneOutput); // only a lane writes to this port
      while (mail !== undefined) {
        if (++this.#taken % LOOK_EVERY === 0 && loopTurn.isOver) {
          this.#pause(mail);
          return;
        }
        const more = receiveMessageOnPort(mail);
        if (more === undefined) return;
        this.#events.message(this, more.message as LaneOutput); // as above
      }
    } catch (thrown) {
      // Code in the thread has got hold of the port, and said what no lane says. Nothing it says is to be relied on any more.
      this.#mislead(thrown);
    }
  };

  /** Takes nothing more in this turn: a port without a listener keeps its messages. */
  #pause(mail: MessagePort): void {
    mail.off('message', this.#receive);
    loopTurn.next(() => {
      mail.on('message', this.#receive);
      if (this.#inFlight === 0) mail.unref();
    });
  }

  /** A message cannot be understood, and nobody knows whose outcomes were in it: all that has begun there is lost. */
  #mislead(error: unknown): void {
    this.#misled = { error };
    this.terminate();
  }

  /** A message came that the thread cannot read: what was in it fails, and has not begun. */
  unread(): void {
    const { crossing = TO_THREAD } = this.#thread;
    const waiting = this.tasks().filter((task) => this.state(task) === 'sent');
    const faulty = waiting.filter((task) => !crossing.clones(packOf(task)?.params ?? task.params) || !crossing.clones(task.context));
    const cause = new Error('Node sends it, and cannot read it again');
    for (const task of faulty.length === 0 ? waiting : faulty)
      if (task.entry.role === 'pack' || this.#claims.recall(task.slot)) this.#refuse(task, cause);
  }

  /** A message beside outcomes was taken: the thread may post another. */
  took(): void {
    this.#pace?.take();
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
    // All of them before any is posted: the scheduler has counted them, and a getter among the params may ask where another one is.
    for (const task of tasks) this.#place(task);
    this.#events.sent(this, tasks);
    if (!tasks.some(isAlone)) this.#sendMessage(tasks);
    else for (const message of messagesOf(tasks)) this.#sendMessage(message.filter((task) => task.lane === this));
  }

  #sendMessage(tasks: readonly Task[]): void {
    const [first] = tasks;
    if (first === undefined) return;
    const isSteps = first.entry.role === 'resume'; // which share no message with anything else
    const unfit = first.options.transfer === undefined ? undefined : transferFault(first.entry.action.name, first.options.transfer);
    if (unfit !== undefined) {
      this.#unsent(first, unfit);
      return;
    }
    try {
      this.#postAll(tasks, isSteps);
    } catch (cause) {
      // Nothing of a message that fails to clone is sent. Find the faulty: each goes alone.
      if (tasks.length === 1) this.#refuse(first, cause);
      else for (const task of tasks) this.#postAgain(task, isSteps);
    }
  }

  #place(task: Task): void {
    const slot = task.entry.role === 'pack' ? this.#claims.acquireFor(PACK_ITEMS) : this.#claims.acquire();
    if (slot === undefined) throw new Error('internal: the scheduler sent more than the lane has room for');
    this.#bySlot[slot] = task;
    this.#inFlight++;
    task.lane = this;
    task.slot = slot;
    task.phase = 'sent';
    task.attempts++;
    task.threadId = this.threadId;
    this.#order.push(task);
  }

  #postAll(tasks: readonly Task[], isSteps: boolean): void {
    const transfer = tasks[0]?.options.transfer;
    if (isSteps) {
      this.#post(this.#stepsOf(tasks), transfer);
      return;
    }
    if (tasks[0]?.entry.role === 'pack') {
      this.#postPack(tasks[0]);
      return;
    }
    // Taken while it is in use: a getter among the params may have something sent on this lane.
    const batch = this.#batch ?? new TaskBatch();
    this.#batch = undefined;
    try {
      for (const task of tasks) this.#push(batch, task);
      this.#post(batch.message, transfer);
    } finally {
      batch.clear();
      this.#batch = batch;
    }
  }

  #postPack(task: Task): void {
    const pack = packOf(task);
    if (pack === undefined) return;
    const generation = this.#claims.generation(task.slot);
    const [message, transfer] = this.#frames.fill(pack, this, this.#introduce(pack.plan.entry).number, generation);
    this.#post(message, transfer);
  }

  /** The thread is done with a pack whose place an item of it has taken; so many others had ended. */
  frameLeft({ frameNumber }: Pack, ended: number): void {
    this.#settled += ended;
    this.#frames.giveBack(frameNumber);
  }

  #stepsOf(tasks: readonly Task[]): LaneInput {
    const message: [typeof INPUT_STEPS, ...unknown[]] = [INPUT_STEPS];
    for (const { slot, key, params } of tasks) pushStep(message, slot, this.#claims.generation(slot), key, params as StepInput); // as `CoroutineRun` made it
    return message;
  }

  #push(batch: TaskBatch, task: Task): void {
    // A getter among the params of one before it may have taken it off the lane.
    if (task.lane !== this) return;
    const { slot, params, context } = task;
    const { number, rows } = this.#introduce(task.entry);
    const generation = this.#claims.generation(slot);
    const sent = task.carried === undefined ? context : [context, task.carried];
    const shape = rows.read(params);
    batch.section(number, task.attempts, task.options.timeoutMs, task.deadlineMs, sent, shape);
    batch.task(slot, generation, task.key, params, rows);
  }

  #introduce(entry: ActionEntry): IntroducedAction {
    const known = this.#actions.get(entry);
    if (known !== undefined) return known;
    const action = { number: this.#actions.size, rows: new RowWriter((keys) => this.#announce(keys)) };
    this.#actions.set(entry, action);
    this.#post([INPUT_ACTION, action.number, entry.action.module, entry.action.name, entry.role]);
    return action;
  }

  #announce(keys: readonly string[]): number {
    this.#post([INPUT_SHAPE, this.#shapes, keys]);
    return this.#shapes++;
  }

  #postAgain(task: Task, isStep: boolean): void {
    try {
      this.#postAll([task], isStep);
    } catch (cause) {
      this.#refuse(task, cause);
    }
  }

  #refuse(task: Task | undefined, cause: unknown): void {
    // A getter among its params may have cancelled it, which took it off the lane.
    if (task?.lane !== this) return;
    if (task.entry.role === 'pack') {
      this.leave(task);
      task.attempts--;
      this.#events.unsendable(this, task, toHeddleError(cause));
      return;
    }
    const { name } = task.entry.action;
    const { crossing = TO_THREAD } = this.#thread;
    const [what, value] = crossing.clones(task.params) ? ['context', task.context] : ['params', task.params];
    this.#unsent(task, uncloneableError(name, String(what), value, cause, undefined, crossing));
  }

  #unsent(task: Task | undefined, error: HeddleError): void {
    if (task?.lane !== this) return;
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
    if (task.entry.role === 'pack') this.#packLeaves(task);
    this.#claims.release(task.slot);
    task.slot = -1;
    task.lane = undefined;
    this.#inFlight--;
    if (this.#inFlight > 0) return;
    this.#order.length = 0;
    this.#thread.port.unref();
  }

  #packLeaves(task: Task): void {
    // The generations of its items are never another task's, whatever comes late.
    this.#claims.passOn(task.slot, this.#claims.generation(task.slot) + PACK_ITEMS);
    const pack = packOf(task);
    if (pack !== undefined) this.frameLeft(pack, 0);
  }

  /** The task of a message that names its slot; it is off the lane from here on. `count`: so many tasks, where it stands for more. */
  settle(slot: number, count = 1): Task | undefined {
    const task = this.#bySlot[slot];
    if (task === undefined) return undefined;
    const entry = actionEntryOf(task);
    if (entry !== this.#lastLoaded) this.#noteLoaded(entry);
    this.#settled += count;
    this.leave(task);
    return task;
  }

  #noteLoaded(entry: ActionEntry): void {
    this.#lastLoaded = entry;
    this.#loaded.add(entry);
  }

  at(slot: number, generation: number): Task | undefined {
    const task = this.#bySlot[slot];
    if (this.#claims.generation(slot) === generation) return task;
    const pack = task && packOf(task);
    return pack && this.#events.runnerAt(pack, generation);
  }

  /** An item of a pack, which runs, takes the pack's place. */
  replace(pack: Task, runner: Task, generation: number): void {
    const { slot } = pack;
    this.#bySlot[slot] = runner;
    this.#claims.passOn(slot, generation);
    runner.lane = this;
    runner.slot = slot;
    runner.phase = 'sent';
    runner.threadId = this.threadId;
    pack.lane = undefined;
    pack.slot = -1;
    this.#order[this.#order.indexOf(pack)] = runner;
    this.#events.sent(this, [runner]);
  }

  /** Everything in flight, begun or not. */
  tasks(): Task[] {
    return this.#bySlot.filter((task) => task !== undefined);
  }

  /** Whether something runs here, or has run and not been heard of yet. What waits for children aside. */
  get hasBegun(): boolean {
    return this.#order.some((task) => task.lane === this && !task.parked && this.state(task) !== 'sent');
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

  /** Whether the task's action has run here. */
  hasLoaded(task: Task): boolean {
    return this.#loaded.has(actionEntryOf(task));
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

  /** How many of those that were sent before a task have not begun. */
  aheadOf(task: Task): number {
    const sent = this.#order.filter((other) => other.lane === this && this.state(other) === 'sent');
    return Math.max(0, sent.indexOf(task));
  }

  /** How busy its thread's event loop is; `undefined` where nobody can tell. */
  eventLoop(): EventLoopTimes | undefined {
    return this.#thread.eventLoop?.();
  }

  /** Tells what is in its thread's memory. Where Node does not say, the lane itself does, as soon as it comes to it, and how busy it is as well. */
  look(tell: (look: Partial<LaneLook>) => void): () => void {
    let leave = (): void => {};
    let left = false;
    const ask = (): void => {
      if (!left) leave = this.#looks.ask(tell);
    };
    const told = (memory: LaneMemory | undefined): void => (memory === undefined ? ask() : tell({ memory }));
    if (this.#thread.memory === undefined) ask();
    else this.#thread.memory().then(told, ask);
    return () => {
      left = true;
      leave();
    };
  }

  looked(look: LaneLook): void {
    this.#looks.answered(look);
  }

  /** What its thread holds in bytes; `undefined` where nobody can tell. */
  async memoryBytes(): Promise<number | undefined> {
    return this.#thread.memoryBytes?.();
  }

  terminate(): void {
    // Its end must be heard, and nothing else may be keeping the process until then.
    this.#thread.port.ref();
    this.#thread.terminate();
  }
}

/** An action as a lane's thread knows it. */
interface IntroducedAction {
  readonly number: number;
  /** Finds the shapes of its params. */
  readonly rows: RowWriter;
}

/**
 * Whether a task shares no message. What is transferred does not clone again, so that nothing must have to be told apart in the thread; what
 * is large would be copied once more there, to keep it apart from its neighbours; a pack is as many as a message takes.
 */
function isAlone({ alone, size, entry }: Task): boolean {
  return alone || size > SHARED_SIZE || entry.role === 'pack';
}

/** Tasks by message, in their order. */
function messagesOf(tasks: readonly Task[]): Task[][] {
  const messages: Task[][] = [];
  let shared: Task[] | undefined;
  for (const task of tasks) {
    const alone = isAlone(task);
    if (!alone && shared !== undefined) {
      shared.push(task);
      continue;
    }
    const message = [task];
    messages.push(message);
    shared = alone ? undefined : message;
  }
  return messages;
}
