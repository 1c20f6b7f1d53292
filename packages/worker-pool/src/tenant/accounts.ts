import { HeddleError } from '@heddle/core';
import type { Clock, Timer } from '../clock.ts';
import { Account } from './account.ts';
import { type ParsedTenants, UNLIMITED } from './limits.ts';

/** How often accounts are looked at of which only a rate is left. Milliseconds. */
const SWEEP_MS = 1000;

/**
 * The accounts of the tenants that have something: each is made when it is first asked for and dropped when nothing would be lost by it,
 * so that a hundred thousand tenants who do nothing hold nothing.
 */
export class Accounts implements Iterable<Account> {
  readonly #tenants: ParsedTenants;
  readonly #clock: Clock;
  readonly #accounts = new Map<string | undefined, Account>();
  // Invariant: those with nothing but a bucket that was not full, and some that have more again.
  readonly #filling = new Set<Account>();
  #sweep: Timer | undefined;
  #closed = false;

  constructor(tenants: ParsedTenants, clock: Clock) {
    this.#tenants = tenants;
    this.#clock = clock;
  }

  get size(): number {
    return this.#accounts.size;
  }

  [Symbol.iterator](): Iterator<Account> {
    return this.#accounts.values();
  }

  get(tenant: string | undefined): Account | undefined {
    return this.#accounts.get(tenant);
  }

  /** The account of a tenant. The caller says {@link rest} when it may have nothing left. */
  of(tenant: string | undefined): Account {
    const known = this.#accounts.get(tenant);
    if (known !== undefined) return known;
    const account = this.#open(tenant);
    this.#accounts.set(tenant, account);
    return account;
  }

  #open(tenant: string | undefined): Account {
    const nowMs = this.#clock.now();
    if (tenant === undefined) return new Account(undefined, UNLIMITED, undefined, nowMs);
    const { limits, faults } = this.#tenants.limitsOf(tenant);
    if (faults.length === 0) return new Account(tenant, limits, undefined, nowMs);
    const message = `The limits of tenant ${tenant} cannot be told: ${faults.join('; ')}`;
    return new Account(tenant, limits, new HeddleError('config_error', message, { details: { tenant, faults } }), nowMs);
  }

  /** Drops it if it has nothing. */
  rest(account: Account): void {
    if (!account.idle) return;
    if (this.#closed || account.bucket === undefined || account.bucket.isFull(this.#clock.now())) {
      this.#filling.delete(account);
      this.#accounts.delete(account.tenant);
      return;
    }
    this.#filling.add(account);
    this.#sweep ??= this.#clock.after(SWEEP_MS, () => this.#sweepNow(), true);
  }

  #sweepNow(): void {
    this.#sweep = undefined;
    const filling = [...this.#filling];
    this.#filling.clear();
    for (const account of filling) this.rest(account);
  }

  /** Nothing more is started: rates are forgotten, and no timer is left behind. */
  close(): void {
    this.#closed = true;
    this.#sweep?.cancel();
    this.#sweepNow();
  }
}
