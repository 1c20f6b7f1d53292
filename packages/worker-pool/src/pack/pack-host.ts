import type { HeddleError, Outcome } from '@heddle/core';
import type { Clock } from '../clock.ts';
import type { Lane } from '../lane/lane.ts';
import { itemGeneration, PACK_DONE, PACK_LEFT, type PackOutput } from '../protocol/pack.ts';
import type { LaneScheduler } from '../scheduler/ports.ts';
import { abortReason, SignalHub } from '../signal-hub.ts';
import type { Task } from '../task.ts';
import { cancelledError, timeoutError } from '../task-error.ts';
import type { ParsedTaskOptions } from '../task-options.ts';
import { isTraced } from '../telemetry/channel.ts';
import { Pack, type PackPlan, packOf } from './pack.ts';
import { PackTeller, type TellEffects } from './pack-teller.ts';
import { frameOutcome, ResultReader } from './results.ts';
import { allWell, SettledItems } from './settled-items.ts';

/** A pack whose item has run for so long that those behind it are taken back. Milliseconds. */
const STALL_MS = 2;

/** What goes with a lane. */
export interface Lost {
  readonly tasks: readonly Task[];
  readonly moved: number;
}

/** An item while it is in a pack. */
export interface PackedItem {
  readonly pack: Pack;
  readonly item: number;
}

type PackScheduler = Pick<LaneScheduler<Task>, 'submit' | 'resubmit' | 'replace' | 'taskLeft' | 'stuck'>;

/** What packs need of their dispatcher. */
export interface PackEffects extends TellEffects {
  /** The first of so many numbers of tasks. */
  reserveKeys(count: number): number;
  /** So many tasks have started. */
  started(count: number): void;
  end(task: Task, error: HeddleError): void;
  progressed(lane: Lane): void;
  /** Whether somebody looks at tasks one by one. */
  each(): boolean;
}

/**
 * Packs on the host: sends them out, tells what their items end with, and takes them apart where an item needs more than the plain way.
 * An item that fails, runs long, is cancelled, or does anything but compute goes on as a task of its own, from where it stands; so
 * everything beside the plain way is done by what does it for tasks. Source: SEMANTICS E-7, E-8, E-10, R-3.
 */
export class PackHost {
  readonly allowed: boolean;
  readonly #clock: Clock;
  readonly #scheduler: PackScheduler;
  readonly #effects: PackEffects;
  readonly #teller: PackTeller;
  readonly #signals: SignalHub<Pack>;
  // Invariant: those with items that are neither told nor tasks of their own, or with nothing left and still on a lane.
  readonly #live = new Map<number, Pack>();
  #ids = 0;
  #looking = false;

  /** `allowed`: whether tasks of this runtime may share packs at all. */
  constructor(clock: Clock, scheduler: PackScheduler, allowed: boolean, effects: PackEffects) {
    this.allowed = allowed;
    this.#clock = clock;
    this.#scheduler = scheduler;
    this.#effects = effects;
    this.#teller = new PackTeller(effects);
    this.#signals = new SignalHub((pack, reason) => this.end(pack, cancelledError(pack.plan.entry.action.name, abortReason(reason))));
  }

  /** Whether tasks with these options may share packs now: those that somebody follows may not, nor those that could only wait in vain. */
  wanted({ telemetry }: ParsedTaskOptions): boolean {
    return !this.#scheduler.stuck && (telemetry === 'silent' || !(isTraced() || this.#effects.each()));
  }

  /** Starts items, which were admitted. */
  submit(plan: PackPlan, firstIndex: number, params: readonly unknown[]): void {
    this.#effects.started(params.length);
    const pack = this.#open(plan, firstIndex, this.#effects.reserveKeys(params.length), params);
    this.#scheduler.submit(pack.task);
  }

  #open(plan: PackPlan, firstIndex: number, firstKey: number, params: readonly unknown[]): Pack {
    const pack = new Pack(this.#ids++, plan, firstIndex, firstKey, params);
    this.#live.set(pack.id, pack);
    if (plan.options.signal !== undefined) this.#signals.add(plan.options.signal, pack);
    this.#lookLater();
    return pack;
  }

  #forget(pack: Pack): void {
    this.#live.delete(pack.id);
    const { signal } = pack.plan.options;
    if (signal !== undefined) this.#signals.remove(signal, pack);
  }

  /** The item of a task's number, where it is one that has not become a task of its own. */
  itemOf(key: number): PackedItem | undefined {
    for (const pack of this.#live.values()) {
      const item = key - pack.firstKey;
      const end = pack.runner === undefined ? pack.end : pack.end - 1;
      if (item >= pack.reported && item < end) return { pack, item };
    }
    return undefined;
  }

  /** Those that wait, in items beyond the one that is counted for each. */
  get uncountedQueued(): number {
    let count = 0;
    for (const pack of this.#live.values()) if (pack.task.phase === 'queued') count += pack.uncounted;
    return count;
  }

  /** Those on a lane, in items beyond the one that is counted for each. */
  uncountedOn(lane: Lane): number {
    let count = 0;
    for (const pack of this.#live.values()) if (pack.lane === lane && pack.task.phase !== 'queued') count += pack.uncounted;
    return count;
  }

  /** A lane tells how items ended. */
  receive(lane: Lane, message: PackOutput): void {
    const [, id, state, toldUpTo] = message;
    const pack = this.#live.get(id);
    if (pack?.frame === undefined || pack.lane !== lane) return;
    const from = pack.reported;
    // The frame may have told of them before the message came.
    const upTo = Math.max(from, toldUpTo);
    const { frame, plan, runner, params } = pack;
    pack.reported = upTo;
    // All that is read of the frame is read here: it is used anew as soon as the lane has room.
    if (plan.sink.oneByOne || (runner !== undefined && upTo === pack.end) || !allWell(frame, from, upTo)) {
      const reader = new ResultReader(frame, message);
      const outcomes: Outcome[] = [];
      for (let item = from; item < upTo; item++) outcomes.push(reader.next(item));
      const durations = frame.durations.slice(from, upTo);
      this.#leave(pack, lane, state);
      this.#teller.tell(pack, from, outcomes, durations, lane.threadId);
    } else {
      const settled = new SettledItems(pack.firstIndex, params, from, upTo, { frame, message, threadId: lane.threadId });
      this.#leave(pack, lane, state);
      this.#teller.tellAll(plan, settled);
    }
    this.#effects.progressed(lane);
  }

  #leave(pack: Pack, lane: Lane, state: PackOutput[2]): void {
    if (state === PACK_LEFT) this.#left(pack, lane);
    else if (state === PACK_DONE) this.#done(pack, lane);
  }

  /** The lane has nothing more of it. */
  #done(pack: Pack, lane: Lane): void {
    const { slot } = pack.runner ?? pack.task;
    const task = lane.settle(slot, pack.runner === undefined ? pack.end : 1);
    if (task !== undefined) this.#scheduler.taskLeft(lane, task);
    if (pack.runner !== undefined) lane.frameLeft(pack, pack.end - 1);
    this.#forget(pack);
  }

  /** Its item after those reported goes on without it. */
  #left(pack: Pack, lane: Lane): void {
    this.#split(pack);
    lane.frameLeft(pack, pack.end - 1);
    this.#forget(pack);
  }

  /**
   * Takes back what has not begun, which goes on as a pack of its own, and makes the item that runs a task of its own. What has ended is on
   * its way. Nothing here waits for the lane.
   */
  #split(pack: Pack): void {
    const rest = this.#closeFrame(pack);
    if (rest !== undefined) this.#scheduler.resubmit([rest.task]);
  }

  #closeFrame(pack: Pack): Pack | undefined {
    const { frame, lane, plan, end, runner } = pack;
    if (frame === undefined || lane === undefined) return undefined;
    const { claimed, ended } = frame.close();
    pack.end = Math.min(end, claimed);
    if (runner === undefined && ended < claimed && pack.task.lane === lane) this.#takeOut(pack, lane, claimed - 1);
    if (claimed >= end) return undefined;
    return this.#open(plan, pack.firstIndex + claimed, pack.firstKey + claimed, pack.params.slice(claimed, end));
  }

  /** The item runs on in the pack's place on the lane. */
  #takeOut(pack: Pack, lane: Lane, item: number): void {
    const runner = pack.taskOf(item);
    runner.attempts = 1;
    lane.replace(pack.task, runner, itemGeneration(pack.generation, item));
    // It takes the pack's place in the scheduler's books as well.
    runner.weight = pack.task.weight;
    pack.task.phase = 'settled';
    pack.runner = runner;
    pack.plan.sink.continues(pack.firstIndex + item, pack.params[item], runner);
    this.#effects.single(runner);
  }

  /** The task of an item that runs now, by the generation that is its own. */
  runnerAt(pack: Pack, generation: number): Task | undefined {
    const { progress } = pack.frame ?? {};
    if (progress === undefined || progress.ended === progress.claimed) return undefined;
    if (itemGeneration(pack.generation, progress.claimed - 1) !== generation) return undefined;
    this.#split(pack);
    const { runner } = pack;
    return runner !== undefined && itemGeneration(pack.generation, pack.end - 1) === generation ? runner : undefined;
  }

  /** Takes a pack apart: every item that has not ended is a task of its own. Answers those that have not begun, and the one that runs. */
  #dissolve(pack: Pack): readonly Task[] {
    const { task } = pack;
    const { lane } = task;
    if (task.phase === 'queued') {
      const items = this.#unpack(pack);
      this.#scheduler.replace(task, items);
      task.phase = 'settled';
      return items;
    }
    if (lane === undefined) return [];
    if (lane.recallTask(task)) {
      this.#scheduler.taskLeft(lane, task);
      task.phase = 'settled';
      return this.#putBack(this.#unpack(pack));
    }
    const rest = this.#closeFrame(pack);
    const runner = pack.runner === undefined ? [] : [pack.runner];
    if (rest === undefined) return runner;
    rest.task.phase = 'settled';
    return [...this.#putBack(this.#unpack(rest)), ...runner];
  }

  /** Its items as tasks of their own, in order. */
  #unpack(pack: Pack): readonly Task[] {
    this.#forget(pack);
    const tasks: Task[] = [];
    for (let item = 0; item < pack.end; item++) tasks.push(this.#teller.single(pack, item));
    return tasks;
  }

  #putBack(tasks: readonly Task[]): readonly Task[] {
    this.#scheduler.resubmit(tasks.toReversed());
    return tasks;
  }

  /** The newest first: each goes back before all others, and so the oldest is in front at the end. */
  #newestFirst(): Pack[] {
    return [...this.#live.values()].sort((one, two) => two.firstKey - one.firstKey);
  }

  /** Takes apart all packs, or those of one map: whoever asks deals with tasks alone. */
  dissolve(plan?: PackPlan): void {
    const lanes = new Set<Lane>();
    for (const pack of this.#newestFirst()) {
      if (plan !== undefined && pack.plan !== plan) continue;
      if (pack.lane !== undefined) lanes.add(pack.lane);
      this.#dissolve(pack);
    }
    // What had not begun there is back in the queue, and no outcome will come that would have the lane given something. Whoever asks may
    // mean to end what is back.
    queueMicrotask(() => {
      for (const lane of lanes) if (lane.inFlight === 0) this.#effects.progressed(lane);
    });
  }

  /** Ends all items of a pack before their time. */
  end(pack: Pack, error: HeddleError): void {
    const { lane } = pack;
    for (const task of this.#dissolve(pack)) this.#effects.end(task, error);
    if (lane !== undefined) this.#effects.progressed(lane);
  }

  /** A pack could not be sent, since something in it does not clone: each of its items goes alone. */
  unsendable(task: Task): void {
    task.phase = 'settled';
    const pack = packOf(task);
    if (pack !== undefined) this.#putBack(this.#unpack(pack));
  }

  /** The item that runs on a lane may be past its time. */
  overdue(task: Task, lane: Lane): void {
    const pack = packOf(task);
    if (pack === undefined) return;
    this.#split(pack);
    const { runner } = pack;
    if (runner === undefined || runner.lane !== lane) return;
    const { timeoutMs } = runner.options;
    // Another may have begun meanwhile.
    const ranMs = ((this.#clock.now() | 0) - lane.startedMs(runner)) | 0;
    if (ranMs >= timeoutMs) this.#effects.end(runner, timeoutError(runner.entry.action.name, timeoutMs));
  }

  /**
   * A lane is gone, or will not go. What had not begun goes elsewhere, and of what had ended is told what the frame knows. Answers the tasks
   * that are lost with it, in the place of `begun`, which were on it, and how many more items
   * go elsewhere than tasks do.
   */
  lost(lane: Lane, begun: readonly Task[]): Lost {
    const lost = begun.filter((task) => packOf(task) === undefined);
    let moved = 0;
    for (const pack of this.#newestFirst()) {
      if (pack.lane !== lane) continue;
      // Taken back as a whole, and counted as one.
      if (pack.task.phase === 'queued') {
        moved += pack.uncounted;
        continue;
      }
      const rest = this.#closeFrame(pack);
      if (rest !== undefined) this.#scheduler.resubmit([rest.task]);
      moved += rest?.params.length ?? 0;
      this.#forget(pack);
      pack.task.phase = 'settled';
      lost.push(...this.#salvage(pack));
    }
    return { tasks: lost.filter(({ phase }) => phase !== 'settled'), moved };
  }

  /** Tells what the frame knows of a pack whose thread is gone; answers the items it knows nothing of. */
  #salvage(pack: Pack): readonly Task[] {
    const { frame, runner } = pack;
    const lost: Task[] = [];
    const ended = frame?.progress.ended ?? 0;
    // One that is a task of its own is among those that had begun.
    const end = runner === undefined ? pack.end : pack.end - 1;
    const from = pack.reported;
    pack.reported = end;
    for (let item = from; item < end; item++) {
      const outcome = frame !== undefined && item < ended ? frameOutcome(frame, item) : undefined;
      if (frame === undefined || outcome === undefined) lost.push(this.#lostItem(pack, item));
      else this.#teller.tell(pack, item, [outcome], frame.durations.slice(item, item + 1), pack.lane?.threadId);
    }
    return lost;
  }

  #lostItem(pack: Pack, item: number): Task {
    const task = this.#teller.single(pack, item);
    task.attempts = 1;
    task.threadId = pack.lane?.threadId;
    task.phase = 'sent';
    return task;
  }

  /** Tells of what has ended, as far as the frame alone knows. */
  #harvest(pack: Pack): void {
    const { frame } = pack;
    if (frame === undefined) return;
    const from = pack.reported;
    const { ended } = frame.progress;
    const outcomes: Outcome[] = [];
    for (let item = from; item < ended; item++) {
      const outcome = frameOutcome(frame, item);
      if (outcome === undefined) break;
      outcomes.push(outcome);
    }
    // One that is a task of its own is told of by its lane.
    if (pack.runner !== undefined && from + outcomes.length === pack.end) outcomes.pop();
    if (outcomes.length === 0) return;
    pack.reported = from + outcomes.length;
    this.#teller.tell(pack, from, outcomes, frame.durations.slice(from, pack.reported), pack.lane?.threadId);
  }

  #lookLater(): void {
    if (this.#looking) return;
    this.#looking = true;
    this.#clock.after(STALL_MS, () => this.#clock.turn(() => this.#look()), true);
  }

  /** Looks for packs whose item runs long. */
  #look(): void {
    this.#looking = false;
    for (const pack of [...this.#live.values()]) {
      const { frame, lane } = pack;
      if (frame === undefined || lane === undefined || pack.task.phase !== 'sent') continue;
      const { claimed, ended } = frame.progress;
      if (ended < claimed && claimed === pack.seen) {
        this.#split(pack);
        this.#harvest(pack);
      }
      pack.seen = claimed;
    }
    if (this.#live.size > 0) this.#lookLater();
  }
}
