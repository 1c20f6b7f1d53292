import { OVERHEAD_US } from '../scheduler/estimate.ts';
import type { Schedulable, WaitLine } from '../scheduler/ports.ts';
import type { Account } from './account.ts';
import type { Accounts } from './accounts.ts';
import { FairLine, goesBefore } from './fair-line.ts';
import { Heap } from './heap.ts';

/** What a task is taken to cost of whose action nothing is known. Microseconds. */
const UNKNOWN_US = 1000;
/** What a task costs its host beside its run, so that no task is free. Microseconds. */
const TASK_US = 4 + OVERHEAD_US;

/** Tenants that may be known of only because they have used more than their share. Those who owe least are forgiven first. */
const MAX_PAYING = 10_000;

/** What is known of a task that is on a lane. */
export interface Seat<T extends Schedulable> {
  readonly queue: FairQueue<T>;
  readonly line: FairLine<T>;
  readonly nested: boolean;
  /** What it was charged when it went out. Microseconds. */
  readonly chargedUs: number;
  readonly sinceMs: number;
  /** It waits on its lane for a child since then, and has done so for so long before. */
  parkedSinceMs: number | undefined;
  parkedMs: number;
}

/** What a fair queue asks of its surroundings. */
export interface FairEffects {
  now(): number;
  /** More or fewer tasks of a tenant are on lanes than before. */
  changed(account: Account): void;
  /** Fewer wait of a tenant for whom somebody waits for room. */
  roomFreed(account: Account): void;
}

/**
 * Tasks that wait for a lane, a line for each tenant: the tenant goes first that has used least of the lanes' time, by its weight. What a
 * task will use is estimated when it goes out and put right when it comes back. One that was idle has saved nothing up, and starts where
 * virtual time is; one that has used more than its share waits until that has passed, unless nobody else waits.
 * Source: start-time fair queueing (Goyal, Vin and Cheng, 1996), over the virtual time of Parekh and Gallager (1993): it moves on with all that is
 * used, so that an endless row of tenants who come for the first time starves nobody.
 */
export class FairQueue<T extends Schedulable> implements WaitLine<T> {
  readonly #accounts: Accounts;
  readonly #effects: FairEffects;
  readonly #lines = new Map<Account, FairLine<T>>();
  // Invariant: `#ready` holds the lines with something that may go out, `#paying` those that have used more than virtual time has passed, and have nothing waiting or out.
  readonly #ready = new Heap<FairLine<T>>(goesBefore);
  readonly #paying = new Heap<FairLine<T>>(goesBefore);
  /** Virtual time: what a tenant of weight 1 has had that always had something waiting. Never goes back. Microseconds. */
  #virtual = 0;
  // Invariant: the sum of the weights of all lines.
  #weights = 0;
  #orders = 0;
  // Invariant: the sum of all lines' `ready`, and of all that wait.
  #size = 0;
  #all = 0;

  constructor(accounts: Accounts, effects: FairEffects) {
    this.#accounts = accounts;
    this.#effects = effects;
  }

  /** Those that may go out now. */
  get size(): number {
    return this.#size;
  }

  /** Those that wait for one of their own tenant to come back. */
  get held(): number {
    return this.#all - this.#size;
  }

  push(task: T): void {
    const line = this.#lineOf(task);
    line.tasks.push(task);
    this.#came(line, task);
    this.#update(line);
  }

  unshift(task: T): void {
    const seat = seatOf(task);
    const line = seat?.line ?? this.#lineOf(task);
    line.tasks.unshift(task);
    this.#came(line, task);
    if (seat !== undefined) this.back(task, seat);
    else this.#update(line);
  }

  replace(task: T, others: readonly T[]): void {
    const line = this.#lineOf(task);
    line.tasks.replace(task, others);
    for (const other of others) this.#came(line, other);
    this.#went(line, task);
    this.#update(line);
  }

  peek(nestedOnly: boolean): T | undefined {
    return this.#next(nestedOnly)?.tasks.peek();
  }

  shift(nestedOnly: boolean): T | undefined {
    const line = this.#next(nestedOnly);
    const task = line?.tasks.shift();
    if (line === undefined || task === undefined) return undefined;
    this.#virtual = Math.max(this.#virtual, line.start);
    this.#seat(line, task, this.#went(line, task));
    return task;
  }

  /** The line whose turn it is. */
  #next(nestedOnly: boolean): FairLine<T> | undefined {
    for (let line = this.#ready.first; line !== undefined; line = this.#ready.first) {
      const task = line.tasks.peek();
      if (task !== undefined && (task.nested || !nestedOnly)) return line;
      if (task !== undefined) return this.#nextNested();
      // What it had was withdrawn, and that will be told in a moment.
      line.leave();
    }
    return undefined;
  }

  /** Rarely asked for: only where lanes take nothing but children. */
  #nextNested(): FairLine<T> | undefined {
    let next: FairLine<T> | undefined;
    for (const line of this.#lines.values())
      if (line.nested > 0 && line.tasks.peek()?.nested === true && (next === undefined || goesBefore(line, next))) next = line;
    return next;
  }

  #seat(line: FairLine<T>, task: T, nested: boolean): void {
    const chargedUs = (task.estimate.us ?? UNKNOWN_US) + TASK_US;
    const seat: Seat<T> = {
      queue: this,
      line,
      nested,
      chargedUs,
      sinceMs: this.#effects.now(),
      parkedSinceMs: undefined,
      parkedMs: 0,
    };
    task.seat = seat;
    this.#countOut(line, nested, 1);
    line.charge(chargedUs);
    this.#update(line);
  }

  /** A task has come back that never ran: it has cost nothing. */
  back(task: T, seat: Seat<T>): void {
    this.#left(task, seat, 0);
  }

  /** An attempt of a task is over. `ranUs`: what its thread says; without, the thread is gone. */
  ran(task: T, seat: Seat<T>, ranUs: number | undefined): void {
    const nowMs = this.#effects.now();
    const parkedMs = seat.parkedMs + (seat.parkedSinceMs === undefined ? 0 : nowMs - seat.parkedSinceMs);
    const usedUs = (ranUs ?? (nowMs - seat.sinceMs) * 1000) - parkedMs * 1000;
    this.#left(task, seat, Math.max(0, usedUs) + TASK_US);
  }

  #left(task: T, { line, nested, chargedUs }: Seat<T>, usedUs: number): void {
    task.seat = undefined;
    this.#countOut(line, nested, -1);
    line.charge(usedUs - chargedUs);
    this.#virtual += usedUs / this.#weights;
    this.#update(line);
  }

  withdrawn(task: T): void {
    const account = this.#accounts.get(task.tenant);
    const line = account === undefined ? undefined : this.#lines.get(account);
    if (line === undefined) return;
    line.tasks.withdrawn();
    this.#went(line, task);
    this.#update(line);
  }

  /** Of the tenant with the most that waits: whoever floods the queue makes room in it. Nothing that belongs to a task which has begun. */
  oldest(): T | undefined {
    let longest: FairLine<T> | undefined;
    for (const line of this.#lines.values()) if (line.own > (longest?.own ?? 0)) longest = line;
    return longest?.tasks.oldest();
  }

  /** The task of a tenant that has waited longest at its lowest priority. */
  oldestOf(account: Account): T | undefined {
    const line = this.#lines.get(account);
    return line === undefined || line.own === 0 ? undefined : line.tasks.oldest();
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const { tasks } of this.#lines.values()) yield* tasks;
  }

  /** Something has changed for a tenant that this queue cannot know of. */
  changed(account: Account): void {
    const line = this.#lines.get(account);
    if (line !== undefined) this.#update(line);
  }

  #lineOf({ tenant }: T): FairLine<T> {
    const account = this.#accounts.of(tenant);
    const known = this.#lines.get(account);
    if (known !== undefined) return known;
    const line = new FairLine<T>(account, this.#orders++, this.#virtual);
    account.lines++;
    this.#weights += account.limits.weight;
    this.#lines.set(account, line);
    return line;
  }

  #came(line: FairLine<T>, task: T): void {
    this.#all++;
    if (line.came(task)) line.account.nestedQueued++;
    else line.account.queued++;
  }

  #went(line: FairLine<T>, task: T): boolean {
    this.#all--;
    const { account } = line;
    const nested = line.went(task);
    if (nested) account.nestedQueued--;
    else {
      account.queued--;
      if (account.waiters > 0) this.#effects.roomFreed(account);
    }
    return nested;
  }

  #countOut(line: FairLine<T>, nested: boolean, more: 1 | -1): void {
    line.out += more;
    if (nested) line.account.nestedRunning += more;
    else line.account.running += more;
    // Its tasks stand in another queue, too: what may go out there has changed.
    if (line.account.lines > 1) this.#effects.changed(line.account);
  }

  /** Puts a line where it belongs by what it has. */
  #update(line: FairLine<T>): void {
    const ready = line.countReady();
    this.#size += ready - line.ready;
    line.ready = ready;
    if (ready > 0) {
      // Who could not go out has saved nothing up.
      if (line.heap !== this.#ready) line.start = Math.max(line.start, this.#virtual);
      line.enter(this.#ready);
    } else if (line.waiting > 0 || line.out > 0) line.leave();
    else line.enter(this.#paying);
    this.#forgive();
  }

  /** Lets go of lines that have paid; of all, when nobody waits who would have to wait longer for it. */
  #forgive(): void {
    for (let line = this.#paying.first; line !== undefined; line = this.#paying.first) {
      if (line.start > this.#virtual && this.#ready.first !== undefined && this.#paying.size <= MAX_PAYING) return;
      this.#drop(line);
    }
  }

  #drop(line: FairLine<T>): void {
    line.leave();
    if (!this.#lines.delete(line.account)) return;
    line.account.lines--;
    // Sums of fractions drift; none are left with the last line.
    this.#weights = this.#lines.size === 0 ? 0 : this.#weights - line.account.limits.weight;
    this.#accounts.rest(line.account);
  }
}

/** What a task that is on a lane has. */
export function seatOf<T extends Schedulable>(task: T): Seat<T> | undefined {
  return task.seat as Seat<T> | undefined; // given above, and nowhere else
}
