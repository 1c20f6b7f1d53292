import type { HeddleError } from '@heddle/core';
import { toHeddleError } from '@heddle/core/engine';
import type { Clock, Timer } from '../clock.ts';
import type { LaneScheduler } from '../scheduler/ports.ts';
import type { ServiceSettings } from '../service/service-host.ts';
import type { Task } from '../task.ts';
import { Lane, type LaneEvents } from './lane.ts';
import { Readiness } from './readiness.ts';
import type { LaneThread, ThreadEnd, ThreadPool } from './thread-pool.ts';
import { type Overdue, Watch } from './watch.ts';

/** Milliseconds after `terminate` before a thread that has not ended counts as stuck in native code. */
const ZOMBIE_AFTER_MS = 1000;
/** Milliseconds without a new try after a thread could not be started, while other lanes still work. */
const REOPEN_AFTER_MS = 1000;
/** Milliseconds a replaced thread may wait for its replacement's first answer before it is terminated. */
const HANDOVER_MS = 5;

/** What a keeper tells its runtime. */
export interface KeeperEvents {
  readonly lane: Pick<LaneEvents, 'message' | 'unsendable' | 'runnerAt'>;
  readonly lost: LossEvents;
}

/** What becomes of lanes, and of tasks for it. But for those overdue, tasks named here are off their lane. */
export interface LossEvents {
  overdue(task: Task, what: Overdue): void;
  /** The lane is gone, by our hand (`killed`) or by its own; these had begun on it. */
  laneGone(lane: Lane, begun: readonly Task[], moved: number, end: ThreadEnd, killed: boolean): void;
  /** The thread ignores its end. What had begun on it has to be settled now. */
  zombie(lane: Lane, begun: readonly Task[]): void;
  zombieEnded(lane: Lane): void;
  openFailed(error: HeddleError): void;
}

/** What a keeper is made with. */
export interface KeeperOptions extends ServiceSettings {
  readonly minLanes: number;
  readonly loadTimeoutMs: number;
  readonly zombieLimit: number;
}

/** Where a lane's thread stands: it serves, waits to take another's place, was told to end, or ignores that. */
type LaneCondition = 'serving' | 'spare' | 'ending' | 'zombie';

/** A lane whose thread has not ended. */
export interface KeptLane {
  readonly lane: Lane;
  /** The lowest number that no other lane of the keeper had when it was opened. From 0. */
  readonly place: number;
  readonly condition: LaneCondition;
}

interface Kept {
  readonly place: number;
  readonly watch: Watch;
  /** Set when the thread is being ended by us; the lane is no longer the scheduler's. */
  killed: boolean;
  terminated: boolean;
  zombie: boolean;
  zombieTimer: Timer | undefined;
  /** Called at the lane's next message. */
  onAnswer: (() => void) | undefined;
}

/**
 * Opens, replaces and ends lanes.
 * A killed lane is replaced before it is missed: when somebody is being asked to end, a spare thread is started within the grace; at the
 * kill it takes the lane's place, and the old thread is terminated after the spare has answered.
 */
export class LaneKeeper {
  readonly #pool: ThreadPool;
  readonly #clock: Clock;
  readonly #options: KeeperOptions;
  readonly #scheduler: LaneScheduler<Task>;
  readonly #events: KeeperEvents;
  readonly #kept = new Map<Lane, Kept>();
  #spare: Lane | undefined;
  #spareOpening = false;
  #zombies = 0;
  #failedMs = Number.NEGATIVE_INFINITY;
  #closing = false;
  readonly #readiness: Readiness;
  lanesLost = 0;
  lanesKilled = 0;

  constructor(pool: ThreadPool, clock: Clock, options: KeeperOptions, scheduler: LaneScheduler<Task>, events: KeeperEvents) {
    this.#pool = pool;
    this.#clock = clock;
    this.#options = options;
    this.#scheduler = scheduler;
    this.#events = events;
    this.#readiness = new Readiness(scheduler);
  }

  get zombies(): number {
    return this.#zombies;
  }

  /** Lanes that serve. */
  *[Symbol.iterator](): Iterator<Lane> {
    for (const [lane, kept] of this.#kept) if (!kept.killed && lane !== this.#spare) yield lane;
  }

  /** Every lane with something on it, those being ended included. */
  all(): IterableIterator<Lane> {
    return this.#kept.keys();
  }

  /** Every lane whose thread has not ended, with where it stands. */
  *kept(): Generator<KeptLane> {
    for (const [lane, { place, killed, zombie }] of this.#kept) {
      const ending = zombie ? 'zombie' : 'ending';
      yield { lane, place, condition: killed ? ending : lane === this.#spare ? 'spare' : 'serving' };
    }
  }

  #freePlace(): number {
    const taken = new Set([...this.#kept.values()].map(({ place }) => place));
    let place = 0;
    while (taken.has(place)) place++;
    return place;
  }

  /** Opens lanes up to the minimum. */
  openMinimum(): void {
    this.openUpTo(this.#options.minLanes);
  }

  openUpTo(count: number): void {
    if (this.#closing) return;
    const wanted = Math.min(count, this.#scheduler.maxLanes) - this.#scheduler.lanes - this.#scheduler.opening;
    for (let opened = 0; opened < wanted; opened++) {
      this.#scheduler.laneOpening();
      this.open();
    }
  }

  /** Opens one lane; the scheduler has counted it as opening. */
  open(): void {
    if (this.#closing || (this.#clock.now() - this.#failedMs < REOPEN_AFTER_MS && this.#scheduler.lanes > 0)) {
      this.#scheduler.laneFailed();
      return;
    }
    this.#pool.open().then(
      (thread) => {
        // Too late: the pool ends it with the others.
        if (this.#closing) return;
        this.#scheduler.laneOpened(this.#keep(thread));
        this.#readiness.tell();
      },
      (thrown: unknown) => {
        this.#scheduler.laneFailed();
        this.#openFailed(thrown);
      },
    );
  }

  #openFailed(thrown: unknown): void {
    this.#failedMs = this.#clock.now();
    if (this.#closing) return;
    // What waits is given another try by itself, not only when something else happens.
    this.#clock.after(REOPEN_AFTER_MS, () => this.#reopen(), true);
    const error = toHeddleError(thrown);
    this.#events.lost.openFailed(error);
    this.#readiness.tell(error);
  }

  #reopen(): void {
    if (this.#closing) return;
    this.openUpTo(Math.max(this.#options.minLanes, this.#readiness.asked));
    this.#scheduler.flush();
  }

  /** Settles when `count` lanes serve, or with the error when one cannot be started. */
  ready(count: number): Promise<void> {
    return this.#readiness.wait(count);
  }

  #keep(thread: LaneThread): Lane {
    const events: LaneEvents = {
      message: (from, output) => {
        this.#events.lane.message(from, output);
        const kept = this.#kept.get(from);
        kept?.onAnswer?.();
      },
      unsendable: (from, task, error) => this.#events.lane.unsendable(from, task, error),
      sent: (to, tasks) => this.#kept.get(to)?.watch.sent(tasks),
      runnerAt: (pack, generation) => this.#events.lane.runnerAt(pack, generation),
      ended: (from, end) => this.#ended(from, end),
    };
    const lane = new Lane(thread, events, this.#options);
    const watch = new Watch(lane, this.#clock, this.#options.loadTimeoutMs, (task, what) => this.#events.lost.overdue(task, what));
    const place = this.#freePlace();
    this.#kept.set(lane, { place, watch, killed: false, terminated: false, zombie: false, zombieTimer: undefined, onAnswer: undefined });
    return lane;
  }

  /** Has a spare thread ready soon, with the lane's actions loaded: the lane may have to be killed. */
  prepareSpare(lane: Lane): void {
    if (this.#closing || this.#spare !== undefined || this.#spareOpening) return;
    this.#spareOpening = true;
    const opened = (spare: Lane | undefined): void => {
      this.#spareOpening = false;
      this.#spare = spare;
      spare?.preload(lane.loaded);
    };
    this.#pool.open().then(
      (thread) => opened(this.#closing ? undefined : this.#keep(thread)),
      (thrown: unknown) => {
        opened(undefined);
        this.#openFailed(thrown);
      },
    );
  }

  /** Ends a lane's thread, whatever runs on it. What has not begun goes elsewhere at once; what has is settled when the thread has ended. */
  kill(lane: Lane): void {
    const kept = this.#kept.get(lane);
    if (kept === undefined || kept.killed) return;
    kept.killed = true;
    kept.watch.stop();
    this.lanesKilled++;
    const spare = this.#spare;
    this.#spare = undefined;
    // The spare's place is taken before the lane's is given up, else the scheduler would open one more for it.
    if (spare !== undefined) this.#scheduler.laneOpening();
    this.#scheduler.retire(lane);
    this.#scheduler.laneClosed(lane);
    if (spare !== undefined) {
      this.#handOver(lane, kept, spare);
      return;
    }
    this.#terminate(lane, kept);
    this.openMinimum();
  }

  /** The spare takes the lane's place, and has its first work, before the old thread's end takes its millisecond of the main thread. */
  #handOver(lane: Lane, kept: Kept, spare: Lane): void {
    this.#scheduler.laneOpened(spare);
    const terminate = (): void => this.#terminate(lane, kept);
    const answering = this.#kept.get(spare);
    if (spare.inFlight === 0 || answering === undefined) {
      this.#clock.turn(terminate);
      return;
    }
    const limit = this.#clock.after(HANDOVER_MS, terminate);
    answering.onAnswer = () => {
      answering.onAnswer = undefined;
      limit.cancel();
      terminate();
    };
  }

  /** Replaces an idle lane. */
  dispose(lane: Lane): void {
    const kept = this.#kept.get(lane);
    if (kept === undefined || kept.killed) return;
    kept.killed = true;
    kept.watch.stop();
    if (this.#spare === lane) this.#spare = undefined;
    this.#scheduler.laneClosed(lane);
    this.#terminate(lane, kept);
    this.openMinimum();
  }

  #terminate(lane: Lane, kept: Kept): void {
    if (kept.terminated) return;
    kept.terminated = true;
    kept.zombieTimer = this.#clock.after(ZOMBIE_AFTER_MS, () => this.#declareZombie(lane, kept), true);
    lane.terminate();
  }

  #declareZombie(lane: Lane, kept: Kept): void {
    if (!this.#kept.has(lane)) return;
    kept.zombie = true;
    this.#zombies++;
    this.#reserve();
    const begun = lane.tasks();
    // With nothing in flight its port no longer keeps the process.
    for (const task of begun) lane.leave(task);
    this.#events.lost.zombie(lane, begun);
  }

  #reserve(): void {
    this.#scheduler.reserve(Math.max(0, this.#zombies - this.#options.zombieLimit));
  }

  #ended(lane: Lane, end: ThreadEnd): void {
    const kept = this.#kept.get(lane);
    if (kept === undefined) return;
    this.#kept.delete(lane);
    kept.watch.stop();
    kept.zombieTimer?.cancel();
    kept.onAnswer?.();
    if (this.#spare === lane) this.#spare = undefined;
    let moved = 0;
    if (!kept.killed) {
      this.lanesLost++;
      // Taking back needs nobody's help: the claims outlive the thread.
      moved = this.#scheduler.retire(lane);
      this.#scheduler.laneClosed(lane);
    }
    if (kept.zombie) {
      this.#zombies--;
      this.#reserve();
      this.#events.lost.zombieEnded(lane);
    }
    const begun = lane.tasks();
    for (const task of begun) lane.leave(task);
    this.#events.lost.laneGone(lane, begun, moved, end, kept.killed);
    this.openMinimum();
  }

  /** Ends every thread. Does not wait for one stuck in native code. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#readiness.close();
    for (const [lane, kept] of this.#kept) {
      kept.killed = true;
      kept.watch.stop();
      this.#scheduler.laneClosed(lane);
    }
    await new Promise<void>((resolve) => {
      const limit = this.#clock.after(ZOMBIE_AFTER_MS, resolve);
      const closed = (): void => {
        limit.cancel();
        resolve();
      };
      this.#pool.close().then(closed, closed);
    });
    for (const kept of this.#kept.values()) kept.zombieTimer?.cancel();
  }
}
