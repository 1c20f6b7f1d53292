import { HeddleError } from '@heddle/core';
import type { Clock } from '../clock.ts';
import type { Schedulable } from '../scheduler/ports.ts';
import type { Account } from './account.ts';
import { Accounts } from './accounts.ts';
import { FairQueue, type Seat, seatOf } from './fair-queue.ts';
import type { ParsedTenants, TenantLimits } from './limits.ts';
import { TenantRoom } from './room.ts';

/** One tenant at one moment. Counts are of tasks unless named otherwise. */
export interface TenantStats {
  /** `undefined` = of all tasks that belong to no tenant. */
  readonly tenant: string | undefined;
  /** Waiting at the host for a lane. */
  readonly queued: number;
  /** On a lane, begun or sent ahead. */
  readonly running: number;
  /** Coroutines, streams and agents that have not ended. */
  readonly stateful: number;
  /** Refused by a limit of the tenant's since it last had nothing at all. */
  readonly refused: number;
}

/** What a waiting task's tenant has to do with its waiting. */
export interface TenantTurn {
  readonly tenant: string | undefined;
  /** It waits for another of its tenant to come off its lane: all places are taken that the tenant may have. */
  readonly full: boolean;
  readonly concurrency: number;
  /** Other tenants with something that waits, with whom it takes turns. */
  readonly others: number;
}

/** What tenants look at. */
interface Lanes {
  /** Lanes with nothing on them. */
  readonly idle: number;
  readonly canGrow: boolean;
}

/** Which limit of a tenant is full. */
type TenantLimit = Exclude<keyof TenantLimits, 'concurrency' | 'burst' | 'weight'>;

/**
 * The tenants of one runtime: what each may start, and whose turn it is. Pure but for one timer a rate.
 * Guarantees: never more of a tenant's own tasks on lanes than its `concurrency`; a seat taken when a task goes out is given back exactly
 * once, however it comes back; a tenant with nothing holds nothing.
 */
export class Tenants<T extends Schedulable> {
  readonly #clock: Clock;
  readonly #accounts: Accounts;
  readonly #hosted = new Map<T, Account>();
  readonly #room: TenantRoom;
  /** Tasks that may share lanes, and those that want one alone. */
  readonly shared: FairQueue<T>;
  readonly isolated: FairQueue<T>;
  #lanes: Lanes = { idle: 0, canGrow: true };
  #ready: () => void = () => {};

  constructor(tenants: ParsedTenants, clock: Clock) {
    this.#clock = clock;
    this.#accounts = new Accounts(tenants, clock);
    const effects = {
      now: () => clock.now(),
      changed: (account: Account) => {
        this.shared.changed(account);
        this.isolated.changed(account);
      },
      roomFreed: (account: Account) => this.#room.wake(account),
    };
    this.shared = new FairQueue(this.#accounts, effects);
    this.isolated = new FairQueue(this.#accounts, effects);
    this.#room = new TenantRoom(clock, {
      hasRoom: (account) => account.fault !== undefined || this.#full(account) === undefined,
      waitMs: (account) => account.bucket?.waitMs(clock.now()) ?? 0,
      left: (account) => this.#accounts.rest(account),
    });
  }

  /** Whose lanes they are; `ready` is called when there may be something for one of them. */
  serve(lanes: Lanes, ready: () => void): void {
    this.#lanes = lanes;
    this.#ready = ready;
  }

  /** Why a tenant may not start one more task, if so. `entered`: it has waited for its room. */
  refusal(tenant: string, entered: boolean): HeddleError | undefined {
    const account = this.#accounts.of(tenant);
    const full = entered || account.fault !== undefined ? undefined : this.#full(account);
    if (full === undefined) return account.fault;
    account.refused++;
    return this.#refused(account, full);
  }

  #refused({ tenant, limits, bucket }: Account, limit: TenantLimit): HeddleError {
    const max = limits[limit];
    const retryAfterMs = limit === 'ratePerSecond' ? Math.ceil(bucket?.waitMs(this.#clock.now()) ?? 0) : undefined;
    const details = { tenant, limit, max, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    const stackLimit = Error.stackTraceLimit;
    // A flood is refused by the thousand, and a stack would tell of nothing but this library.
    Error.stackTraceLimit = 0;
    const error = new HeddleError('overloaded', `Tenant ${tenant} ${WHAT_IS_FULL[limit](max)} (\`tenants.${limit}\`)`, { details });
    Error.stackTraceLimit = stackLimit;
    return error;
  }

  #full(account: Account): TenantLimit | undefined {
    const { limits, bucket, queued, free } = account;
    if (bucket !== undefined && bucket.waitMs(this.#clock.now()) > 0) return 'ratePerSecond';
    const { idle, canGrow } = this.#lanes;
    // As at the door of a bounded queue: what a lane is free for does not wait.
    const room = limits.queueLimit + Math.min(free, idle);
    return queued < room || (queued === 0 && free > 0 && canGrow) ? undefined : 'queueLimit';
  }

  /** A task of a tenant has been let in: it counts in its rate. */
  admitted(tenant: string | undefined): void {
    if (tenant !== undefined) this.#accounts.of(tenant).bucket?.take(this.#clock.now());
  }

  /** The task that a full queue lets go for the next of the same tenant. */
  oldestOf(tenant: string): T | undefined {
    const account = this.#accounts.get(tenant);
    return account === undefined ? undefined : (this.shared.oldestOf(account) ?? this.isolated.oldestOf(account));
  }

  /** Whether whoever comes now for a tenant has to wait for {@link enter} first. */
  mustWait(tenant: string): boolean {
    const account = this.#accounts.of(tenant);
    const must = this.#room.mustWait(account);
    this.#accounts.rest(account);
    return must;
  }

  /** Whether a tenant may start one more task, whoever waits for it. */
  hasRoom(tenant: string): boolean {
    const account = this.#accounts.of(tenant);
    const has = this.#room.isOpen || account.fault !== undefined || this.#full(account) === undefined;
    this.#accounts.rest(account);
    return has;
  }

  /** Waits until a tenant may start one more task; others may be quicker to do so: see {@link hasRoom}. */
  async enter(tenant: string, signal: AbortSignal | undefined): Promise<void> {
    if (this.mustWait(tenant)) await this.#room.enter(this.#accounts.of(tenant), signal);
  }

  /** A lane may have become free for those who wait outside. */
  admit(): void {
    if (this.#lanes.idle > 0 || this.#lanes.canGrow) this.#room.wakeAll();
  }

  /** Lets everybody through for good: the runtime is being closed. */
  open(): void {
    this.#room.open();
    this.#accounts.close();
  }

  /** A coroutine, a stream or an agent starts: it is counted until {@link hostEnded}. Why it may not, if so; then it is counted all the same. */
  host(task: T): HeddleError | undefined {
    const { tenant } = task;
    if (tenant === undefined) return undefined;
    const account = this.#accounts.of(tenant);
    account.stateful++;
    this.#hosted.set(task, account);
    if (task.nested) return undefined;
    if (account.fault !== undefined) return account.fault;
    const { limits, bucket } = account;
    const nowMs = this.#clock.now();
    const isFast = bucket !== undefined && bucket.waitMs(nowMs) > 0;
    if (account.stateful <= limits.stateful && !isFast) {
      bucket?.take(nowMs);
      return undefined;
    }
    account.refused++;
    return this.#refused(account, isFast ? 'ratePerSecond' : 'stateful');
  }

  /** An attempt of a task has run for so long, by its thread. */
  ran(task: T, us: number): void {
    this.#comesBack(task, (seat) => seat.queue.ran(task, seat, us));
  }

  /** An attempt is over: if it was not told of by {@link ran}, its thread is gone. */
  over(task: T): void {
    this.#comesBack(task, (seat) => seat.queue.ran(task, seat, undefined));
  }

  /** A task has settled: whatever it still held is given back. */
  settled(task: T): void {
    this.#comesBack(task, (seat) => seat.queue.back(task, seat));
    const hosted = this.#hosted.get(task);
    if (hosted !== undefined) {
      this.#hosted.delete(task);
      hosted.stateful--;
    }
    const account = this.#accounts.get(task.tenant);
    if (account === undefined) return;
    if (account.waiters > 0) this.#room.wake(account);
    this.#accounts.rest(account);
  }

  #comesBack(task: T, give: (seat: Seat<T>) => void): void {
    const seat = seatOf(task);
    if (seat === undefined) return;
    const { account } = seat.line;
    const before = this.shared.size + this.isolated.size;
    give(seat);
    if (account.waiters > 0) this.#room.wake(account);
    // One of the same tenant may go out now, and maybe to another lane.
    if (this.shared.size + this.isolated.size > before) this.#ready();
  }

  /** A task that has begun waits for a child, or no longer does: the lane's time is not its own meanwhile. */
  parks(task: T, parked: boolean): void {
    const seat = seatOf(task);
    if (seat === undefined) return;
    const nowMs = this.#clock.now();
    if (seat.parkedSinceMs !== undefined) seat.parkedMs += nowMs - seat.parkedSinceMs;
    seat.parkedSinceMs = parked ? nowMs : undefined;
  }

  /** Why it is not a task's turn, as far as its tenant goes. */
  turnOf({ tenant, nested }: T): TenantTurn {
    const own = this.#accounts.get(tenant);
    const others = [...this.#accounts].filter((account) => account !== own && account.queued + account.nestedQueued > 0).length;
    const concurrency = own?.limits.concurrency ?? Number.POSITIVE_INFINITY;
    return { tenant, full: !nested && own !== undefined && own.free === 0, concurrency, others };
  }

  /** How many tenants are known of. */
  get size(): number {
    return this.#accounts.size;
  }

  stats(): TenantStats[] {
    return [...this.#accounts].map(({ tenant, queued, running, nestedQueued, nestedRunning, stateful, refused }) => ({
      tenant,
      queued: queued + nestedQueued,
      running: running + nestedRunning,
      stateful,
      refused,
    }));
  }
}

const WHAT_IS_FULL: { readonly [L in TenantLimit]: (max: number) => string } = {
  queueLimit: (max) => `has ${max} tasks waiting already`,
  ratePerSecond: (max) => `has started more than ${max} tasks a second`,
  stateful: (max) => `has ${max} coroutines, streams and agents open already`,
};
