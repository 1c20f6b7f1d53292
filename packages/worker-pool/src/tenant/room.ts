import type { Clock, Timer } from '../clock.ts';
import { SignalHub } from '../signal-hub.ts';
import type { Account } from './account.ts';

/** What is asked of a tenant's limits. */
export interface RoomLimits {
  /** Whether one more task of it may start now. */
  hasRoom(account: Account): boolean;
  /** Milliseconds until its rate allows one more; 0 = it does. */
  waitMs(account: Account): number;
  /** One who waited no longer does. */
  left(account: Account): void;
}

/** Those who wait until their tenant may start one more task, first come first. */
export class TenantRoom {
  readonly #clock: Clock;
  readonly #limits: RoomLimits;
  // Invariant: `account.waiters` is the length of its line; an empty one is not kept.
  readonly #lines = new Map<Account, (() => void)[]>();
  readonly #timers = new Map<Account, Timer>();
  readonly #signals = new SignalHub<() => void>((leave) => leave());
  #open = false;

  constructor(clock: Clock, limits: RoomLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Whether everybody is let through. */
  get isOpen(): boolean {
    return this.#open;
  }

  /** Whether whoever comes now has to wait: there is no room, or others stand there already. */
  mustWait(account: Account): boolean {
    return !this.#open && (account.waiters > 0 || !this.#limits.hasRoom(account));
  }

  /** Waits for room; at once where there is some, and when the signal aborts. */
  async enter(account: Account, signal: AbortSignal | undefined): Promise<void> {
    if (!this.mustWait(account)) return;
    // Not forgotten while somebody stands here, whatever else it has.
    account.entering++;
    await this.#wait(account, signal, 'push');
    while (!this.#open && signal?.aborted !== true && !this.#limits.hasRoom(account)) await this.#wait(account, signal, 'unshift');
    account.entering--;
    this.#limits.left(account);
    // The next is asked once this one has had its turn.
    queueMicrotask(() => queueMicrotask(() => this.wake(account)));
  }

  async #wait(account: Account, signal: AbortSignal | undefined, place: 'push' | 'unshift'): Promise<void> {
    if (signal?.aborted === true) return;
    let leave = (): void => {};
    await new Promise<void>((resolve) => {
      leave = () => {
        this.#remove(account, resolve);
        resolve();
      };
      const line = this.#lines.get(account) ?? [];
      line[place](resolve);
      this.#lines.set(account, line);
      account.waiters = line.length;
      if (signal !== undefined) this.#signals.add(signal, leave);
      this.#watchRate(account);
    });
    if (signal !== undefined) this.#signals.remove(signal, leave);
  }

  #remove(account: Account, resolve: () => void): void {
    const line = this.#lines.get(account);
    const index = line?.indexOf(resolve) ?? -1;
    if (line === undefined || index < 0) return;
    line.splice(index, 1);
    this.#left(account, line);
  }

  #left(account: Account, line: readonly unknown[]): void {
    account.waiters = line.length;
    if (line.length > 0) return;
    this.#lines.delete(account);
    this.#timers.get(account)?.cancel();
    this.#timers.delete(account);
  }

  /** Something of the tenant has left its queue or its lanes, or its rate allows one more: who waits longest is let in. */
  wake(account: Account): void {
    const line = this.#lines.get(account);
    if (line === undefined) return;
    if (!this.#open && !this.#limits.hasRoom(account)) {
      this.#watchRate(account);
      return;
    }
    const enter = line.shift();
    this.#left(account, line);
    enter?.();
  }

  wakeAll(): void {
    for (const account of [...this.#lines.keys()]) this.wake(account);
  }

  /** Nothing but time ends a wait for the rate. */
  #watchRate(account: Account): void {
    const waitMs = this.#limits.waitMs(account);
    if (waitMs === 0 || this.#timers.has(account)) return;
    const timer = this.#clock.after(Math.ceil(waitMs), () => {
      this.#timers.delete(account);
      this.wake(account);
    });
    this.#timers.set(account, timer);
  }

  /** Lets everybody through for good: what comes now is refused elsewhere. */
  open(): void {
    this.#open = true;
    for (const account of [...this.#lines.keys()]) for (let left = account.waiters; left > 0; left--) this.wake(account);
  }
}
